"""Reads text in the character sets that the web knows, and in no other."""

from __future__ import annotations

import codecs
import json

from nitro_events.texts import Text

__all__ = ["BadText", "UnknownCharset", "decoded", "known_charset"]

# Python's codecs also hold those that unpack, escape or translate; these only spell
_KNOWN = frozenset(
    {"utf-8", "utf-8-sig", "ascii", "utf-16", "utf-16-le", "utf-16-be"}
    | {"utf-32", "utf-32-le", "utf-32-be", "mac-roman", "koi8-r", "koi8-u", "hz", "tis-620"}
    | {f"iso8859-{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)}
    | {f"cp{number}" for number in (866, 874, 932, 949, 950, *range(1250, 1259))}
    | {"gb2312", "gbk", "gb18030", "big5", "big5hkscs", "euc_jp", "euc_kr", "shift_jis"}
    | {"iso2022_jp"}
)


class UnknownCharset(LookupError):
    """A text says that it is written in something that is not read here."""


class BadText(ValueError):
    """A text is not written in what it says."""


def decoded(raw: bytes, charset: str | None = None) -> str:
    """Return *raw* as text, read as *charset* says, else as the UTF that it looks like.

    Raises UnknownCharset, or BadText for bytes that cannot be that.
    """
    if charset is not None:
        name = known_charset(charset)
    elif raw.startswith(b"{") and raw[1:2] != b"\0":
        name = "utf-8"  # as nearly all that comes
    else:
        name = json.detect_encoding(raw)
    try:
        text = raw.removeprefix(codecs.BOM_UTF8).decode() if name == "utf-8" else raw.decode(name)
    except UnicodeError:
        msg = Text("This is not {charset}", charset=name.upper())
        raise BadText(msg) from None
    return text.removeprefix("\ufeff")


def known_charset(charset: str) -> str:
    """Return Python's name of *charset*. Raises UnknownCharset if it is not read here."""
    try:
        name = codecs.lookup(charset.strip().strip("\"'")).name if len(charset) < 40 else ""
    except (LookupError, ValueError, UnicodeError):
        name = ""
    if name not in _KNOWN:
        shown = repr(charset[:40])
        msg = Text("Send UTF-8; the charset {charset} is not read here", charset=shown)
        raise UnknownCharset(msg)
    return name
