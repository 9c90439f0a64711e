"""A call that a client is to make, as a value that templates turn into attributes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nitro_events.actions import Action, action_of

__all__ = ["Call", "call"]


@dataclass(frozen=True, slots=True)
class Call:
    """An action, whom it is called on (None for a plain function) and its arguments."""

    target: object
    function: Callable[..., object]
    action: Action
    arguments: Mapping[str, object]


def call(function: Callable[..., object], /, **arguments: object) -> Call:
    """Describe the client's call of *function*: ``on_click=call(product.restock, quantity=5)``.

    Arguments that are left out are for the client to give. Raises TypeError if *function* was
    not declared with @action, @command or @query, or has no such argument.
    """
    declared = action_of(function)
    name = getattr(function, "__qualname__", repr(function))
    if declared is None:
        msg = f"{name} cannot be called by a client. Declare it with @action, @command or @query"
        raise TypeError(msg)
    try:
        inspect.signature(function).bind_partial(**arguments)
    except TypeError as exc:
        msg = f"call({name}, …): {exc}"
        raise TypeError(msg) from None
    target = getattr(function, "__self__", None)
    return Call(target, function, declared, MappingProxyType(dict(arguments)))
