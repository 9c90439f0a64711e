"""What a cell holds, as a value that a file can carry."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from html.parser import HTMLParser
from typing import TypeAlias, cast

from nitro_templates.escape import HasHtml
from nitro_templates.fields.cells import cell
from nitro_templates.fields.formats import text_of
from nitro_templates.fields.written import Written

Plain: TypeAlias = "str | bool | int | float | Decimal | date | time | list[Plain] | None"
"""What is left of a value: text, yes or no, a number, a moment, or several of them."""

_BLOCKS = ("br", "div", "li", "p", "td")
_KEPT = (bool, int, float, Decimal, date, time)
# what spreadsheets take for the begin of a formula, also behind blanks; the wide ones are what
# East Asian keyboards type, and Excel reads them as the narrow ones
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
# where a spreadsheet of another country, or one that is told so, begins a cell inside a text
# (it always fits, and so passes over any number of blanks once)
_INSIDE = re.compile(r"[;\t\r\n]\s*([=+\-@\uff1d\uff0b\uff0d\uff20])?")


def plain(value: object) -> Plain:
    """Answer *value* without how it is shown: of markup its text, of a choice its label."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, enum.Enum):
        return text_of(value)
    if isinstance(value, _KEPT):
        return value
    if isinstance(value, Written):
        return plain(value.value)
    if isinstance(value, HasHtml):
        return text_in(value.__html__())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in cast("Iterable[object]", value)]
    return str(value) if isinstance(value, str) else text_in(cell(value))


def as_text(value: Plain) -> str:
    """Write *value* as programs read it: no thousands separators, dates as ISO."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(map(as_text, value))
    return str(value)


def defused(text: str) -> str:
    """Keep a spreadsheet from running *text*: an apostrophe goes before what begins a formula."""
    if ";" in text or "\n" in text or "\t" in text or "\r" in text:
        text = _INSIDE.sub(_defused_inside, text)
    return f"'{text}" if _FORMULA.match(text) else text


def _defused_inside(found: re.Match[str]) -> str:
    return found[0] if found[1] is None else f"{found[0][:-1]}'{found[1]}"


def text_in(markup: str) -> str:
    """Answer the text that *markup* shows."""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    reader = _Texts()
    reader.feed(markup)
    reader.close()
    return " ".join("".join(reader.found).split())


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "style"):
            self._silent += 1
        elif tag in _BLOCKS:
            self.found.append(" ")
        elif given.get("role") == "img" and given.get("aria-label") == "empty":
            self._silent += 1  # the dash of an empty cell

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag in ("script", "style", "span"):
            self._silent -= 1
        elif tag in _BLOCKS:
            self.found.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)
