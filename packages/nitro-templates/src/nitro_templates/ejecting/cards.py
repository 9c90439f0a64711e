"""The card of a class as code: its title, and the list of names and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nitro_templates.fields.view import FieldView

from .cells import reason_of
from .code import WIDTH, Arg, Call, Code, call, literal, returned
from .inputs import said
from .names import attribute

__all__ = ["write_card"]


def write_card(
    name: str,
    kind: str,
    fields: Sequence[FieldView],
    cells: Mapping[str, str],
    titles: Sequence[FieldView],
    *,
    label: str,
    has_id: bool,
) -> str:
    """Write the subclass of `Card`; *titles* are the fields of which the first text is the title.

    *label* is what one is called, *kind* the class.
    """
    last = 'f"{label} {thing.id}"' if has_id else "label"
    words = [*(attribute("thing", field.name) for field in titles), last]
    values = [Arg("", _value(field, cells), reason_of(field)) for field in fields]
    body = Call("Dl", tuple(values)) if values else "None"
    return f'''class {name}Card(Card):
    """The card: its title, and which values stand in it."""

    def title(self, thing: {kind}) -> Child:
        """Answer what stands in the heading."""
        label = {_called(label)}
{_first(words)}
    def body(self, thing: {kind}) -> Child:
        """Answer what stands below the title."""
{returned(body, 8)}'''


def _called(label: str) -> str:
    return f"_({literal(label)})"


def _value(field: FieldView, cells: Mapping[str, str]) -> Code:
    cell = cells.get(field.name)
    if cell is None:
        value = call("self.written", literal(field.name), "thing")
    else:
        value = call("shown", call(cell, "thing"))
    return call("Div", call("Dt", said(field.label)), call("Dd", value))


def _first(words: Sequence[str]) -> str:
    flat = " or ".join(words)
    if len(flat) + 15 <= WIDTH:
        return f"        return {flat}\n"
    if len(flat) + 12 > WIDTH:
        flat = "\n            or ".join(words)
    return f"        return (\n            {flat}\n        )\n"
