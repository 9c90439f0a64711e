"""Texts that every store can keep."""

from __future__ import annotations

__all__ = ["storable"]


def storable(text: str) -> str:
    """Return *text* with what no database keeps written out: NUL, and half of a surrogate pair."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")
