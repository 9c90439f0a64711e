"""Rows of the first sheet of an XLSX file.

Such a file is an archive of XML. Both can be made to grow beyond measure when they are opened, so
what is in it is measured before, and XML that defines entities is refused.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from importlib import import_module
from io import BytesIO
from typing import Any

from nitro_templates.i18n import gettext as _

from .sheet import Limits, Sheet, Unreadable, gathered

_MOST_PARTS = 2000
_CHUNK = 256 * 1024
_ENTITIES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# RuntimeError: it asks for a password
_DAMAGED = (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError, ValueError)
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


def check_installed() -> None:
    """Raise ImportError that says what to install, if XLSX files cannot be read."""
    _library()


def read(content: bytes, limits: Limits) -> Sheet:
    """Read the first sheet. Raises Unreadable."""
    openpyxl = _library()
    _measure(content, limits)
    try:
        book = openpyxl.load_workbook(
            BytesIO(content), read_only=True, data_only=True, keep_links=False, keep_vba=False
        )
        try:
            sheet = book.worksheets[0]
            return gathered("xlsx", _rows(sheet, limits), limits)
        finally:
            book.close()
    except Unreadable:
        raise
    except Exception:  # whatever a damaged file makes of its reader
        raise Unreadable(_("This file is damaged, or no XLSX file.")) from None


def _measure(content: bytes, limits: Limits) -> None:
    try:
        archive = zipfile.ZipFile(BytesIO(content))
        parts = archive.infolist()
        total = sum(part.file_size for part in parts)
        if len(parts) > _MOST_PARTS or total > limits.expanded:
            raise Unreadable(_("What is packed in this file is too large."))
        for part in parts:
            if part.filename.endswith((".xml", ".rels", ".vml")):
                _look_at(archive, part)
    except Unreadable:
        raise
    except _DAMAGED:
        raise Unreadable(_("This file is damaged, or no XLSX file.")) from None


def _look_at(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse what is no plain XML: read to its end, it is also as long as it says."""
    before = b""
    with archive.open(part) as opened:
        while chunk := opened.read(_CHUNK):
            if (not before and chunk.startswith(_UTF16)) or _ENTITIES.search(before + chunk):
                raise Unreadable(_("This file is damaged, or no XLSX file."))
            before = chunk[-32:]


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
