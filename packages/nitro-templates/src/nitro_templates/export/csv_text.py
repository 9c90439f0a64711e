"""Rows as CSV, as RFC 4180 writes it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from .files import Sheet
from .values import Plain, as_text, defused

_BOM = "\ufeff"


def chunks(sheet: Sheet) -> Iterator[bytes]:
    """Yield the heading with the first rows, then batch by batch."""
    options = sheet.options
    text = _text_defused if options.defuse else as_text
    page = StringIO(newline="")
    writer = csv.writer(page, delimiter=options.separator, lineterminator="\r\n")
    page.write(_BOM if options.bom else "")
    writer.writerow([text(head) for head in sheet.heads])
    for batch in sheet.batches:
        writer.writerows([[text(value) for value in row] for row in batch])
        yield _taken(page)
    rest = _taken(page)
    if rest:
        yield rest


def _text_defused(value: Plain) -> str:
    text = as_text(value)
    # numbers stay numbers: no text can be behind them
    return defused(text) if isinstance(value, str | list) else text


def _taken(page: StringIO) -> bytes:
    text = page.getvalue()
    page.seek(0)
    page.truncate()
    return text.encode("utf-8", "replace")
