"""What a table takes from files, and how it is offered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nitro_templates.fields.files import MULTIPART, Uploads
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import grouped
from nitro_templates.imports import Limits, accepted
from nitro_templates.state import state

from .bulk import sealed

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext
    from nitro_templates.fields.view import FieldView
    from nitro_templates.sources import RowSource

OPERATION = "import"
"""What the policy is asked, about the class, and what forms are sealed for."""
SIZE, MOST = "import-size", "_most"
"""How large a file may be, signed into the address that it is sent to."""
ID = "id"
FILE = "file"
_NOT_LETTERS = re.compile(r"[\W_]+")
_form, _button, _label = Tag("form"), Tag("button"), Tag("label")
_details, _summary, _div, _p = Tag("details"), Tag("summary"), Tag("div"), Tag("p")
_input = Tag("input", void=True)


@dataclass(frozen=True, slots=True)
class Importing:
    """Which fields are taken from files, and by which one it is known what is there already."""

    fields: tuple[str, ...]
    key: str | None = None
    limits: Limits = field(default_factory=Limits)


def importing(
    fields: Sequence[str], key: str | None, rows: int, size: int, source: RowSource
) -> Importing:
    """Check what a table was told. LookupError and ValueError say what is wrong with it."""
    fit = [view.name for view in source.fields if is_fit(view)]
    for name in fields:
        if name not in fit:
            msg = f"with_import({name!r}): {source.label} has no such field to import. "
            msg += f"There are: {', '.join(fit)}"
            raise LookupError(msg)
    chosen = tuple(dict.fromkeys(fields)) or tuple(fit)
    if key is not None and key != ID and key not in chosen:
        msg = f"with_import(key={key!r}): name one of the fields that are imported, or 'id'"
        raise LookupError(msg)
    if not 0 < rows <= 100_000 or not 0 < size <= 100 * 1024 * 1024:
        msg = f"with_import(rows={rows}, size={size}): at most 100,000 rows and 100 MiB"
        raise ValueError(msg)
    return Importing(chosen, key, Limits(bytes=size, rows=rows, cells=min(rows * 50, 2_000_000)))


def is_fit(view: FieldView) -> bool:
    """Say whether a text can stand for the value of a field that forms may set."""
    plain = not (view.many or view.fields or view.is_file or view.secret or view.stored)
    return plain and view.editable and "form" not in view.hidden_in


def matched(columns: Sequence[str], fields: Iterable[FieldView], key: str | None) -> list[str]:
    """Answer for each column which field it most likely is: by name or by label, each once."""
    known: dict[str, str] = {ID: ID} if key == ID else {}
    for view in fields:
        for text in (view.label, view.name):
            known[_plain(text)] = view.name
    taken: set[str] = set()
    found: list[str] = []
    for column in columns:
        name = known.get(_plain(column), "")
        found.append("" if name in taken else name)
        taken.add(name)
    return found


def _plain(text: str) -> str:
    return _NOT_LETTERS.sub("", text.casefold())


def upload(table: str, source: RowSource, limits: Limits, context: RenderContext) -> Element:
    """Answer the button with the form that takes a file."""
    slug, box = source.slug or "", f"{table}-import-file"
    check = state.part(Uploads).check
    if check is not None:
        check()
    most = _("At most {size} MB and {rows} rows. You see what would be done before it is done.")
    said: Mapping[str, str] = {
        "size": str(max(limits.bytes // 1024 // 1024, 1)),
        "rows": grouped(limits.rows),
    }
    return _details(
        _summary(_("Import"), cls="nitro-button"),
        _form(
            sealed(slug, OPERATION, table, context),
            _label(_("File to import"), for_=box),
            _input(type="file", name=FILE, id=box, accept=accepted(), required=True),
            _p(most.format(**said), cls="nitro-help"),
            _button(_("Look at it"), type="submit", cls="nitro-button primary"),
            method="post",
            action=f"{context.links.imports(slug, 'upload')}?{MOST}={_size(limits, context)}",
            enctype=MULTIPART,
            cls="nitro-upload",
        ),
        cls="nitro-panel",
        id=f"{table}-import",
    )


def _size(limits: Limits, context: RenderContext) -> str:
    if context.sealer is None:
        return ""
    return context.sealer.sign(SIZE, {"b": limits.bytes, "u": context.caller_id})
