"""What an application may say about a field, written beside its type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


# each is equal to itself alone: typing keeps one Annotated[…] for equal metadata
@dataclass(frozen=True, slots=True, eq=False)
class Ui:
    """How a field is shown. None means: find out from the annotation."""

    label: str | None = None
    help: str | None = None
    widget: str | None = None
    hidden_in: frozenset[str] = frozenset()
    order: int = 0
    sortable: bool = True
    placeholder: str | None = None
    currency: str | None = None
    unit: str | None = None
    editable: bool = True
    filterable: bool = True
    show_if: Mapping[str, object] | None = None
    autocomplete: str | None = None
    rows: int | None = None
    relation: type[Any] | str | None = None
    accept: str | None = None


def ui(
    *,
    label: str | None = None,
    help: str | None = None,
    widget: str | None = None,
    hidden_in: str | tuple[str, ...] = (),
    order: int = 0,
    sortable: bool = True,
    placeholder: str | None = None,
    currency: str | None = None,
    unit: str | None = None,
    editable: bool = True,
    filterable: bool = True,
    show_if: Mapping[str, object] | None = None,
    autocomplete: str | None = None,
    rows: int | None = None,
    relation: type[Any] | str | None = None,
    accept: str | None = None,
) -> Ui:
    """Say how a field is shown: `price: Annotated[Decimal, ui(label="Price", currency="EUR")]`.

    *hidden_in* names the views that leave the field out: "form", "table", "card".
    Fields of lower *order* come first; fields of equal order keep their place in the class.
    *currency* and *unit* stand beside the number; *editable* False shows the field and keeps it
    out of forms; *show_if* shows it while other fields have these values:
    `show_if={"kind": "company"}`, or one of several: `show_if={"kind": ("company", "club")}`.
    *autocomplete* is what the browser may fill in ("email", "postal-code"), *rows* the height of
    a box of text. *relation* is the entity class, or its name, that the values are ids of.
    *accept* names the kinds of files that the browser offers ("image/png,.pdf"); the server does
    not check it.
    """
    hidden = (hidden_in,) if isinstance(hidden_in, str) else hidden_in
    unknown = sorted(set(hidden) - {"form", "table", "card"})
    if unknown:
        msg = f"ui(hidden_in=…) got {unknown[0]!r}. Known views: 'form', 'table', 'card'"
        raise ValueError(msg)
    if rows is not None and rows < 1:
        msg = f"ui(rows={rows}): a box of text has one row or more"
        raise ValueError(msg)
    return Ui(
        label=label,
        help=help,
        widget=widget,
        hidden_in=frozenset(hidden),
        order=order,
        sortable=sortable,
        placeholder=placeholder,
        currency=currency,
        unit=unit,
        editable=editable,
        filterable=filterable,
        show_if=dict(show_if) if show_if else None,
        autocomplete=autocomplete,
        rows=rows,
        relation=relation,
        accept=accept,
    )
