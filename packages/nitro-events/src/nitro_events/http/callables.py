"""What is said of a declared function: its full name, and what its path may name."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, cast

from nitro_events.arguments import Arguments
from nitro_events.http.tree import RouteError, params_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["arguments_of", "check_parameters", "described"]


def described(thing: Callable[..., object]) -> str:
    """Return the full name of a function or class, as messages tell it."""
    inner = getattr(thing, "__func__", thing)
    return f"{inner.__module__}.{inner.__qualname__}"


def arguments_of(function: Callable[..., object], *, of_entity: bool) -> Arguments:
    """Return the arguments of a declared function; those of a method without its entity."""
    if of_entity and not inspect.ismethod(function):
        # an entity is not at hand; whatever stands in for it is left out
        function = cast("Callable[..., object]", cast("Any", function).__get__(object()))
    return Arguments.of(function)


def check_parameters(function: Callable[..., object], pattern: str, *, of_entity: bool) -> None:
    """Raise RouteError if *pattern* names what is no argument, nor the ``{id}`` of an entity."""
    names = [name for name in params_of(pattern) if not (of_entity and name == "id")]
    if not names:
        return
    known = arguments_of(function, of_entity=of_entity).fields
    strange = ", ".join(f"{{{name}}}" for name in names if name not in known)
    if strange:
        msg = (
            f"The path {pattern!r} of {described(function)} names {strange}, which is no argument"
        )
        raise RouteError(msg)
