"""Bytes in forms: a file to choose, the size of the stored one, and nothing of what is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from nitro_templates.html import Element, Tag
from nitro_templates.i18n import current_reader, later, ngettext
from nitro_templates.i18n import gettext as _
from nitro_templates.state import state

if TYPE_CHECKING:
    from .shown import Shown
    from .view import FieldView

_input, _label, _div, _p = Tag("input", void=True), Tag("label"), Tag("div"), Tag("p")

CLEAR = "_clear"
"""The name of the box that is ticked to remove what is stored."""
MULTIPART = "multipart/form-data"
AGAIN = later("Choose the file again: it could not be kept")
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
    for unit, length in ((later("GB"), 10**9), (later("MB"), 10**6), (later("KB"), 10**3)):
        if size >= length:
            whole, tenth = divmod(size * 10 // length, 10)
            exact = tenth and whole < 10
            return f"{_number(whole + tenth / 10 if exact else whole)} {_(unit)}"
    return ngettext("{count} byte", "{count} bytes", size)


def _number(value: float) -> str:
    local = current_reader().local
    return str(value) if local is None else local.number(value)


def file_text(text: str) -> str:
    """Read for people what stands for a file: "a file of 12 KB"; nothing for none."""
    size = _size_in(text)
    return "" if size is None else _("a file of {size}", size=size_text(size))


def most_of(field: FieldView) -> int:
    """Answer how many bytes a file of *field* may have."""
    usual = state.part(Uploads).most
    declared = field.limits.get("maxlength")
    return usual if declared is None else min(int(declared), usual)


def help_of(field: FieldView) -> str | None:
    """Answer what helps to fill in *field*: of a file also how large it may be."""
    if not field.is_file and field.most is None:
        return field.help
    limit = _("Up to {size}", size=size_text(field.most or most_of(field)))
    return f"{field.help.rstrip('.')}. {limit}" if field.help else limit


def file(shown: Shown) -> Element:
    """A file to choose, with the size of what is stored, and a box to remove that."""
    field, size = shown.field, _size_in(shown.text)
    if size is not None:  # without another file it stays
        shown = replace(shown, field=replace(field, required=False))
    told = None if size is None else _("{size} stored", size=size_text(size))
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
    name = _("Remove the file of {field}", field=shown.field.label)
    said = {"value": shown.name, "checked": shown.cleared, "id": id, "aria_label": name}
    box = _input(type="checkbox", name=CLEAR, **said)
    return _div(box, _label(_("Remove"), for_=id), cls="nitro-choice")


def _size_in(text: str) -> int | None:
    size, found, _ = text.partition(":")
    return int(size) if found and size.isascii() and size.isdigit() and len(size) < 16 else None
