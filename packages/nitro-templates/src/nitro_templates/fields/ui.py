"""What an application may say about a field, written beside its type."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ui:
    """How a field is shown. None means: find out from the annotation."""

    label: str | None = None
    help: str | None = None
    widget: str | None = None
    hidden_in: frozenset[str] = frozenset()
    order: int = 0
    sortable: bool = True
    placeholder: str | None = None


def ui(
    *,
    label: str | None = None,
    help: str | None = None,
    widget: str | None = None,
    hidden_in: str | tuple[str, ...] = (),
    order: int = 0,
    sortable: bool = True,
    placeholder: str | None = None,
) -> Ui:
    """Say how a field is shown: `price: Annotated[Decimal, ui(label="Price in €")]`.

    *hidden_in* names the views that leave the field out: "form", "table", "card".
    Fields of lower *order* come first; fields of equal order keep their place in the class.
    """
    hidden = (hidden_in,) if isinstance(hidden_in, str) else hidden_in
    unknown = sorted(set(hidden) - {"form", "table", "card"})
    if unknown:
        msg = f"ui(hidden_in=…) got {unknown[0]!r}. Known views: 'form', 'table', 'card'"
        raise ValueError(msg)
    return Ui(label, help, widget, frozenset(hidden), order, sortable, placeholder)
