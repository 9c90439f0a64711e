"""Finding text in text without regard to case, in any script.

The meaning everywhere is: the casefolded needle is a part of the casefolded text. Databases
fold ASCII only, but fast; this module says when that is enough.
"""

from functools import cache
from typing import NamedTuple

from nitro_entities.errors import InvalidQuery

_LONGEST_PATTERN = 40_000  # SQLite refuses LIKE patterns over 50,000 bytes


class Needle(NamedTuple):
    """A text to look for, prepared once.

    *pattern* is the LIKE pattern that finds it in texts of ASCII only, escaped with a
    backslash; None when no such text can contain it. *special* are the other characters whose
    folding could take part in a match: a text without them is decided by the pattern alone.
    None means that any character outside ASCII could.
    """

    folded: str
    pattern: str | None
    special: tuple[str, ...] | None


def needle(text: object) -> Needle:
    """Prepare *text* for searching. Raises InvalidQuery for what is none."""
    if not isinstance(text, str):
        msg = f"A search takes text, not {text!r}"
        raise InvalidQuery(msg)
    folded = text.casefold()
    if not folded.isascii():
        return Needle(folded, None, None)
    if "\0" in folded or len(folded) > _LONGEST_PATTERN:
        return Needle(folded, None, None)
    return Needle(folded, f"%{escape_like(folded)}%", _special_for(folded))


def escape_like(text: str) -> str:
    """Take the meaning from the wildcards in *text*."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def found(folded: str, text: str | None) -> bool:
    """Say whether *text* contains the needle that was folded before."""
    return text is not None and folded in text.casefold()


@cache
def _folding_to_ascii() -> tuple[tuple[str, str], ...]:
    """List the characters outside ASCII whose folding has a character of ASCII in it."""
    pairs = ((chr(code), chr(code).casefold()) for code in range(128, 0x20000))
    return tuple((char, fold) for char, fold in pairs if any(c < "\x80" for c in fold))


def _special_for(folded: str) -> tuple[str, ...]:
    return tuple(char for char, fold in _folding_to_ascii() if _overlap(folded, fold))


def _overlap(folded: str, fold: str) -> bool:
    """Say whether a match of *folded* could use a character out of *fold*."""
    if folded in fold or fold in folded:
        return True
    return any(
        folded.startswith(fold[cut:]) or folded.endswith(fold[:cut]) for cut in range(1, len(fold))
    )
