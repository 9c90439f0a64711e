"""Bytes in forms: a file to choose, the size of the stored one, and nothing of what is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from nitro_templates.html import Element, Tag
from nitro_templates.state import state

if TYPE_CHECKING:
    from .shown import Shown
    from .view import FieldView

_input, _label, _div, _p = Tag("input", void=True), Tag("label"), Tag("div"), Tag("p")

CLEAR = "_clear"
"""The name of the box that is ticked to remove what is stored."""
MULTIPART = "multipart/form-data"
AGAIN = "Choose the file again: it could not be kept"
_USUAL = 1024 * 1024


class Uploads:
    """What whoever reads the forms says of files: how large they may be, and if they are read."""

    def __init__(self) -> None:
        self.most = _USUAL
        self.check: Callable[[], None] | None = None


def stand_in(content: bytes) -> str:
    """Stand for *content*, exactly as whoever reads the form does: its size, and a hash of it."""
    return f"{len(content)}:{hashlib.sha256(content).hexdigest()[:32]}"


def size_text(size: int) -> str:
    """Write a number of bytes for people, rounded down: "12 KB"."""
    for unit, length in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if size >= length:
            whole, tenth = divmod(size * 10 // length, 10)
            return f"{whole}.{tenth} {unit}" if tenth and whole < 10 else f"{whole} {unit}"
    return f"{size} byte{'' if size == 1 else 's'}"


def file_text(text: str) -> str:
    """Read for people what stands for a file: "a file of 12 KB"; nothing for none."""
    size = _size_in(text)
    return "" if size is None else f"a file of {size_text(size)}"


def most_of(field: FieldView) -> int:
    """Answer how many bytes a file of *field* may have."""
    usual = state.part(Uploads).most
    declared = field.limits.get("maxlength")
    return usual if declared is None else min(int(declared), usual)


def help_of(field: FieldView) -> str | None:
    """Answer what helps to fill in *field*: of a file also how large it may be."""
    if not field.is_file:
        return field.help
    limit = f"Up to {size_text(most_of(field))}"
    return f"{field.help.rstrip('.')}. {limit}" if field.help else limit


def file(shown: Shown) -> Element:
    """A file to choose, with the size of what is stored, and a box to remove that."""
    field, size = shown.field, _size_in(shown.text)
    if size is not None:  # without another file it stays
        shown = replace(shown, field=replace(field, required=False))
    told = None if size is None else f"{size_text(size)} stored"
    return _div(
        _input(
            type="file",
            **shown.attributes,
            accept=field.accept,
            data_nitro_most=most_of(field),
            data_nitro_limit=size_text(most_of(field)),
        ),
        _p(told, cls="nitro-help") if told else None,
        _remove(shown) if told and field.optional else None,
        cls="nitro-file",
        data_nitro_file=file_text(shown.text),
    )


def _remove(shown: Shown) -> Element:
    id = f"{shown.id}-clear"
    name = f"Remove the file of {shown.field.label}"
    said = {"value": shown.name, "checked": shown.cleared, "id": id, "aria_label": name}
    box = _input(type="checkbox", name=CLEAR, **said)
    return _div(box, _label("Remove", for_=id), cls="nitro-choice")


def _size_in(text: str) -> int | None:
    size, found, _ = text.partition(":")
    return int(size) if found and size.isascii() and size.isdigit() and len(size) < 16 else None
