"""Read the fields of a pydantic model, or the arguments of a function, as views."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .infer import view_of
from .view import Choice as Choice
from .view import FieldView as FieldView
from .view import humanise as humanise


def fields_of(model: type[BaseModel], *, without: Iterable[str] = ()) -> tuple[FieldView, ...]:
    """List the fields of *model* that can be shown, in the order they are shown.

    Left out are secrets (but those that may be set: `ui(widget="secret")`) and types that have
    no widget: mappings, unions of several types, models inside themselves.
    """
    skipped = frozenset(without)
    views = [
        view
        for name, info in model.model_fields.items()
        if name not in skipped and (view := view_of(name, info)) is not None
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
        view = view_of(parameter.name, _info_of(parameter, annotation))
        if view is not None:
            views.append(view)
        elif parameter.default is inspect.Parameter.empty:
            msg = (
                f"{function.__qualname__}: no widget for argument {parameter.name!r} of type "
                f"{annotation!r}. Give it a default or a simpler type"
            )
            raise TypeError(msg)
    return tuple(sorted(views, key=lambda view: view.order))


def _info_of(parameter: inspect.Parameter, annotation: Any) -> FieldInfo:
    if parameter.default is inspect.Parameter.empty:
        return FieldInfo.from_annotation(annotation)
    return FieldInfo.from_annotated_attribute(annotation, parameter.default)


def _hints_of(function: Callable[..., object]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except NameError:  # a name that exists for type checkers only
        found = inspect.get_annotations(function)
        return {name: hint for name, hint in found.items() if not isinstance(hint, str)}


def _is_handed_in(annotation: object) -> bool:
    # the request, its caller, its signals: given by whoever runs the function, not by a form
    return isinstance(annotation, type) and annotation.__module__.startswith("nitro_events.")
