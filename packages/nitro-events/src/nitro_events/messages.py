"""Commands and queries as classes: typed messages, each with exactly one handler."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic import BaseModel, ConfigDict

from nitro_events.actions import AmbiguousName
from nitro_events.handed import HANDED_NAMES, handed_role
from nitro_events.hints import hints_of
from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.actions import Action

__all__ = [
    "Command",
    "DuplicateHandler",
    "Handled",
    "Message",
    "NoHandler",
    "Query",
    "full_name",
    "handled",
    "kind_called",
    "opened",
    "opened_as",
]


class DuplicateHandler(TypeError):
    """A message has a handler already."""


class NoHandler(LookupError):
    """Nobody handles a message, or it was no message at all."""


class Message(BaseModel):
    """What `Command` and `Query` have in common; it cannot be changed once it is made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    __nitro_kind__: ClassVar[str] = ""


class Command(Message):
    """Asks for a change: ``class PlaceOrder(Command): customer: str``.

    Its one handler is a function with ``@command`` and a parameter of this class; `dispatch`
    finds it.
    """

    __nitro_kind__ = "command"


class Query(Message):
    """Asks for an answer and changes nothing; its one handler has ``@query``."""

    __nitro_kind__ = "query"


def named(name: str, module: str) -> type[Message] | None:
    """Return the message class called *name*, rather one of *module* than another.

    For annotations that only type checkers can evaluate. Raises AmbiguousName if it may be any
    of several.
    """
    # one that was defined again takes the place of the first
    found = {full_name(kind): kind for kind in _subclasses(Message) if kind.__name__ == name}
    own = [kind for kind in found.values() if kind.__module__ == module]
    if own:
        return own[-1]
    if len(found) > 1:
        msg = (
            f"An annotation in {module} says {name}, which may be {' or '.join(found)}. Import it "
            f"where the program runs, not only for type checkers"
        )
        raise AmbiguousName(msg)
    return next(iter(found.values()), None)


def _subclasses(kind: type[Message]) -> Iterator[type[Message]]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)


@dataclass(frozen=True, slots=True)
class Handled:
    """The handler of a message class, and the parameter that takes the message."""

    function: Callable[..., object]
    parameter: str


class _Handlers(dict[type[Message], Handled]):
    """The handlers by message class."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: dict[str, type[Message]] = {}
        """The classes by their full names; one that was defined again takes the place."""
        self.open: dict[str, dict[str, Handled]] = {}
        """The handlers that clients may reach: by the name of the class, then its full name."""


def message_in(function: Callable[..., object]) -> tuple[str, type[Message]] | None:
    """Return the parameter of *function* that takes a message and its class, if it is a handler.

    That is a function whose only other parameters are handed in, such as the caller.
    """
    hints = hints_of(function)
    found: tuple[str, type[Message]] | None = None
    for parameter in inspect.signature(function).parameters.values():
        hint: object = hints.get(parameter.name, parameter.annotation)
        if isinstance(hint, type) and issubclass(hint, Message):
            if found is not None:
                return None
            found = parameter.name, hint
        elif handed_role(parameter, hints.get(parameter.name, parameter.annotation)) is None:
            return None
    return found


def register(function: Callable[..., object], declared: Action) -> bool:
    """Register *function* if it takes a message; tell whether it does.

    Raises DuplicateHandler if another function handles it, TypeError for a query that would
    handle a command, or the reverse.
    """
    found = message_in(function)
    if found is None:
        return False
    (parameter, message), kind = found, declared.kind
    if declared.path is not None:
        _check_open(message, function)
    if message.__nitro_kind__ != kind:
        right = message.__nitro_kind__ or "command or @query, and derive the class from one"
        msg = f"{message.__name__} is a {right}: write @{right} on {_place(function)}"
        raise TypeError(msg)
    handlers = state.part(_Handlers)
    other = handlers.get(message)
    if other is not None and _key(other.function) != _key(function):
        msg = (
            f"{message.__name__} has a handler already: {_place(other.function)}. A {kind} has "
            f"exactly one, so {_place(function)} cannot be another. Let it listen to an event "
            f"(@on) that the first one emits, or take a {kind} of its own"
        )
        raise DuplicateHandler(msg)
    made = handlers[message] = Handled(function, parameter)
    full = full_name(message)
    handlers.kinds[full] = message
    if declared.path is not None:
        handlers.open.setdefault(message.__name__, {})[full] = made
    return True


def _check_open(message: type[Message], function: Callable[..., object]) -> None:
    """Raise TypeError if a client could say who asks."""
    injected = sorted(HANDED_NAMES.intersection(message.model_fields))
    if injected:
        msg = (
            f"{_place(function)} opens {message.__name__} to clients, who may not say what its "
            f"field {injected[0]!r} is. Call the field otherwise, or take it as an argument of "
            f"the handler (caller: Caller)"
        )
        raise TypeError(msg)


def handled(message: type[Message]) -> Handled:
    """Return the handler of *message*. Raises NoHandler."""
    found = state.part(_Handlers).get(message)
    if found is None:
        raise NoHandler(_nobody(message))
    return found


def kind_called(full: str) -> type[Message] | None:
    """Return the message class that is called ``module:Class`` and has a handler, or None."""
    return state.part(_Handlers).kinds.get(full)


def opened() -> Iterator[tuple[str, Callable[..., object]]]:
    """Yield the names by which clients know messages, with their handlers, which have a path."""
    for name, found in list(state.part(_Handlers).open.items()):
        if len(found) == 1:
            yield name, next(iter(found.values())).function


def opened_as(name: str) -> Callable[..., object] | None:
    """Return the handler of the message that clients know by *name*, None if there is none.

    Raises AmbiguousName if several modules have one.
    """
    found = state.part(_Handlers).open.get(name)
    if not found:
        return None
    if len(found) > 1:
        msg = (
            f"{name} is {' and '.join(found)}. Ask for it by the name of its handler, or its path"
        )
        raise AmbiguousName(msg)
    return next(iter(found.values())).function


def _nobody(message: type[Message]) -> str:
    known = {kind.__name__: item for kind, item in state.part(_Handlers).items()}
    kind = message.__nitro_kind__ or "command"
    msg = f"Nobody handles {message.__module__}.{message.__qualname__}. "
    near = difflib.get_close_matches(message.__name__, known, n=3, cutoff=0.5)
    if near:
        places = ", ".join(f"{name} ({_place(known[name].function)})" for name in near)
        msg += f"Near to it: {places}. "
    name = message.__name__
    return (
        f"{msg}Write @{kind} on a function that takes it (message: {name}), and import its module"
    )


def full_name(kind: type[Message]) -> str:
    """Return ``module:Class``, by which other processes know it."""
    return f"{kind.__module__}:{kind.__qualname__}"


def _key(function: Callable[..., object]) -> tuple[str, str]:
    # the same name defined again, as a reloaded module does, takes the place of the first
    return function.__module__, function.__qualname__


def _place(function: Callable[..., object]) -> str:
    code = cast("Any", getattr(inspect.unwrap(function), "__code__", None))
    where = "" if code is None else f" ({code.co_filename}:{code.co_firstlineno})"
    return f"{function.__module__}.{function.__qualname__}{where}"
