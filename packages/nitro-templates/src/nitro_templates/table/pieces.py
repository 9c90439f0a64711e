"""Markup of a table that knows its rows, so that a stream can send those that changed alone."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["InRows"]


class InRows(str):
    """The markup of a view: the text itself, its rows, and what is around them."""

    __slots__ = ("frame", "pieces")

    frame: str
    """The markup without its rows."""
    pieces: Mapping[str, str]
    """The markup of each row by its element id, in order."""

    @classmethod
    def of(cls, text: str, rows: Mapping[str, str]) -> InRows:
        """Answer *text*, in which *rows* stand one behind the other."""
        made = cls(text)
        made.pieces = rows
        made.frame = text.replace("".join(rows.values()), "", 1) if rows else text
        return made
