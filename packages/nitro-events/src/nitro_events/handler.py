"""A function that handles events, looked at once: its kind, what it takes, when it runs."""

from __future__ import annotations

import functools
import inspect
import sys
import threading
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from nitro_events.expecting import expect, is_a, is_function
from nitro_events.senders import key_of

if TYPE_CHECKING:
    from blinker import Signal

    from nitro_events.durable.options import Retry
    from nitro_events.typed import Event

__all__ = ["Function", "Handler", "Kind", "Options", "Turn", "place_of"]

Function: TypeAlias = "Callable[..., Any]"
Kind: TypeAlias = Literal["sync", "async", "generator", "async generator"]


class Turn:
    """The one turn of a handler that runs once: whoever takes it first, has it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.signals: list[Signal] = []
        """Those that the handler listens to."""

    def take(self) -> bool:
        """Take the turn; False if somebody had it."""
        return self._lock.acquire(blocking=False)


@dataclass(frozen=True, slots=True)
class Options:
    """When and where a handler runs, as it was said to `on`."""

    priority: int = 0
    sender: object = None
    when: Function | None = None
    once: bool = False
    after_commit: bool = False
    durable: bool | Retry = False
    everywhere: bool = False
    event: type[Event] | None = None
    """The typed event that the handler takes, if it was registered for one."""

    def __post_init__(self) -> None:
        """Refuse what cannot be, or excludes each other. Raises TypeError and ValueError."""
        expect(is_a(int)(self.priority), "priority", "a whole number", self.priority)
        fits = self.when is None or is_function(self.when)
        expect(fits, "when", "a function of what the handler gets", self.when)
        for name in ("once", "after_commit", "everywhere"):
            given = getattr(self, name)
            expect(isinstance(given, bool), name, "True or False", given)
        durable = self.durable
        fits = isinstance(durable, bool) or _is_retry(durable)
        expect(fits, "durable", "True, False or Retry(…)", durable)
        alone = {"after_commit": self.after_commit, "everywhere": self.everywhere}
        alone["once"] = self.once
        for name, given in alone.items():
            if self.durable and given:
                msg = (
                    f"durable=True and {name}=True exclude each other: a durable handler is run "
                    f"by one worker, after the commit, at least once. Leave {name} out"
                )
                raise ValueError(msg)

    def typed(self, event: type[Event]) -> Options:
        """Return these options for a handler of a typed event."""
        return replace(self, event=event)


def _is_retry(given: object) -> bool:
    # who has made one has loaded its module; nobody else needs it
    options = sys.modules.get("nitro_events.durable.options")
    return options is not None and isinstance(given, options.Retry)


class Handler:
    """One registration of a function."""

    __slots__ = (
        "_condition",
        "_first",
        "_names",
        "function",
        "identity",
        "key",
        "kind",
        "name",
        "options",
        "order",
        "takes_sender",
        "turn",
    )

    def __init__(
        self,
        function: Function,
        options: Options | None = None,
        order: tuple[int, int] = (0, 0),
        turn: Turn | None = None,
    ) -> None:
        self.function = function
        self.options = options = options or Options()
        self.order = order
        self.turn = turn
        self.name: str = getattr(function, "__qualname__", repr(function))
        self.identity = _identity(function)
        self.key: Hashable = None if options.sender is None else key_of(options.sender)
        self.kind: Kind = _kind(function)
        self.takes_sender, self._first, self._names = _parameters(function)
        self._condition = None if options.when is None else _condition(options)

    def __repr__(self) -> str:
        return f"<Handler {self.name} ({self.kind})>"

    @property
    def is_plain(self) -> bool:
        """Whether it simply runs, each time, where the event is emitted."""
        options = self.options
        conditional = options.when is not None or options.once
        return not (conditional or options.after_commit or options.durable or options.everywhere)

    def wanted(self, names: Collection[str]) -> tuple[str, ...]:
        """Return those of *names* that the function takes as keywords."""
        if self.options.event is not None:
            names = ("sender",)
        taken = self._names
        if taken is None:
            return tuple(name for name in names if name != self._first)
        return tuple(name for name in names if name in taken)

    def call(
        self, sender: object, values: Mapping[str, object], event: Event | None = None
    ) -> Any:
        """Call the function as an event would, and return what it returns.

        A handler of a typed event gets *event*, made of *values* if there is none; raises
        pydantic's ValidationError if that cannot be. Any other gets the sender and what it names
        of *values*.
        """
        kind = self.options.event
        if kind is not None:
            values = {"sender": sender}
            sender = event
        given = {name: values[name] for name in self.wanted(values)}
        return self.function(sender, **given) if self.takes_sender else self.function(**given)

    def accepts(
        self, sender: object, values: Mapping[str, object], event: Event | None = None
    ) -> bool:
        """Ask the condition, if there is one."""
        condition = self._condition
        return condition is None or bool(condition.call(sender, values, event))

    def made(self, values: Mapping[str, object], event: Event | None = None) -> Event | None:
        """Return the event that the function takes: *event*, else one made of *values*."""
        kind = self.options.event
        if kind is None or event is not None:
            return event
        return kind.model_validate(dict(values))


def place_of(function: Function) -> str:
    """Return where *function* is written, as ``file:line``; its name where nobody can say."""
    inner: Any = _inner(inspect.unwrap(function))
    code = getattr(inner, "__code__", None)
    if code is None:
        return f"{getattr(inner, '__module__', None)}.{getattr(inner, '__qualname__', inner)}"
    return f"{code.co_filename}:{code.co_firstlineno}"


def _condition(options: Options) -> Handler:
    if options.when is None:
        raise AssertionError
    found = Handler(options.when, Options(event=options.event))
    if found.kind != "sync":
        msg = f"when= takes a plain function, and {found.name} is {found.kind}"
        raise TypeError(msg)
    return found


def _identity(function: Function) -> Hashable:
    if inspect.ismethod(function):
        return id(function.__func__), id(function.__self__)
    return id(function)


def _inner(function: Any) -> Any:
    while isinstance(function, functools.partial):
        function = function.func  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not inspect.isroutine(function) and not inspect.isclass(function):
        return function.__call__
    return function


def _kind(function: Function) -> Kind:
    inner = _inner(function)
    if inspect.isasyncgenfunction(inner):
        return "async generator"
    if inspect.iscoroutinefunction(inner):
        return "async"
    return "generator" if inspect.isgeneratorfunction(inner) else "sync"


def _parameters(function: Function) -> tuple[bool, str | None, frozenset[str] | None]:
    """Return whether there is room for the sender, its name, and the keywords (None: all)."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:  # some builtins have no signature: they get the sender only
        return True, None, frozenset()
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    rest = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    first = positional[0] if positional else None
    first_name = first.name if first and first.kind is first.POSITIONAL_OR_KEYWORD else None
    takes_sender = first is not None or rest
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return takes_sender, first_name, None
    named = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    return takes_sender, first_name, frozenset(named - {first_name})
