"""What a table and a card show of a field, as code."""

from __future__ import annotations

from nitro_templates.fields.view import FieldView

from .code import Code, call, literal, returned
from .inputs import said
from .names import attribute, called

__all__ = ["cell_function", "reason_of"]


def reason_of(field: FieldView) -> str | None:
    """Say why it is too much to write out; None if it is not."""
    if field.reference is not None:
        return "The titles of all rows are read at once."
    if field.stored:
        return "A file is a picture, or a link for who may open it."
    if field.choices:
        return "A choice reads by its label."
    item = field.item
    if field.fields or (item is not None and (item.read_by_field or item.reference)):
        return "What is inside reads as its own fields say."
    return None


def cell_function(name: str, field: FieldView, thing: str, kind: str) -> str:
    """Write the function *name*, which answers what is shown of *thing*, a *kind*."""
    head = f"def {name}({thing}: {kind}) -> object:\n"
    return (
        f'{head}    """Answer what is shown of {called(field.name)}."""\n'
        f"{returned(_value(field, attribute(thing, field.name)), 4)}"
    )


def _value(field: FieldView, value: str) -> Code:
    if field.many:
        return value
    if field.currency is not None:
        return call("money", value, literal(field.currency))
    if field.unit is not None:
        return call("with_unit", value, said(field.unit))
    return value
