"""The annotations of a function, as far as they can be evaluated."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

__all__ = ["hints_of"]


def hints_of(function: Callable[..., object]) -> dict[str, Any]:
    """Return the annotations of *function*; those that name what is not there are left out.

    Such a name may exist for type checkers only; its argument takes any JSON value.
    """
    module = sys.modules.get(function.__module__)
    known = {} if module is None else vars(module)
    space = getattr(inspect.unwrap(function), "__globals__", known)
    found: dict[str, Any] = {}
    for name, hint in inspect.get_annotations(function).items():
        if isinstance(hint, str):
            try:
                hint = eval(hint, space)
            except Exception:
                hint = _message_named(hint, function.__module__)
        if not isinstance(hint, str):
            found[name] = type(None) if hint is None else hint
    return found


def _message_named(hint: str, module: str) -> object:
    """Return the message class that *hint* names, where it cannot be evaluated, else *hint*."""
    messages = sys.modules.get("nitro_events.messages")
    found = None if messages is None else messages.named(hint.rpartition(".")[2], module)
    return hint if found is None else found
