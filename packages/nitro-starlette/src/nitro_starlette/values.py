"""Which of the values that an endpoint returned are answered by Nitro."""

from __future__ import annotations

import inspect

from nitro_events.http.results import concerns
from nitro_events.state import state

__all__ = ["is_entity", "is_ours"]


def is_ours(value: object) -> bool:
    """Tell whether Nitro has an answer for *value*, which is no response of Starlette.

    Pages, elements and patches; and data as JSON: entities, lists and dicts, which Starlette could
    only fail with. Text and None stay the mistakes that they are.
    """
    if concerns(value):
        return True
    kind = type(value)
    if isinstance(value, dict | list | tuple) or is_entity(value):
        return True
    if inspect.isasyncgen(value):
        return True
    return hasattr(kind, "__iter__") and not issubclass(kind, str | bytes | bytearray)


def is_entity(value: object) -> bool:
    """Tell whether *value* is of a class whose JSON Nitro knows."""
    return state.targets.of(type(value)) is not None
