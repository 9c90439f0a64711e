"""Rows of the first sheet of an XLSX file.

Such a file is an archive of XML. Both can be made to grow beyond measure when they are opened, so
what is in it is measured before, and XML that defines entities is refused.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from importlib import import_module
from io import BytesIO
from typing import Any, NoReturn
from xml.parsers.expat import ExpatError, ParserCreate

from nitro_templates.i18n import gettext as _

from .sheet import Limits, Sheet, Unreadable, gathered

_MOST_PARTS = 2000
_CHUNK = 256 * 1024
_PER_CELL = 4
"""How many elements a cell may have on average, with its text that is kept elsewhere."""
_PER_ROW = 20
"""How many elements a row may have for each column that is allowed: it is read as a whole."""
_AT_ONCE = 50_000
"""How many elements a part may have that is read as a whole: styles, names, relations."""
_UNKNOWN = _AT_ONCE + 1
# RuntimeError: it asks for a password
_DAMAGED = (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError, ValueError)


def check_installed() -> None:
    """Raise ImportError that says what to install, if XLSX files cannot be read."""
    _library()


def read(content: bytes, limits: Limits) -> Sheet:
    """Read the first sheet. Raises Unreadable."""
    reader_of = _library().reader.excel.ExcelReader
    counts = _measure(content, limits)
    try:
        reader = reader_of(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        reader.archive = _Measured(BytesIO(content), counts)
        reader.read()
        book = reader.wb
        try:
            sheet = book.worksheets[0]
            return gathered("xlsx", _rows(sheet, limits), limits)
        finally:
            book.close()
    except Unreadable:
        raise
    except Exception:  # whatever a damaged file makes of its reader
        raise Unreadable(_("This file is damaged, or no XLSX file.")) from None


def _measure(content: bytes, limits: Limits) -> dict[str, int]:
    """Count the elements of each part. Raises Unreadable for what would not fit into memory."""
    try:
        archive = zipfile.ZipFile(BytesIO(content))
        parts = archive.infolist()
        total = sum(part.file_size for part in parts)
        if len(parts) > _MOST_PARTS or total > limits.expanded:
            raise Unreadable(_("What is packed in this file is too large."))
        elements = _Elements(limits)
        return {part.filename: elements.count(archive, part) for part in parts}
    except Unreadable:
        raise
    except _DAMAGED:
        raise Unreadable(_("This file is damaged, or no XLSX file.")) from None


class _Elements:
    """Counts the elements of XML without keeping any: each costs far more memory than it has
    characters, and an archive of some kilobytes has millions of them."""

    def __init__(self, limits: Limits) -> None:
        self._left = _AT_ONCE + _PER_CELL * limits.cells
        self._per_row = _PER_ROW * limits.columns
        self._in_row = self._found = 0

    def count(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
        """Read *part* to its end: so it is also as long as it says."""
        self._in_row = self._found = 0
        parser = ParserCreate()
        parser.StartElementHandler = self._begin
        parser.StartDoctypeDeclHandler = _refuse
        with archive.open(part) as opened:
            try:
                while chunk := opened.read(_CHUNK):
                    parser.Parse(chunk, False)
                parser.Parse(b"", True)
            except ExpatError:  # a picture, or nothing that its reader could read either
                return _UNKNOWN
        return self._found

    def _begin(self, name: str, _attributes: object) -> None:
        self._found += 1
        self._left -= 1
        self._in_row = 0 if name.rpartition(":")[2] == "row" else self._in_row + 1
        if self._left < 0 or (self._in_row > self._per_row and self._found > _AT_ONCE):
            raise Unreadable(_("What is packed in this file is too large."))


class _Measured(zipfile.ZipFile):
    """An archive whose parts can be read as a whole only if there is not much in them."""

    def __init__(self, file: BytesIO, counts: Mapping[str, int]) -> None:
        super().__init__(file)
        self._counts = counts

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        """Answer a part. Raises Unreadable."""
        known = name if isinstance(name, str) else name.filename
        if self._counts.get(known, _UNKNOWN) > _AT_ONCE:
            raise Unreadable(_("What is packed in this file is too large."))
        return super().read(name, pwd)


def _refuse(*_said: object) -> NoReturn:
    raise Unreadable(_("This file is damaged, or no XLSX file."))


def _rows(sheet: Any, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    cells = 0
    for seen, row in enumerate(sheet.iter_rows(values_only=True), 1):
        cells += len(row)
        # rows and columns that are not there cost time too: a single cell may stand far away
        if seen > 2 * limits.rows + 1000 or cells > 10 * limits.cells:
            raise Unreadable(_("This sheet is too large. Delete empty rows and columns."))
        yield seen, [_text(value) for value in row]


def _text(value: object) -> str:
    """Write a value as somebody would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _library() -> Any:
    try:
        openpyxl = import_module("openpyxl")
    except ImportError as error:
        msg = 'To import XLSX files, run: pip install "nitro-templates[imports]"'
        raise ImportError(msg) from error
    return openpyxl
