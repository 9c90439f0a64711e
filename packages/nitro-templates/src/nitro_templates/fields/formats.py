"""How a value reads: in a table or a card for people, in an input for the form."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from pydantic import BaseModel

from nitro_templates.context import current_context
from nitro_templates.i18n import current_reader, ngettext
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n.labels import own
from nitro_templates.i18n.texts import number

from .choices import member_label
from .files import file_text, size_text
from .held import held_text, names_in
from .kinds import is_file_class
from .local import iso_moment
from .tree import items_in, leaf_text, members_in, read_tree, write_tree
from .view import FieldView

LONGEST = 120
EMPTY = "—"
_NO_BREAK = "\N{NO-BREAK SPACE}"
_DIGITS_OF = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "VND": 0, "KWD": 3, "BHD": 3, "TND": 3}


def text_of(value: object) -> str:
    """Write *value* for the reader. None is empty.

    Where no language says otherwise thousands are grouped, and dates are ISO.
    """
    if value is None:
        return ""
    writer = _WRITERS.get(type(value))
    if writer is not None:
        return writer(value)
    if isinstance(value, enum.Enum):
        return own(member_label(value))
    if is_file_class(type(value)):
        return str(value.name)  # type: ignore[attr-defined]
    for kind, writer in _WRITERS.items():
        if isinstance(value, kind):
            return writer(value)
    return str(value)


def field_text(field: FieldView, value: object) -> str:
    """Write *value* of *field* for people: as `text_of`, with its currency or unit.

    The members of a nested model and the items of a list are written as their own fields say.
    """
    if value is None or value == "":
        return ""
    if field.item is not None and isinstance(value, list | tuple | set | frozenset):
        return _listed([field_text(field.item, item) for item in _ordered(value)])
    if field.fields and isinstance(value, BaseModel):
        said = [field_text(view, getattr(value, view.name, None)) for view in field.fields]
        return ", ".join(filter(None, said))
    if field.currency is not None and _is_number(value):
        return _money(value, field.currency)
    if field.choices and not isinstance(value, enum.Enum):
        text = str(value)
        return next((own(one.label) for one in field.choices if one.value == text), text)
    text = text_of(value)
    return f"{text}{_NO_BREAK}{field.unit}" if field.unit is not None else text


def read_text(field: FieldView, text: str) -> str:
    """Write for people what stands in an input: "Yes" for true, the label of a choice."""
    if field.reference is not None:
        from nitro_templates.relations.cells import title_in

        return title_in(field, text)
    if field.is_file:
        return file_text(text)
    if field.stored:
        return names_in(text, current_context())
    if field.grouped:
        return _tree_text(field, read_tree(text))
    if field.widget == "checkbox":
        return _yes_no(text in ("true", "on", "1"))
    return next((own(choice.label) for choice in field.choices if choice.value == text), text)


def input_text(field: FieldView, value: object) -> str:
    """Write *value* as the form sends it back: the text the same value is read from.

    *value* is JSON-able, as pydantic dumps it in "json" mode. A list or a nested model is
    written as JSON, with a text for each of the inputs inside.
    """
    if field.stored:
        return held_text(value)
    return write_tree(value) if field.grouped else leaf_text(value)


def typed_text(field: FieldView, text: str) -> str:
    """Write for the reader what was typed as a bound for *field*; as it is if it is no value."""
    local = current_reader().local
    read = _TYPED.get(field.widget)
    if local is None or read is None or not text:
        return text
    try:
        return text_of(read(text))
    except (ValueError, ArithmeticError):
        return text


_TYPED: dict[str, Callable[[str], object]] = {
    "integer": int,
    "decimal": Decimal,
    "money": Decimal,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "moment": datetime.fromisoformat,
    "time": time.fromisoformat,
}


def short(text: str) -> str:
    """Cut *text* to what a table cell holds."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _tree_text(field: FieldView, tree: object) -> str:
    if isinstance(tree, list) and field.item is not None:
        item = field.item
        return _listed([_inner_text(item, value) for value in items_in(tree)])
    members = members_in(tree)
    views = [view for view in field.fields if view.name in members]
    return ", ".join(filter(None, [_inner_text(view, members[view.name]) for view in views]))


def _inner_text(field: FieldView, value: object) -> str:
    return read_text(field, write_tree(value) if field.grouped else leaf_text(value))


def _listed(texts: Sequence[str]) -> str:
    # items that have commas themselves are told apart by something else
    return ("; " if any("," in text for text in texts) else ", ").join(texts)


def _ordered(values: Iterable[object]) -> list[object]:
    items = list(values)
    return sorted(items, key=text_of) if isinstance(values, set | frozenset) else items


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _money(value: object, currency: str) -> str:
    assert isinstance(value, int | float | Decimal)
    least = _DIGITS_OF.get(currency, 2)
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite():
        return f"{number}{_NO_BREAK}{currency}"
    exponent = number.as_tuple().exponent
    digits = max(least, -exponent if isinstance(exponent, int) else 0)  # none is rounded away
    local = current_reader().local
    if local is not None:
        return local.money(number, currency, digits)
    return f"{number:,.{digits}f}{_NO_BREAK}{currency}"


def _grouped(value: object) -> str:
    assert isinstance(value, int | float | Decimal)
    return number(value)


def _yes_no(value: object) -> str:
    return _("Yes") if value else _("No")


def _moment(value: object) -> str:
    assert isinstance(value, datetime)
    local = current_reader().local
    return iso_moment(value) if local is None else local.moment(value)


def _day(value: object) -> str:
    assert isinstance(value, date)
    local = current_reader().local
    return value.isoformat() if local is None else local.day(value)


def _clock(value: object) -> str:
    assert isinstance(value, time)
    local = current_reader().local
    return value.isoformat() if local is None else local.clock(value)


def _duration(value: object) -> str:
    assert isinstance(value, timedelta)
    if not value.days or current_reader().language == "en":
        return str(value)
    days = ngettext("{count} day", "{count} days", value.days)
    rest = value - timedelta(days=value.days)
    return f"{days}, {rest}" if rest else days


def _size(value: object) -> str:
    assert isinstance(value, bytes)
    return size_text(len(value))


def _items(value: object) -> str:
    assert isinstance(value, list | tuple | set | frozenset)
    return _listed([text_of(item) for item in _ordered(value)])


_WRITERS: dict[type, Callable[[object], str]] = {
    str: str,
    bool: _yes_no,
    int: _grouped,
    float: _grouped,
    Decimal: _grouped,
    datetime: _moment,
    date: _day,
    time: _clock,
    timedelta: _duration,
    bytes: _size,
    list: _items,
    tuple: _items,
    set: _items,
    frozenset: _items,
}
