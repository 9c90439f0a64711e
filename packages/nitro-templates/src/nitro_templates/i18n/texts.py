"""What a text of ours is in the language of the page that is being rendered."""

from __future__ import annotations

from decimal import Decimal
from string import Formatter
from typing import Any

from .reader import current_reader

__all__ = ["gettext", "grouped", "inside", "later", "ngettext", "number", "placed", "spoken"]

GROUPED_FROM = 10_000


def gettext(message: str, /, **values: object) -> str:
    """Answer *message* in the reader's language, with *values* in the places it names.

    What the application's own catalogue says counts first, then ours.
    """
    texts = current_reader().texts
    if texts is not None:
        message = texts.texts.get(message, message)
    return message.format(**values) if values else message


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """Answer *one* or *many*, whichever fits *count*, as `gettext` does.

    {count} is known: the number as the reader writes it.
    """
    reader = current_reader()
    texts = reader.texts
    message = texts.form(one, count) if texts is not None else None
    if message is None:
        message = one if count == 1 else many
    return message.format(**{"count": grouped(count), **values})


def later(message: str, /) -> str:
    """Answer *message* as it is: `gettext` is asked for it when it is shown.

    For texts of modules and classes, so that who collects texts finds them.
    """
    return message


def placed(message: str, /, **children: object) -> list[object]:
    """Answer *message*, which is translated, with elements in the places it names."""
    parts: list[object] = []
    for text, name, _spec, _conversion in Formatter().parse(message):
        if text:
            parts.append(text)
        if name is not None:
            parts.append(children[name])
    return parts


def grouped(number: int) -> str:
    """Write *number* with its thousands told apart, as the reader does."""
    local = current_reader().local
    return f"{number:,}" if local is None else local.grouped(number)


def spoken(text: str) -> str:
    """Answer *text* in the reader's language, if it knows what it was made of.

    That is what nitro_events says to people: English, with *template* and *values*. Any other
    text is looked up in the application's catalogue as it stands.
    """
    template: str | None = getattr(text, "template", None)
    texts = current_reader().texts
    known = {} if texts is None else texts.texts
    if template is None:
        return str(known.get(text, text))
    values: dict[str, Any] = getattr(text, "values", {})
    if not values:
        return known.get(template, str(text))
    message = known.get(template, template)
    return message.format(**{name: _value(value) for name, value in values.items()})


def _value(value: object) -> object:
    if isinstance(value, str):
        return spoken(value)
    return number(value) if type(value) is int else value


def number(value: float | Decimal) -> str:
    """Write *value* as the reader does; four digits stay together, as years read better so."""
    local = current_reader().local
    if local is not None:
        return local.number(value)
    return str(value) if -GROUPED_FROM < value < GROUPED_FROM else f"{value:,}"


def inside(label: str) -> str:
    """Write *label* as it stands inside of a sentence: in small letters where that is custom."""
    return label if current_reader().language == "de" else label.lower()
