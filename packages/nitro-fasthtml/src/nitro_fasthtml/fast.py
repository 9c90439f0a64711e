"""FastHTML itself, which says nothing of its types."""

from importlib import import_module
from typing import Any

__all__ = ["core", "has_markup", "is_of_fasthtml"]

core: Any = import_module("fasthtml.core")

_THEIRS = frozenset({"fastcore", "fasthtml"})


def is_of_fasthtml(value: object) -> bool:
    """Tell whether FastHTML has a meaning of its own for *value*: tags, redirects, headers."""
    kind = type(value)
    return (
        kind.__module__.partition(".")[0] in _THEIRS
        or isinstance(value, core.FT)
        or hasattr(kind, "__ft__")
        or hasattr(kind, "__response__")
    )


def has_markup(value: object) -> bool:
    """Tell whether *value* writes its own HTML."""
    return hasattr(type(value), "__html__")
