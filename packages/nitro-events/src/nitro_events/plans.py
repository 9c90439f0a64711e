"""Who is to be called for an event, in order.

Most events are handled by functions that simply run: for those a function is written once, see
`compiled`. Where something is to be decided for each event, `emission` does it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from blinker import default_namespace

from nitro_events.compiled import compiled
from nitro_events.emission import arun, run
from nitro_events.senders import keys_of

if TYPE_CHECKING:
    from blinker import Signal

    from nitro_events.handler import Handler
    from nitro_events.handlers import Handlers
    from nitro_events.typed import Event

__all__ = ["Plan"]

Run: TypeAlias = "Callable[..., list[Any]]"
ARun: TypeAlias = "Callable[..., Awaitable[list[Any]]]"
K = TypeVar("K")
V = TypeVar("V")

_MOST = 256
"""So many ways of calling are kept for one event: keywords and senders may come from outside."""


class Plan:
    """Everybody who hears one event, until somebody registers or leaves."""

    __slots__ = (
        "_buckets",
        "_is_general",
        "_subs",
        "acalls",
        "calls",
        "expected",
        "handlers",
        "name",
        "owner",
        "signal",
        "strict",
    )

    def __init__(
        self,
        owner: Handlers,
        name: str | None,
        signal: Signal | None,
        handlers: Collection[Handler],
        *,
        for_one_sender: bool = False,
    ) -> None:
        self.owner = owner
        self.name = name
        self.signal = signal
        self.expected = 1 if signal is not None and owner.is_attached(signal) else 0
        """How many receivers the signal has if nobody connected one past us."""
        self.handlers = _in_order(handlers)
        self.strict = owner.is_strict(name)
        self.calls: dict[tuple[str, ...], Run] = {}
        """How to run the handlers, by the keywords that an event carries."""
        self.acalls: dict[tuple[str, ...], ARun] = {}
        self._subs: dict[tuple[Hashable, ...], Plan] = {}
        self._buckets = {} if for_one_sender else _by_sender(self.handlers)
        plain = all(handler.is_plain for handler in self.handlers)
        self._is_general = bool(self.strict or owner.recorders or not plain)

    def call(self, names: tuple[str, ...]) -> Run:
        """Return what runs an event that carries *names*: ``(sender, values, event=None)``."""
        if self._is_general or self._buckets:
            return _keep(self.calls, names, self.run)
        return _keep(self.calls, names, compiled(self, names))

    def acall(self, names: tuple[str, ...]) -> ARun:
        """Return what to await for an event that carries *names*, as `call`."""
        if self._is_general or self._buckets:
            return _keep(self.acalls, names, self.arun)
        return _keep(self.acalls, names, compiled(self, names, is_async=True))

    def run(
        self,
        sender: object,
        values: Mapping[str, Any],
        event: Event | None = None,
        *,
        others: bool = True,
    ) -> list[Any]:
        """Run the handlers, whatever they ask for, see `emission.run`."""
        plan = self.now().to(sender)
        if plan is self or plan._is_general or not others:
            return run(plan, sender, values, event, others=others)
        names = tuple(values)
        return (plan.calls.get(names) or plan.call(names))(sender, values, event)

    async def arun(
        self, sender: object, values: Mapping[str, Any], event: Event | None = None
    ) -> list[Any]:
        """Run the handlers, whatever they ask for, see `emission.arun`."""
        plan = self.now().to(sender)
        if plan is self or plan._is_general:
            return await arun(plan, sender, values, event)
        names = tuple(values)
        return await (plan.acalls.get(names) or plan.acall(names))(sender, values, event)

    def now(self) -> Plan:
        """Return this plan, or the one to use since a signal of this name has come into being."""
        if self.signal is not None or self.name is None:
            return self
        signal = default_namespace.get(self.name)
        return self if signal is None else self.owner.renewed(signal)

    def to(self, sender: object) -> Plan:
        """Return the plan of those who listen to this *sender*.

        How many listen to others does not matter.
        """
        buckets = self._buckets
        if not buckets:
            return self
        hits = tuple([key for key in keys_of(sender) if key in buckets])
        found = self._subs.get(hits)
        if found is None:
            heard = [handler for key in (None, *hits) for handler in buckets.get(key, ())]
            made = Plan(self.owner, self.name, self.signal, heard, for_one_sender=True)
            found = _keep(self._subs, hits, made)
        return found

    def others(self, sender: object) -> list[Handler]:
        """Return what plain blinker code connected."""
        return [] if self.signal is None else self.owner.others(self.signal, sender)


def _in_order(handlers: Collection[Handler]) -> tuple[Handler, ...]:
    return tuple(sorted(handlers, key=lambda handler: handler.order))


def _by_sender(handlers: Collection[Handler]) -> dict[Hashable, list[Handler]]:
    if all(handler.key is None for handler in handlers):
        return {}
    buckets: dict[Hashable, list[Handler]] = defaultdict(list)
    for handler in handlers:
        buckets[handler.key].append(handler)
    return dict(buckets)


def _keep(kept: dict[K, V], key: K, made: V) -> V:
    if len(kept) >= _MOST:
        kept.clear()
    kept[key] = made
    return made
