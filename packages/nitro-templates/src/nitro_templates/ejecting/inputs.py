"""The input of a field as code."""

from __future__ import annotations

from collections.abc import Callable

from nitro_templates.fields.dispatch import is_built_in
from nitro_templates.fields.limits import html_pattern
from nitro_templates.fields.moments import bound
from nitro_templates.fields.texts import ROWS, ZONE, ZONES
from nitro_templates.fields.view import FieldView

from .code import Arg, Call, Code, Either, arg, call, literal

__all__ = ["input_of", "reason_of"]

_REASONS = {
    "checkboxes": "Each choice has a box of its own, and what is none of them is kept.",
    "file": "What was sent is kept apart, and can be removed.",
    "list": "A list has buttons, and a template for new items.",
    "nested": "A nested model is a group of fields of its own.",
    "relation": "What can be chosen is looked up while somebody types.",
    "stored": "What was sent is kept apart, and can be removed.",
}


def reason_of(field: FieldView) -> str | None:
    """Say why the row of *field* is too much to write out; None if it is not."""
    if not is_built_in(field):
        return f"Its widget is your own: {field.widget}."
    return _REASONS.get(field.widget)


def input_of(field: FieldView) -> Code:
    """Write the input of *field*, which has no reason against it."""
    return _WRITERS[field.widget](field)


def said(text: str) -> Call:
    """Write a text of the application, which is translated while it is shown."""
    return call("_", literal(text))


def _attributes(field: FieldView, autocomplete: str | None, *notes: str) -> Arg:
    told = [*notes, *(["help"] if field.help else [])]
    given: dict[str, Code] = {"required": "True"} if field.required else {}
    if autocomplete is not None:
        given["autocomplete"] = literal(autocomplete)
    return arg("**", call("row.attributes", *map(literal, told), **given))


def _line(
    field: FieldView,
    kind: str,
    *notes: str,
    autocomplete: str | None = None,
    placeholder: str | None = None,
    value: str | None = None,
    **more: str | None,
) -> Call:
    filled = field.autocomplete or autocomplete
    example = field.placeholder or placeholder
    own = {} if example is None else {"placeholder": _example(field, example)}
    rest: dict[str, Code] = {name: code for name, code in more.items() if code is not None}
    return call(
        "Input",
        arg("value=", value or "row.text"),
        _attributes(field, filled, *notes),
        **own,
        type=literal(kind),
        **rest,
    )


def _example(field: FieldView, example: str) -> Code:
    return said(example) if field.placeholder else literal(example)


def _limits(field: FieldView, *names: str) -> dict[str, str | None]:
    found = {name: field.limits.get(name) for name in names}
    return {name: None if text is None else _number(text) for name, text in found.items()}


def _number(text: str) -> str:
    plain = text.isascii() and text.isdigit() and str(int(text)) == text
    return text if plain else literal(text)


def _lengths(field: FieldView) -> dict[str, str | None]:
    declared = field.limits.get("pattern")
    pattern = None if declared is None else html_pattern(declared)
    return {
        **_limits(field, "minlength", "maxlength"),
        "pattern": None if pattern is None else literal(pattern),
    }


def _unless_unfit(kind: str, box: Code) -> Either:
    return Either(call("row.unfit", literal(kind)), box)


def _text(field: FieldView) -> Code:
    return _unless_unfit("text", _line(field, "text", **_lengths(field)))


def _address(kind: str, autocomplete: str | None = None) -> Callable[[FieldView], Code]:
    def write(field: FieldView) -> Code:
        box = _line(field, kind, autocomplete=autocomplete, **_lengths(field))
        return _unless_unfit(kind, box)

    return write


def _textarea(field: FieldView) -> Code:
    limits = _limits(field, "minlength", "maxlength")
    given: dict[str, Code] = {"rows": str(field.rows or ROWS)}
    given |= {name: code for name, code in limits.items() if code is not None}
    if field.placeholder is not None:
        given["placeholder"] = said(field.placeholder)
    return call("Textarea", "row.text", _attributes(field, field.autocomplete), **given)


def _timezone(field: FieldView) -> Code:
    how = {"list": literal(ZONES), "spellcheck": literal("false")}
    return _unless_unfit("text", _line(field, "text", placeholder=ZONE, **how))


def _secret(field: FieldView) -> Code:
    return _line(field, "password", autocomplete="new-password", value='""')


def _colour(field: FieldView) -> Code:
    label = call("gettext", literal("Pick {field}"), field="row.field.label")
    picker = call(
        "Input",
        type=literal("color"),
        value="row.colour",
        aria_label=label,
        data_nitro_colour="True",
    )
    return call("Span", _text(field), picker, cls=literal("nitro-with-picker"))


def _numeric(mode: str) -> Callable[[FieldView], Code]:
    def write(field: FieldView) -> Code:
        unit = field.currency or field.unit
        notes = () if unit is None else ("unit",)
        box = _line(field, "text", *notes, autocomplete="off", inputmode=literal(mode))
        if unit is None:
            return box
        # a currency is written the same everywhere, a unit in the reader's language
        return _with_unit(box, literal(unit) if field.currency else said(unit))

    return write


def _with_unit(box: Code, unit: Code) -> Call:
    id = 'f"{row.id}-unit"'
    return call(
        "Span",
        box,
        call("Span", unit, id=id, cls=literal("nitro-unit")),
        cls=literal("nitro-with-unit"),
    )


def _native(kind: str) -> Callable[[FieldView], Code]:
    def write(field: FieldView) -> Code:
        return _unless_unfit(kind, _moment_line(field, kind))

    return write


def _moment_line(field: FieldView, kind: str, *notes: str, value: str | None = None) -> Call:
    limits = {name: bound(field.limits.get(name), kind) for name in ("min", "max")}
    written = {n: None if text is None else literal(text) for n, text in limits.items()}
    step = {} if kind == "date" else {"step": "row.step"}
    return _line(field, kind, *notes, value=value, **step, **written)


def _moment(field: FieldView) -> Code:
    box = _moment_line(field, "datetime-local", "unit", value='row.text.removesuffix("Z")')
    return _unless_unfit("moment", _with_unit(box, literal("UTC")))


def _checkbox(field: FieldView) -> Code:
    return call(
        "Input",
        arg("type=", literal("checkbox")),
        arg("value=", literal("true")),
        arg("checked=", "row.ticked"),
        _attributes(field, field.autocomplete),
    )


def _select(field: FieldView) -> Code:
    # yes and no are our own words
    word = "gettext" if field.kind is bool else "_"
    choices = [
        call("", literal(choice.value), call(word, literal(choice.label)))
        for choice in field.choices
    ]
    more: dict[str, Code] = {"optional": "True"} if field.optional else {}
    options = call("row.options", *choices, **more)
    return call("Select", options, _attributes(field, field.autocomplete))


_WRITERS: dict[str, Callable[[FieldView], Code]] = {
    "text": _text,
    "textarea": _textarea,
    "url": _address("url"),
    "email": _address("email", "email"),
    "phone": _address("tel", "tel"),
    "colour": _colour,
    "timezone": _timezone,
    "secret": _secret,
    "integer": _numeric("numeric"),
    "decimal": _numeric("decimal"),
    "money": _numeric("decimal"),
    "date": _native("date"),
    "datetime": _native("datetime-local"),
    "moment": _moment,
    "time": _native("time"),
    "checkbox": _checkbox,
    "select": _select,
}
"""By widget. Each writes what the widget of that name in `fields` makes."""
