"""The values that an enum or a Literal allows, as options to choose from."""

from __future__ import annotations

import enum
from typing import Literal, get_args, get_origin

from .view import Choice, humanise


def choices_of(kind: object) -> tuple[Choice, ...]:
    """Answer the options of an enum or a Literal, nothing for other types."""
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        members = list(kind)
        return tuple(Choice(str(member.value), member_label(member)) for member in members)
    if get_origin(kind) is Literal:
        return tuple(Choice(str(value), _literal_label(value)) for value in get_args(kind))
    return ()


def member_label(member: enum.Enum) -> str:
    """Answer the label of an enum member: its own `label`, or its name."""
    label = getattr(member, "label", None)
    return label if isinstance(label, str) else humanise(member.name.lower())


def _literal_label(value: object) -> str:
    return humanise(value) if isinstance(value, str) and value else str(value)
