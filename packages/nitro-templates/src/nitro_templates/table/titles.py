"""Filters and conditions on relations, as people read them: titles in place of keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nitro_templates.fields.view import FieldView
from nitro_templates.relations.related import related_of

from .filtering import Active, Filter
from .rules import Group, Rule
from .state import ViewState


def with_filter_titles(state: ViewState, filters: Sequence[Filter]) -> ViewState:
    """Answer *state* with titles where something is asked for by its key.

    Reads the titles only of what is asked for, and only where there is such a filter.
    """
    fields = {f.name: f.field for f in filters if f.kind == "relation"}
    if not fields or not (state.filters or state.rules):
        return state
    rules = None if state.rules is None else _group(state.rules, fields)
    filtered = tuple(_active(active, fields) for active in state.filters)
    return replace(state, filters=filtered, rules=rules)


def _active(active: Active, fields: Mapping[str, FieldView]) -> Active:
    if not active.by_key:
        return active
    keys = [value for _, value in active.pairs]
    titles = _titles(fields[active.field], keys)
    return replace(active, text=f"{active.text}: {', '.join(titles)}")


def _group(group: Group, fields: Mapping[str, FieldView]) -> Group:
    parts = tuple(
        _group(part, fields) if isinstance(part, Group) else _rule(part, fields)
        for part in group.parts
    )
    return replace(group, parts=parts)


def _rule(rule: Rule, fields: Mapping[str, FieldView]) -> Rule:
    if rule.field not in fields or not rule.value:
        return rule
    (title,) = _titles(fields[rule.field], [rule.value])
    return replace(rule, text=f"{rule.text.removesuffix(rule.value)}{title}")


def _titles(field: FieldView, keys: Sequence[str]) -> list[str]:
    related = related_of(field)
    if related is None:
        return list(keys)
    titles = {option.key: option.title for option in related.titles(keys).values()}
    return [titles.get(key, key) for key in keys]
