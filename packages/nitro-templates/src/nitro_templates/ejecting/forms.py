"""The form of a class as code: a function for the row of each field, and a class for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nitro_templates.fields.view import FieldView

from .code import Code, arg, call, literal, returned, write
from .inputs import input_of, reason_of
from .names import Names, called

__all__ = ["write_form"]


def write_form(name: str, fields: Sequence[FieldView], names: Names) -> Iterator[str]:
    """Yield the functions, and the subclass of `Form`; *name* is that of the class."""
    rows = {field.name: names.of(field.name, "row") for field in fields}
    for field in fields:
        yield _function(rows[field.name], field)
    yield _table_of_rows(rows)
    yield _class(name, fields)


def _function(name: str, field: FieldView) -> str:
    reason = reason_of(field)
    kind = "Child" if reason else "Element"
    start = f'def {name}(row: Row) -> {kind}:\n    """Draw the row of {called(field.name)}."""\n'
    if reason is not None:
        return f"{start}    # {reason}\n    return row.build()\n"
    label, box = _label(field), input_of(field)
    first, second = (box, label) if field.widget == "checkbox" else (label, box)
    drawn = call(
        "Div",
        first,
        second,
        *([_help()] if field.help else []),
        "row.messages",
        arg("cls=", literal("nitro-field")),
        arg("**", "row.frame"),
    )
    return start + returned(drawn, 4)


def _label(field: FieldView) -> Code:
    mark = call("Span", literal(" *"), cls=literal("nitro-required"), aria_hidden=literal("true"))
    return call("Label", "row.field.label", *([mark] if field.required else []), for_="row.id")


def _help() -> Code:
    return call("P", "row.field.help", id='f"{row.id}-help"', cls=literal("nitro-help"))


def _table_of_rows(rows: dict[str, str]) -> str:
    lines = "".join(f"    {literal(field)}: {function},\n" for field, function in rows.items())
    inside = f"\n{lines}" if lines else ""
    return f"ROWS: dict[str, Callable[[Row], Child]] = {{{inside}}}\n"


def _class(name: str, fields: Sequence[FieldView]) -> str:
    steps = ["super().from_entity(subject).only(*ROWS)", *map(_said, fields)]
    said = "".join(f"        form = {step}\n" for step in steps[:-1])
    return f'''class {name}Form(Form):
    """The form: the fields in `ROWS`, in that order, and what they are called."""

    @classmethod
    def from_entity(cls, subject: object) -> Self:
        """Create one of the class, or edit one that is there."""
{said}        return {steps[-1]}

    def row(self, row: Row) -> Child:
        """Draw one field, by its own function if it has one."""
        draw = ROWS.get(row.field.name)
        return row.build() if draw is None else draw(row)
'''


def _said(field: FieldView) -> str:
    told = {"label": field.label, **({"help": field.help} if field.help else {})}
    words: dict[str, Code] = {key: literal(text) for key, text in told.items()}
    return write(call("form.field", literal(field.name), **words), 8, before=7)
