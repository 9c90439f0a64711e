"""Bytes as text: what was meant is found out where it can be known, and asked where it cannot."""

from __future__ import annotations

import codecs

from nitro_templates.i18n import gettext as _

from .sheet import Unreadable

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "iso8859-15": "ISO-8859-15 (Western Europe)",
}
"""What somebody may choose, by the name that Python knows."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(content: bytes, wanted: str = "") -> tuple[str, str, tuple[str, ...]]:
    """Answer the text, the encoding it was read in, and what to look at. Raises Unreadable."""
    if wanted and wanted not in ENCODINGS:
        raise Unreadable(_("There is no encoding of that name here."))
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise Unreadable(_("Save this file as UTF-8: UTF-32 is not read."))
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    if marked:  # it says so itself, whatever else is said
        return _strict(content, marked), marked, ()
    if wanted:
        return _strict(content, _without_mark(content, wanted)), wanted, ()
    if b"\0" in content[:1000]:
        if _looks_like_utf16(content):
            return _strict(content, _without_mark(content, "utf-16")), "utf-16", ()
        raise Unreadable(_("This is no text file."))
    try:
        return _strict(content, "utf-8"), "utf-8", ()
    except Unreadable:
        note = _("This file is not UTF-8. Look at letters with accents: are they right?")
        return _strict(content, "cp1252"), "cp1252", (note,)


def _strict(content: bytes, encoding: str) -> str:
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError:
        name = ENCODINGS.get(encoding, encoding)
        raise Unreadable(
            _("This file cannot be read as {encoding}. Choose another encoding.", encoding=name)
        ) from None
    if "\0" in text:
        raise Unreadable(_("This is no text file."))
    return text


def _without_mark(content: bytes, encoding: str) -> str:
    """Answer which order of bytes is meant where nothing says it."""
    if encoding != "utf-16":
        return encoding
    return "utf-16-be" if content[:1] == b"\0" else "utf-16-le"


def _looks_like_utf16(content: bytes) -> bool:
    start = content[: 1000 & ~1]
    even, odd = start[::2].count(0), start[1::2].count(0)
    return max(even, odd) > len(start) // 8 and min(even, odd) < len(start) // 32 + 1
