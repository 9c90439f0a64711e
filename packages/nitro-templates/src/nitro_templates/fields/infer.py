"""Find out how one field is shown, from its annotation and what `ui(…)` says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from .choices import choices_of
from .kinds import (
    bare_type,
    first_attribute,
    is_file_class,
    item_of,
    nested_model,
    unwrap,
    widget_for,
)
from .limits import limits_of
from .registry import has_widget_for
from .relation import Reference, as_relation, named_after
from .secrets import is_secret
from .ui import Ui
from .view import Choice, FieldView, humanise, singular

_LONG_TEXT = 200
YES_NO = (Choice("true", "Yes"), Choice("false", "No"))
_NEVER_SHOWN = frozenset({"table", "card"})

Path = tuple[type[BaseModel], ...]


def view_of(name: str, info: FieldInfo, path: Path = ()) -> FieldView | None:
    """Answer how the field *name* is shown; None if it must not or cannot be.

    *path* holds the models around it: one inside itself has no end, and no widget.
    """
    kind, inner, optional = unwrap(info.annotation)
    metadata = [*_opened(inner), *info.metadata]
    said = next((item for item in metadata if isinstance(item, Ui)), Ui())
    secret = is_secret(kind, metadata, info)
    if secret and said.widget != "secret":
        return None
    plain = FieldView(
        name=name,
        label=said.label or info.title or humanise(name),
        widget=said.widget or "",
        help=said.help or info.description,
        required=info.is_required() and not optional,
        optional=optional,
        hidden_in=said.hidden_in,
        order=said.order,
        sortable=said.sortable,
        placeholder=said.placeholder,
        kind=bare_type(kind),
        currency=said.currency,
        unit=said.unit,
        editable=said.editable,
        filterable=said.filterable,
        show_if=said.show_if,
        autocomplete=said.autocomplete,
        accept=said.accept,
        rows=said.rows,
        chosen=said.widget is not None,
    )
    if secret or said.widget == "secret":
        return _secret(plain, metadata)
    shaped = _of_kind(plain, kind, metadata, path)
    if shaped is None:
        return None
    shaped = replace(shaped, default=_default(info, shaped))
    if said.relation is not None and not shaped.many:
        return as_relation(shaped, named_after(name), Reference(partial(_class_of, said.relation)))
    return shaped


def _class_of(said: type[Any] | str) -> type[Any]:
    if isinstance(said, type):
        return said
    from nitro_templates.relations.related import class_named

    return class_named(said)


def views_of(model: type[BaseModel], path: Path = ()) -> tuple[FieldView, ...] | None:
    """Answer the fields of a nested model; None if a form cannot show all of them.

    A form that showed a part of a nested model would lose the rest when it is saved.
    """
    if model in path or model.model_config.get("extra") == "allow":
        return None
    views: list[FieldView] = []
    for name, info in model.model_fields.items():
        view = view_of(name, info, (*path, model))
        if (
            view is None
            or view.secret
            or view.is_file
            or view.stored
            or "form" in view.hidden_in
            or not view.editable
        ):
            return None
        views.append(view)
    return tuple(sorted(views, key=lambda view: view.order))


def _of_kind(
    plain: FieldView, kind: object, metadata: list[object], path: Path
) -> FieldView | None:
    if not has_widget_for(plain.kind) or plain.chosen:
        collection = item_of(kind)
        held = kind if collection is None else collection[0]
        if is_file_class(held):
            return _stored(plain, held, metadata, many=collection is not None)
        if collection is not None:
            return _list(plain, *collection, metadata, path)
        model = nested_model(kind)
        if model is not None:
            return _nested(plain, model, path)
    return _single(plain, kind, metadata)


def _single(plain: FieldView, kind: object, metadata: list[object]) -> FieldView | None:
    widget = plain.widget or _widget(plain, kind, metadata)
    if widget is None:
        return None
    if widget == "file" or kind is bytes:
        return _file(plain, widget, kind, metadata)
    choices = choices_of(kind)
    if widget == "select" and kind is bool:
        choices = YES_NO
    return replace(
        plain,
        widget=widget,
        required=plain.required and kind is not bool,
        choices=choices,
        limits=limits_of(metadata),
        searchable=isinstance(kind, type) and issubclass(kind, str) and not choices,
    )


def _widget(plain: FieldView, kind: object, metadata: Iterable[object]) -> str | None:
    widget = widget_for(kind)
    if widget == "checkbox" and plain.optional:
        return "select"
    if widget == "decimal" and plain.currency is not None:
        return "money"
    longest = first_attribute(metadata, "max_length")
    long = plain.rows is not None or (isinstance(longest, int) and longest > _LONG_TEXT)
    if widget == "text" and long:
        return "textarea"
    if widget is None and has_widget_for(plain.kind):
        return "text"  # what is registered for the type takes its place
    return widget


def _list(
    plain: FieldView, annotation: Any, unordered: bool, metadata: list[object], path: Path
) -> FieldView | None:
    info = FieldInfo.from_annotation(annotation)
    item = view_of(plain.name, info, path)
    if item is None or item.secret or item.is_file or item.stored:
        return None
    limits = limits_of(metadata, many=True)
    choose = unordered and bool(item.choices) and not item.optional
    return replace(
        plain,
        widget=plain.widget or ("checkboxes" if choose else "list"),
        kind=item.kind,
        many=True,
        unordered=unordered,
        fields=item.fields,
        item=replace(item, label=_label_of_item(item, plain)),
        choices=item.choices,
        limits=limits,
        required=plain.required and limits.get("minitems", "0") != "0",
        sortable=False,
        filterable=False,
    )


def _label_of_item(item: FieldView, plain: FieldView) -> str:
    if item.label != humanise(plain.name):  # said so: list[Annotated[str, ui(label="Tag")]]
        return item.label
    if item.widget == "nested" and item.kind is not None:
        return humanise(item.kind.__name__)
    return singular(plain.label)


def _nested(plain: FieldView, model: type[BaseModel], path: Path) -> FieldView | None:
    fields = views_of(model, path)
    if fields is None:
        return None
    return replace(
        plain,
        widget=plain.widget or "nested",
        fields=fields,
        required=False,
        sortable=False,
        filterable=False,
    )


def _file(plain: FieldView, widget: str, kind: object, metadata: list[object]) -> FieldView | None:
    if kind is not bytes:
        msg = f"Field {plain.name!r} has the widget 'file', which is for bytes. Got {kind!r}"
        raise TypeError(msg)
    if first_attribute(metadata, "encoder") is not None:  # text in the disguise of bytes
        return None
    limits = limits_of(metadata)
    return replace(plain, widget=widget, limits=limits, sortable=False, filterable=False)


def _stored(plain: FieldView, kind: Any, metadata: list[object], *, many: bool) -> FieldView:
    rules: Any = next((item for item in metadata if _are_rules(item)), kind.__nitro_file__)
    return replace(
        plain,
        widget=plain.widget or "stored",
        kind=kind,
        stored=True,
        many=many,
        required=plain.required and not many,
        optional=plain.optional or many,
        accept=plain.accept or ",".join(rules.types) or None,
        most=rules.size,
        sortable=False,
        filterable=False,
    )


def _are_rules(item: object) -> bool:
    return hasattr(item, "takes") and hasattr(item, "types") and hasattr(item, "size")


def _secret(plain: FieldView, metadata: list[object]) -> FieldView:
    return replace(
        plain,
        secret=True,
        limits=limits_of(metadata),
        hidden_in=plain.hidden_in | _NEVER_SHOWN,
        sortable=False,
        filterable=False,
    )


def _opened(metadata: Iterable[object]) -> Iterator[object]:
    """Yield *metadata* with what an inner `Field(…)` holds in its place."""
    for item in metadata:
        if isinstance(item, FieldInfo):
            yield from item.metadata
        else:
            yield item


def _default(info: FieldInfo, view: FieldView) -> object:
    if info.is_required() or view.is_file or view.stored:
        return None
    if not view.grouped:
        return None if info.default_factory is not None else info.default
    if info.default_factory is not None and info.default_factory_takes_validated_data:
        return None
    # an empty list in a form says that it is empty, not that the default may be taken
    default = info.get_default(call_default_factory=True)
    annotation: Any = info.annotation
    return TypeAdapter[Any](annotation).dump_python(default, mode="json", warnings=False)
