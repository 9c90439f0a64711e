"""Values as people read them, for code of your own: `money(product.price, "EUR")`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from nitro_templates.escape import Safe

from .cells import cell
from .formats import field_text
from .view import FieldView

__all__ = ["Written", "money", "shown", "with_unit"]


@dataclass(frozen=True, slots=True)
class Written:
    """A value, and how people read it. Files that are exported take the value."""

    value: object
    text: str

    def __html__(self) -> str:
        """Answer it as the content of a cell."""
        return cell(self.text)

    def __str__(self) -> str:
        return self.text


def money(value: object, currency: str) -> Written | None:
    """Write an amount with its *currency*: "1,234.50 EUR". Nothing for None."""
    return None if value is None else Written(value, field_text(_in(currency), value))


def with_unit(value: object, unit: str) -> Written | None:
    """Write *value* with its *unit*: "70 kg". Nothing for None."""
    return None if value is None else Written(value, field_text(_with(unit), value))


def shown(value: object) -> Safe:
    """Write *value* as the cell of a table does, escaped; a dash says that there is none."""
    return Safe(cell(value))


@lru_cache(maxsize=256)  # bounded, and pure functions of a text: nothing to reset
def _in(currency: str) -> FieldView:
    return FieldView("amount", "", "money", currency=currency)


@lru_cache(maxsize=256)
def _with(unit: str) -> FieldView:
    return FieldView("number", "", "decimal", unit=unit)
