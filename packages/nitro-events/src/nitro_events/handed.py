"""What a declared function is handed, and a client never says: the caller, the request, …."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Union, get_args, get_origin

from nitro_events.hints import hints_of
from nitro_events.policy import Caller
from nitro_events.signals import Signals

if TYPE_CHECKING:
    from nitro_events.http.request import Request

__all__ = ["HANDED_NAMES", "Handed", "Role", "check_handed", "handed_role", "handed_types"]

Role: TypeAlias = Literal["request", "caller", "signals", "sender"]
"""What is handed in rather than read."""

_BY_NAME: dict[str, Role] = {"request": "request", "user": "caller", "sender": "sender"}
_BY_TYPE: dict[str, Role] = {"Request": "request", "Caller": "caller", "Signals": "signals"}
HANDED_NAMES = frozenset(_BY_NAME)
"""The arguments that are never read from input, whatever their type."""


@dataclass(slots=True)
class Handed:
    """What is known of a call besides its input."""

    caller: Caller
    request: Request | None = None
    sender: object = None


def handed_role(parameter: inspect.Parameter, hint: object) -> Role | None:
    """Return what *parameter* is handed, or None if its value comes from input.

    Raises TypeError if it has the name of something that is handed in and another type.
    """
    plain = hint is Any or hint is object or hint is inspect.Parameter.empty
    role = _role_of(parameter.annotation if plain else hint)
    if role is not None:
        return role
    by_name = _BY_NAME.get(parameter.name)
    if by_name is None and parameter.name == "signals" and parameter.annotation is parameter.empty:
        return "signals"
    if by_name is None or by_name == "sender" or plain:
        return by_name
    right = "Request" if by_name == "request" else "Caller"
    msg = (
        f"The argument {parameter.name!r} is handed in and never read from what a client sends, "
        f"so it is annotated {right} (of nitro_events) or not at all, got {hint!r}. Call it "
        f"otherwise if it is to be read, such as {parameter.name}_id"
    )
    raise TypeError(msg)


def check_handed(function: Callable[..., object]) -> None:
    """Raise TypeError if an argument of *function* has the name of what is handed in."""
    parameters = inspect.signature(function).parameters
    if not HANDED_NAMES.isdisjoint(parameters):
        hints = hints_of(function)
        for name in HANDED_NAMES.intersection(parameters):
            handed_role(parameters[name], hints.get(name, parameters[name].annotation))


def handed_types() -> tuple[type, ...]:
    """Return the types that are handed in rather than read."""
    from nitro_events.http.request import Request

    return Request, Caller, Signals


def _role_of(hint: object) -> Role | None:
    if isinstance(hint, str):  # a name that exists for type checkers only
        return _BY_TYPE.get(hint.replace(" ", "").removesuffix("|None").rpartition(".")[2])
    kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    kinds = tuple(kind for kind in kinds if kind is not type(None))
    if len(kinds) != 1 or kinds[0] not in handed_types():
        return None
    return _BY_TYPE[kinds[0].__name__]
