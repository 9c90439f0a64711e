"""Texts of ours in the language of the reader."""

from .reader import Reader, current_reader, reader_for, reading
from .texts import gettext, grouped, inside, later, ngettext, placed, spoken

__all__ = [
    "Reader",
    "current_reader",
    "gettext",
    "grouped",
    "inside",
    "later",
    "ngettext",
    "placed",
    "reader_for",
    "reading",
    "spoken",
]
