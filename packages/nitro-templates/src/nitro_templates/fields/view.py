"""One field as people see it: what a form, a table and a card know of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .relation import Reference

NUMERIC = frozenset({"integer", "decimal", "money"})
GROUPS = frozenset({"list", "nested", "checkboxes"})
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select: the text that is submitted and the text that is read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field as people see it.

    *widget* is the name of a built-in widget, such as "text", "integer", "select" or "list", or
    one that `register_widget` knows. *limits* holds "minlength", "maxlength", "min", "max",
    "step", "pattern", "minitems" and "maxitems" as far as they are declared.
    """

    name: str
    label: str
    widget: str
    help: str | None = None
    required: bool = False
    optional: bool = False
    choices: tuple[Choice, ...] = ()
    limits: Mapping[str, str] = field(default_factory=dict[str, str], compare=False)
    default: object = field(default=None, compare=False)
    hidden_in: frozenset[str] = frozenset()
    order: int = 0
    sortable: bool = True
    searchable: bool = False
    placeholder: str | None = None
    kind: type | None = None
    """The bare Python type, without Annotated and None; None for other unions."""
    many: bool = False
    """Whether it holds a list, a set or a tuple of *kind*."""
    unordered: bool = False
    """Whether it is a set, whose order says nothing."""
    fields: tuple[FieldView, ...] = ()
    """Those of a nested model, or of the models in a list."""
    item: FieldView | None = field(default=None, compare=False)
    """One item of a list."""
    relation: str | None = None
    """The name of the relation that this foreign key belongs to."""
    reference: Reference | None = field(default=None, compare=False)
    """What its values are keys of."""
    currency: str | None = None
    unit: str | None = None
    editable: bool = True
    """False: shown, and never in a form."""
    filterable: bool = True
    secret: bool = False
    """It can be set, and its value is never shown."""
    show_if: Mapping[str, object] | None = field(default=None, compare=False)
    """The values of other fields with which this one is shown in a form."""
    autocomplete: str | None = None
    rows: int | None = None
    """How many lines a box of text shows."""
    accept: str | None = None
    """The kinds of files that the browser offers."""
    stored: bool = False
    """Whether it holds files that are kept elsewhere, one or, with *many*, several."""
    most: int | None = None
    """How many bytes such a file may have."""
    chosen: bool = False
    """Whether `ui(widget=…)` named the widget, so that none of its type takes its place."""

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers, which read best aligned to the right."""
        return self.widget in NUMERIC and not self.many

    @property
    def is_file(self) -> bool:
        """Whether it holds bytes, which a form sends as a file."""
        return self.kind is bytes and not self.many and not self.secret

    @property
    def read_by_field(self) -> bool:
        """Whether a value is written otherwise for people than one of its type is."""
        return bool(self.currency or self.unit or self.many or self.fields or self.choices)

    @property
    def grouped(self) -> bool:
        """Whether its input is a fieldset with a legend, which takes the place of the label."""
        return self.widget in GROUPS


def humanise(name: str) -> str:
    """Turn `unit_price` or `unitPrice` into "Unit price"."""
    words = _WORD_START.sub(" ", name.strip("_")).replace("_", " ").replace("-", " ").split()
    text = " ".join(word if word.isupper() else word.lower() for word in words)
    return text[:1].upper() + text[1:] if text else name


def singular(label: str) -> str:
    """Turn "Categories" into "Category"; what does not look like a plural stays as it is."""
    if label.endswith("ies") and len(label) > 4:
        return f"{label[:-3]}y"
    if label.endswith(("sses", "shes", "ches", "xes")):
        return label[:-2]
    return label[:-1] if label.endswith("s") and not label.endswith(("ss", "us", "is")) else label
