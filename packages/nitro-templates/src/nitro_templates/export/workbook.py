"""Rows as a workbook of Excel, written to a file on disk and sent from there.

A text is always written as text, whatever it begins with: never as formula, link or number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, TypeAlias

from xlsxwriter import Workbook

from .files import Sheet
from .values import Plain, as_text

_CHUNK = 64 * 1024
_MOST_ROWS = 1_048_576
_LONGEST = 32_767
"""Characters of one cell, and the rows of one sheet: beyond them Excel calls a file damaged."""
_EXACT = 10**15
"""Excel keeps 15 digits; a longer number is written as text, so that none is lost."""
_FIRST_DAY = date(1900, 3, 1)
"""Before it Excel counts a day that never was."""

Formats: TypeAlias = dict[type, Any]


class TooManyRows(ValueError):
    """A sheet of Excel has no place for so many rows."""


def chunks(sheet: Sheet) -> Iterator[bytes]:
    """Write the whole workbook to disk, then yield it: a file that fails is never begun."""
    with TemporaryFile() as file:
        with TemporaryDirectory() as folder:
            _write(sheet, file, folder)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _write(sheet: Sheet, file: Any, folder: str) -> None:
    options = {
        "constant_memory": True,
        "tmpdir": folder,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book: Any = Workbook(file, options)
    book.use_zip64()
    page = book.add_worksheet()
    bold = book.add_format({"bold": True})
    formats: Formats = {
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
        time: book.add_format({"num_format": "hh:mm:ss"}),
    }
    for number, head in enumerate(sheet.heads):
        page.write_string(0, number, _fit(head), bold)
    page.freeze_panes(1, 0)
    try:
        _rows(sheet, page, formats)
    except BaseException:
        # its temporary files are closed, what it has written is thrown away
        book.close()
        raise
    book.close()


def _rows(sheet: Sheet, page: Any, formats: Formats) -> None:
    line = 0
    for batch in sheet.batches:
        for row in batch:
            line += 1
            if line >= _MOST_ROWS:
                msg = f"Excel takes {_MOST_ROWS - 1:,} rows. Narrow the search, or choose CSV"
                raise TooManyRows(msg)
            for number, value in enumerate(row):
                _cell(page, line, number, value, formats)


def _cell(page: Any, line: int, number: int, value: Plain, formats: Formats) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(line, number, value)
    elif isinstance(value, int | float | Decimal) and _is_exact(value):
        page.write_number(line, number, value)
    elif isinstance(value, date | time) and _is_known(value):
        kind: Callable[..., object] = page.write_datetime
        kind(line, number, value, formats[type(value)])
    else:
        page.write_string(line, number, _fit(as_text(value)))


def _is_exact(value: float | Decimal) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite() and len(value.as_tuple().digits) <= 15
    return math.isfinite(value) and (isinstance(value, float) or -_EXACT < value < _EXACT)


def _is_known(value: date | time) -> bool:
    # Excel knows no time zones
    if isinstance(value, time):
        return value.tzinfo is None
    if isinstance(value, datetime):
        return value.tzinfo is None and value.date() >= _FIRST_DAY
    return value >= _FIRST_DAY


def _fit(text: str) -> str:
    return text.encode("utf-8", "replace").decode()[:_LONGEST]
