"""One module with all of it: from a class to the text of a file."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nitro_templates.form import Form
from nitro_templates.i18n import Reader, reading
from nitro_templates.sources import Source, source_of

from .cards import write_card
from .cells import cell_function, reason_of
from .forms import write_form
from .imports import HOMES, write_imports
from .names import RESERVED, CannotEject, Names, argument, place_of
from .tables import write_table

if TYPE_CHECKING:
    from nitro_templates.fields.view import FieldView

__all__ = ["PARTS", "eject"]

PARTS = ("table", "form", "card")


def eject(cls: type[Any], *, only: Iterable[str] = PARTS, command: str = "nitro eject") -> str:
    """Write a module with the table, the form and the card of *cls* as plain code.

    *only* names the parts; a class that is stored nowhere has no table. *command* is what the
    module says it was written by. CannotEject for a class that cannot be imported by a name,
    LookupError for a part that there is not.
    """
    source = source_of(cls)
    parts = _checked(only, source)
    place = place_of(cls)
    outer = place[1].partition(".")[0]
    alias = f"{outer}Entity" if outer in HOMES or outer in RESERVED else outer
    kind = alias + place[1][len(outer) :]
    with reading(_nobody()):
        blocks = _blocks(source, parts, kind, Names())
    body = "\n\n".join(blocks)
    needed = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    entity = (place[0], outer, alias) if alias in needed else None
    docstring = _docstring(cls.__name__, parts, command)
    return f"{docstring}\n{write_imports(needed, entity)}\n\n{body}"


def _nobody() -> Reader:
    """Answer a reader for whom names stay as the application has written them."""
    reader = Reader()
    vars(reader).update(texts=None, own_texts=None, local=None)
    return reader


def _checked(only: Iterable[str], source: Source) -> list[str]:
    wanted = list(only)
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        msg = f"There is no part {unknown[0]!r}. Parts: {', '.join(PARTS)}"
        raise LookupError(msg)
    listed = callable(getattr(source, "slice", None))
    parts = [part for part in PARTS if part in wanted and (listed or part != "table")]
    if not parts:
        msg = f"{source.model.__name__} is stored nowhere, so it has no table. Name another part"
        raise CannotEject(msg)
    return parts


def _blocks(source: Source, parts: Sequence[str], kind: str, names: Names) -> list[str]:
    name = source.model.__name__
    columns = [field for field in source.fields if "table" not in field.hidden_in]
    values = [f for f in source.fields if "card" not in f.hidden_in and not f.secret]
    shown = {"table": columns, "card": values}
    fields = {f.name: f for part in parts for f in shown.get(part, [])}
    cells = _cells(fields, names)
    thing = argument(source.model, frozenset(HOMES))
    blocks = [cell_function(cells[n], fields[n], thing, kind) for n in fields if n in cells]
    if "table" in parts:
        blocks.append(write_table(name, columns, cells))
    if "form" in parts:
        blocks += write_form(name, Form.from_entity(source.model).fields, names)
    if "card" in parts:
        titles = [field for field in source.fields if field.searchable]
        has_id = source.slug is not None
        label = source.label
        card = write_card(name, kind, values, cells, titles, label=label, has_id=has_id)
        blocks.append(card)
    return blocks


def _cells(fields: Mapping[str, FieldView], names: Names) -> dict[str, str]:
    plain = [name for name, field in fields.items() if reason_of(field) is None]
    return {name: names.of(name, "cell") for name in plain}


def _docstring(name: str, parts: Sequence[str], command: str) -> str:
    *first, last = [f"the {part}" for part in parts]
    what = f"{', '.join(first)} and {last}" if first else last
    classes = "\n".join(
        f"    {name}{part.title()}.from_entity(…)  # in place of {part.title()}.from_entity(…)"
        for part in parts
    )
    command = command.replace("\\", "/").replace('"', "'")  # it stands in a docstring
    return f'''"""{what[:1].upper()}{what[1:]} of {name} as plain code, and yours.

Written once by `{command}`. Nothing writes it again:
what you change here is what people see. Use it in your pages:

{classes}

Fields and their order, labels, help, choices and markup are said here, and no more by
the annotations of the class: what the class gets later, this gets by your hand. Nitro
goes on to check and seal what is sent, to ask when two people save the same field, to
follow changes, to say what is wrong, and to escape what you show.
"""
'''
