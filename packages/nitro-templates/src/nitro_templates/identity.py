"""Which functions do the same, for keys of views that share one rendering."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from types import FunctionType

__all__ = ["identity"]


def identity(function: Callable[..., object] | None) -> Hashable:
    """Answer a key that is equal for functions that do the same.

    A lambda in a handler is a new object at each request; equal code without closure and
    defaults does the same, so such functions are told apart by module, name and code.
    """
    if function is None:
        return None
    if (
        isinstance(function, FunctionType)
        and not function.__closure__
        and not function.__defaults__
        and not function.__kwdefaults__
    ):
        return (function.__module__, function.__qualname__, function.__code__)
    return function if getattr(type(function), "__hash__", None) else id(function)
