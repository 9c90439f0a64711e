"""What is found out once about an entity class: its fields, its actions, its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from nitro_entities import classes
from nitro_entities.fields import specs
from nitro_templates.fields.describe import FieldView, fields_of
from nitro_templates.fields.relation import as_relation
from nitro_templates.sources import ActionView
from nitro_templates.state import state

from .references import references_of


@dataclass(frozen=True, slots=True)
class Facts:
    """What is found out once about an entity class."""

    fields: tuple[FieldView, ...]
    actions: Mapping[str, ActionView]


class KnownFacts(WeakKeyDictionary[type[Any], Facts]):
    """The facts of the classes seen so far; a class that is gone takes its facts along."""


def facts_of(cls: type[Any]) -> Facts:
    """Answer the fields and actions of *cls*."""
    known = state.part(KnownFacts)
    if cls not in known:
        # what the verbs fill in by themselves is nothing to type in
        own = [name for name, spec in specs(cls).items() if spec.role is not None]
        known[cls] = Facts(_fields_of(cls, without=["id", *own]), _actions_of(cls))
    return known[cls]


class KnownSlugs(WeakKeyDictionary[type[Any], str]):
    """The names in URLs of the classes seen so far."""


def slug_of(cls: type[Any]) -> str:
    """Answer the name of *cls* in URLs: found out once, as each link of each row has it."""
    known = state.part(KnownSlugs)
    found = known.get(cls)
    if found is None:
        found = known[cls] = classes.slug(cls)
    return found


def _fields_of(cls: type[Any], without: list[str]) -> tuple[FieldView, ...]:
    keys = references_of(cls)
    return tuple(
        as_relation(view, *keys[view.name])
        if view.name in keys and view.reference is None
        else view
        for view in fields_of(cls, without=without)
    )


def _actions_of(cls: type[Any]) -> dict[str, ActionView]:
    found: dict[str, ActionView] = {}
    for owner in reversed(cls.__mro__):
        for attribute, value in vars(owner).items():
            declared = getattr(value, "__nitro_action__", None)
            if declared is None:
                continue
            bound = not isinstance(value, classmethod | staticmethod)
            found[attribute] = ActionView(
                name=declared.name,
                label=declared.label,
                function=getattr(value, "__func__", value),
                confirm=declared.confirm,
                kind=declared.kind,
                bound=bound,
                icon=declared.icon,
                undo=bool(getattr(declared, "undo", True)),
            )
    return {name: view for name, view in found.items() if hasattr(cls, name)}
