"""Read the fields of a pydantic model, or the arguments of a function, as views."""

from __future__ import annotations

import enum
import inspect
import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import AnyUrl, BaseModel, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from .ui import Ui

_WIDGET_OF: tuple[tuple[type, str], ...] = (  # first match wins: bool is an int, datetime a date
    (bool, "checkbox"),
    (int, "integer"),
    (float, "decimal"),
    (Decimal, "decimal"),
    (datetime, "datetime"),
    (date, "date"),
    (time, "time"),
    (str, "text"),
    (UUID, "text"),
    (AnyUrl, "text"),
)
_NUMERIC = frozenset({"integer", "decimal"})
_LONG_TEXT = 200
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select: the text that is submitted and the text that is read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field as people see it.

    *widget* is "text", "textarea", "integer", "decimal", "checkbox", "select", "date",
    "datetime", "time" or a name that `register_widget` knows. *limits* holds "minlength",
    "maxlength", "min", "max" and "pattern" as far as they are declared.
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

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers, which read best aligned to the right."""
        return self.widget in _NUMERIC


def humanise(name: str) -> str:
    """Turn `unit_price` or `unitPrice` into "Unit price"."""
    words = _WORD_START.sub(" ", name.strip("_")).replace("_", " ").replace("-", " ").split()
    text = " ".join(word if word.isupper() else word.lower() for word in words)
    return text[:1].upper() + text[1:] if text else name


def fields_of(model: type[BaseModel], *, without: Iterable[str] = ()) -> tuple[FieldView, ...]:
    """List the fields of *model* that can be shown, in the order they are shown.

    Secret fields and types that have no widget (lists, nested models) are left out.
    """
    skipped = frozenset(without)
    views = [
        view
        for name, info in model.model_fields.items()
        if name not in skipped and (view := _view_of(name, info)) is not None
    ]
    return tuple(sorted(views, key=lambda view: view.order))


def fields_of_signature(function: Callable[..., object]) -> tuple[FieldView, ...]:
    """List the arguments of *function*, without `self` and `cls`, as fields.

    TypeError names the first argument that has no widget and no default, because a form
    could not fill it in.
    """
    hints = _hints_of(function)
    views: list[FieldView] = []
    for index, parameter in enumerate(inspect.signature(function).parameters.values()):
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if index == 0 and parameter.name in ("self", "cls"):
            continue
        annotation = hints.get(parameter.name, str)
        if _is_handed_in(annotation):
            continue
        missing = parameter.default is inspect.Parameter.empty
        info = (
            FieldInfo.from_annotation(annotation)
            if missing
            else FieldInfo.from_annotated_attribute(annotation, parameter.default)
        )
        view = _view_of(parameter.name, info)
        if view is not None:
            views.append(view)
        elif missing:
            msg = (
                f"{function.__qualname__}: no widget for argument {parameter.name!r} of type "
                f"{annotation!r}. Give it a default or a simpler type"
            )
            raise TypeError(msg)
    return tuple(sorted(views, key=lambda view: view.order))


def _hints_of(function: Callable[..., object]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except NameError:  # a name that exists for type checkers only
        found = inspect.get_annotations(function)
        return {name: hint for name, hint in found.items() if not isinstance(hint, str)}


def _is_handed_in(annotation: object) -> bool:
    # the request, its caller, its signals: given by whoever runs the function, not by a form
    return isinstance(annotation, type) and annotation.__module__.startswith("nitro_events.")


def _view_of(name: str, info: FieldInfo) -> FieldView | None:
    kind, inner, optional = _unwrap(info.annotation)
    metadata = [*_opened(inner), *info.metadata]
    said = next((item for item in metadata if isinstance(item, Ui)), Ui())
    if _is_secret(kind, metadata, info):
        return None
    choices = _choices(kind)
    widget = said.widget or _widget(kind, choices, optional, metadata)
    if widget is None:
        return None
    if widget == "select" and kind is bool:
        choices = (Choice("true", "Yes"), Choice("false", "No"))
    return FieldView(
        name=name,
        label=said.label or info.title or humanise(name),
        widget=widget,
        help=said.help or info.description,
        required=info.is_required() and not optional and kind is not bool,
        optional=optional,
        choices=choices,
        limits=_limits(metadata),
        default=_default(info),
        hidden_in=said.hidden_in,
        order=said.order,
        sortable=said.sortable,
        searchable=isinstance(kind, type) and issubclass(kind, str) and not choices,
        placeholder=said.placeholder,
    )


def _opened(metadata: Iterable[object]) -> Iterator[object]:
    """Yield *metadata* with what an inner `Field(…)` holds in its place."""
    for item in metadata:
        if isinstance(item, FieldInfo):
            yield from item.metadata
        else:
            yield item


def _default(info: FieldInfo) -> object:
    if info.is_required() or info.default_factory is not None:
        return None
    return info.default


def _unwrap(annotation: object) -> tuple[object, list[object], bool]:
    """Answer the bare type, the metadata found on the way, and whether None is allowed."""
    metadata: list[object] = []
    optional = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *more = get_args(annotation)
            metadata = [*more, *metadata]
        elif origin in (Union, types.UnionType):
            rest = [part for part in get_args(annotation) if part is not types.NoneType]
            optional = optional or len(rest) < len(get_args(annotation))
            if len(rest) != 1:
                return annotation, metadata, optional
            annotation = rest[0]
        elif isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        else:
            return annotation, metadata, optional


def _is_secret(kind: object, metadata: Iterable[object], info: FieldInfo) -> bool:
    if info.exclude or (isinstance(kind, type) and issubclass(kind, SecretStr | SecretBytes)):
        return True
    extra = info.json_schema_extra
    if isinstance(extra, dict) and "secret" in extra and extra["secret"]:
        return True
    return any(_marks_secret(item) for item in metadata)


def _marks_secret(item: object) -> bool:
    # by name: the marker lives in nitro_entities, which this package does not import
    marker = item if isinstance(item, type) else type(item)
    return marker.__name__ in ("Secret", "SecretMark")


def _widget(
    kind: object, choices: tuple[Choice, ...], optional: bool, metadata: Iterable[object]
) -> str | None:
    if choices:
        return "select"
    if not isinstance(kind, type):
        return None
    widget = next((name for base, name in _WIDGET_OF if issubclass(kind, base)), None)
    if widget == "checkbox" and optional:
        return "select"
    longest = _first(metadata, "max_length")
    if widget == "text" and isinstance(longest, int) and longest > _LONG_TEXT:
        return "textarea"
    return widget


def _choices(kind: object) -> tuple[Choice, ...]:
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        members = list(kind)
        return tuple(Choice(str(member.value), _member_label(member)) for member in members)
    if get_origin(kind) is Literal:
        return tuple(Choice(str(value), _literal_label(value)) for value in get_args(kind))
    return ()


def _member_label(member: enum.Enum) -> str:
    label = getattr(member, "label", None)
    return label if isinstance(label, str) else humanise(member.name.lower())


def _literal_label(value: object) -> str:
    return humanise(value) if isinstance(value, str) and value else str(value)


_LIMIT_OF = {
    "min_length": "minlength",
    "max_length": "maxlength",
    "ge": "min",
    "gt": "min",
    "le": "max",
    "lt": "max",
    "pattern": "pattern",
}


def _limits(metadata: Iterable[object]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in metadata:
        for said, name in _LIMIT_OF.items():
            value = _attribute(item, said)
            if value is not None:
                found[name] = str(value)
    return found


def _first(metadata: Iterable[object], name: str) -> object:
    return next((v for item in metadata if (v := _attribute(item, name)) is not None), None)


def _attribute(item: object, name: str) -> object:
    if isinstance(item, type):  # a class used as a marker has properties, not values
        return None
    return getattr(item, name, None)
