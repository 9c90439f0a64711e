"""The durable handlers of this process, by the names that messages know them by."""

from __future__ import annotations

import fnmatch
import inspect
import threading
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

from nitro_events.durable.options import Retry, options
from nitro_events.handler import Handler, Options, place_of
from nitro_events.senders import keys_of
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Bridge", "Registered", "Registry", "name_of", "register", "registry"]


class Bridge(Protocol):
    """Hands messages over to a task queue of others, whose worker runs them by `perform`."""

    def wants(self, registered: Registered, /) -> bool:
        """Say whether this handler is a task of that queue."""
        ...

    def add(self, registered: Registered, /) -> None:
        """Make a task of a handler that was registered."""
        ...

    def send(self, name: str, id: str, document: dict[str, str], /) -> None:
        """Hand a message over to the task *name* under the id of the message; may block."""
        ...


@dataclass(frozen=True, slots=True)
class Registered:
    """A handler of one event or pattern; *name* is that of the function for everybody."""

    name: str
    target: str
    handler: Handler

    @property
    def retry(self) -> Retry:
        """How often it is run again when it fails."""
        said: object = self.handler.options.durable
        return said if isinstance(said, Retry) else options().retry

    def hears(self, event: str, sender: object, values: Mapping[str, Any]) -> bool:
        """Say whether the handler is meant by an event that is emitted now."""
        if self.target != event and not fnmatch.fnmatchcase(event, self.target):
            return False
        handler = self.handler
        if handler.key is not None and handler.key not in keys_of(sender):
            return False
        if handler.options.when is None:
            return True
        return handler.accepts(sender, values, handler.made(values))


class Registry:
    """All durable handlers, and the task queues that run some of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, dict[str, Registered]] = {}
        self._bridges: list[Bridge] = []

    def __iter__(self) -> Iterator[Registered]:
        """Yield every registration, in order."""
        with self._lock:
            return iter([one for targets in self._known.values() for one in targets.values()])

    @property
    def names(self) -> list[str]:
        """The names of the handlers."""
        return list(self._known)

    def add(
        self,
        function: Callable[..., Any],
        target: str,
        said: Options,
        *,
        called: Callable[..., Any] | None = None,
    ) -> Registered:
        """Enter a handler; *called* is what runs for it, if that is something else.

        Raises ValueError if another function has its name.
        """
        made = Registered(name_of(function), target, Handler(called or function, said))
        with self._lock:
            targets = self._known.setdefault(made.name, {})
            for other in targets.values():
                _refuse_namesake(made, other)
            targets[target] = made
            bridges = tuple(self._bridges)
        for bridge in bridges:
            if bridge.wants(made):
                bridge.add(made)
        return made

    def find(self, name: str, target: str) -> Registered | None:
        """Return the handler that a message is for; None if this release has none."""
        targets = self._known.get(name)
        if not targets:
            return None
        return targets.get(target) or next(iter(targets.values()))

    def use(self, bridge: Bridge) -> None:
        """Let *bridge* hand over the handlers that it wants, those to come too."""
        with self._lock:
            self._bridges.append(bridge)
        for one in self:
            if bridge.wants(one):
                bridge.add(one)

    def bridge_of(self, registered: Registered) -> Bridge | None:
        """Return who hands the messages of a handler over; None if it runs here."""
        return next((one for one in reversed(self._bridges) if one.wants(registered)), None)


def registry() -> Registry:
    """Return the durable handlers of this process."""
    return state.part(Registry)


def register(function: Callable[..., Any], target: Any, said: Options | None = None) -> None:
    """Let *function* handle the event *target*, by a worker, after the commit.

    *target* is a name, a pattern, or a signal or event class with a ``name``. A message knows the
    function as ``module:qualname``, so this must stay when the application is deployed anew, or
    wait until the old messages are done. Raises ValueError if another function has that name.
    """
    name = target if isinstance(target, str) else getattr(target, "name", None)
    if not isinstance(name, str):
        msg = f"A durable handler needs an event with a name, got {target!r}"
        raise TypeError(msg)
    registry().add(function, name, said or Options(durable=True))
    if find_spec("nitro_entities") is not None:
        from nitro_events.with_entities import deliveries

        deliveries.define()


def name_of(function: Callable[..., Any]) -> str:
    """Return ``module:qualname``. Raises TypeError for what has no name."""
    inner: Any = inspect.unwrap(function)
    module = getattr(inner, "__module__", None)
    qualname = getattr(inner, "__qualname__", None)
    bound = inspect.ismethod(inner) and not inspect.isclass(inner.__self__)
    if not module or not qualname or bound:
        msg = f"A durable handler is a named function that other processes know, got {inner!r}"
        raise TypeError(msg)
    return f"{module}:{qualname}"


def _refuse_namesake(made: Registered, other: Registered) -> None:
    mine, theirs = place_of(made.handler.function), place_of(other.handler.function)
    if mine == theirs or made.name.startswith("__main__:"):
        return
    msg = (
        f"Two durable handlers are called {made.name!r}: at {theirs} and at {mine}. A worker "
        f"could not tell which to run. Give one of them another name"
    )
    raise ValueError(msg)
