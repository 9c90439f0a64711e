"""Rows of CSV, whichever separator they have."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO

from nitro_templates.i18n import gettext as _

from .sheet import Limits, Sheet, Unreadable, Way, gathered
from .text import decoded

SEPARATORS = {",": ",", ";": ";", "\t": "Tab", "|": "|"}
"""What somebody may choose, with what it is called."""
# what an export of ours puts before a text that a spreadsheet would take for a formula
_DEFUSED = re.compile(r"'(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")
# (it always fits, and so passes over any number of blanks once)
_INSIDE = re.compile(r"([;\t\r\n]\s*)(?:'(?=[=+\-@\uff1d\uff0b\uff0d\uff20]))?")


def read(content: bytes, way: Way, limits: Limits) -> Sheet:
    """Read CSV. Raises Unreadable."""
    text, encoding, notes = decoded(content, way.encoding)
    if way.separator and way.separator not in SEPARATORS:
        raise Unreadable(_("There is no separator of that name here."))
    first, text = _said_in(text)
    separator = way.separator or first or _separator_of(text)
    rows = _rows(text, separator, limits)
    return gathered("csv", rows, limits, Way(encoding, separator), notes)


def _said_in(text: str) -> tuple[str, str]:
    """Answer what the first line says of the separator, as Excel writes it, and the rest."""
    line, _end, rest = text.partition("\n")
    line = line.rstrip("\r")
    if len(line) == 5 and line.startswith("sep=") and line[4] in SEPARATORS:
        return line[4], rest
    return "", text


def _separator_of(text: str) -> str:
    """Answer what stands most often outside of quotes in the first lines."""
    counts = dict.fromkeys(SEPARATORS, 0)
    quoted = False
    for line in text.splitlines()[:5]:
        for sign in line[:10_000]:
            if sign == '"':
                quoted = not quoted
            elif not quoted and sign in counts:
                counts[sign] += 1
        if any(counts.values()) and not quoted:
            break
    return max(counts, key=lambda sign: counts[sign])


def _rows(text: str, separator: str, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for row in reader:
            number += 1
            if len(row) > limits.columns:
                raise Unreadable(
                    _("Row {row} has too many columns: {count}.", row=number, count=len(row))
                )
            yield number, [as_meant(cell) for cell in row]
    except csv.Error as error:
        raise Unreadable(
            _("Row {row} is no CSV: {reason}", row=number + 1, reason=str(error))
        ) from None


def as_meant(text: str) -> str:
    """Take away the apostrophe by which an export keeps a text from being run as a formula."""
    if "'" not in text:
        return text
    text = _INSIDE.sub(r"\1", text)
    return text[1:] if _DEFUSED.match(text) else text
