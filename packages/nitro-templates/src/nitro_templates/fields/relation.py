"""A field that holds the key of something else, such as `country_id`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .view import humanise

if TYPE_CHECKING:
    from .view import FieldView

WIDGET = "relation"
_KEY_ENDS = ("_id", "Id")


@dataclass(frozen=True, slots=True)
class Reference:
    """What the values of a field are keys of.

    *target* finds the class when it is needed: the class may be defined after this one.
    *among* is a query for those that may be chosen, in place of all.
    """

    target: Callable[[], type[Any]]
    key: str = "id"
    among: object = None


def named_after(field: str) -> str:
    """Answer the name of the relation that a foreign key belongs to: "country" of "country_id"."""
    return next((field.removesuffix(end) for end in _KEY_ENDS if field.endswith(end)), field)


def as_relation(view: FieldView, name: str, reference: Reference) -> FieldView:
    """Answer *view* as a field whose values are keys, and which people see as titles."""
    said = view.label != humanise(view.name)
    return replace(
        view,
        label=view.label if said else humanise(name),
        widget=view.widget if view.chosen else WIDGET,
        relation=name,
        reference=reference,
        searchable=False,
        choices=(),
    )


def is_narrowed(view: FieldView) -> bool:
    """Say whether a form lets choose less than there is."""
    return view.reference is not None and view.reference.among is not None
