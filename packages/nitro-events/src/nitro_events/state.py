"""Everything of this module that outlives a call hangs on one object, ``state``.

``state.reset()`` brings back the first day: tests call it between each other.
"""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from nitro_events.http.results import Converters
    from nitro_events.http.routes import Routes
    from nitro_events.live.hub import Hub
    from nitro_events.plans import Plan
    from nitro_events.policy import Policy
    from nitro_events.resources import Presenter, Targets
    from nitro_events.seal import Sealer
    from nitro_events.settings import Settings
    from nitro_events.units import RequestUnit

__all__ = ["State", "state"]

T = TypeVar("T")

_ASKED_OFTEN = ("settings", "sealer", "routes", "converters", "targets")


class State:
    """The owner of all that is global here; each part is made when it is first asked for."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._begin()

    def _begin(self) -> None:
        self._parts: dict[object, Any] = {}
        for name in _ASKED_OFTEN:
            vars(self).pop(name, None)
        self._undo: list[Callable[[], None]] = []
        self._hub: Hub | None = None
        self.plans: dict[object, Plan] = {}
        """Who is called for which event: the way of every `emit`, so it is one look-up away."""
        self.presenters: list[Presenter] = []
        """Turn outcomes into responses, asked in order; JSON comes after all of them."""
        self.stream_openers: list[Callable[[], None]] = []
        """Called by the live side when the first stream opens (see `streams_begin`)."""
        self._streaming = False

    def part(self, kind: Callable[[], T]) -> T:
        """Return the one object that *kind* makes, made at the first call after a reset."""
        found: T | None = self._parts.get(kind)
        if found is None:
            with self._lock:
                found = self._parts.get(kind)
                if found is None:
                    found = self._parts[kind] = kind()
        return found

    def made(self, kind: Callable[[], T]) -> T | None:
        """Return what `part` made of *kind*, None if it was not asked for yet."""
        found: T | None = self._parts.get(kind)
        return found

    def on_reset(self, undo: Callable[[], None]) -> None:
        """Call *undo* at the next reset: for subscriptions made with somebody else."""
        self._undo.append(undo)

    def reset(self) -> None:
        """Forget everything, undoing in reverse order what was promised to `on_reset`."""
        with self._lock:
            for undo in reversed(self._undo):
                undo()
            self._begin()

    def streams_begin(self) -> None:
        """Tell the joints that a first stream is open; later calls do nothing."""
        with self._lock:
            if self._streaming:
                return
            self._streaming = True
        for opener in self.stream_openers:
            opener()

    @property
    def hub(self) -> Hub:
        """The hub of this process, made at first use."""
        made = self._hub
        if made is not None:
            return made
        with self._lock:
            if self._hub is None:
                # loaded late: who only emits events needs no hub
                from nitro_events.live.hub import Hub
                from nitro_events.live.remote import configured_broker

                self._hub = Hub(configured_broker)
            return self._hub

    @hub.setter
    def hub(self, hub: Hub) -> None:
        self._hub = hub

    def open_unit(self) -> RequestUnit:
        """Open the unit of one request, see `nitro_events.units`."""
        from nitro_events.units import open_unit

        return open_unit()

    @cached_property
    def settings(self) -> Settings:
        """What was configured, see `nitro_events.settings`."""
        from nitro_events.settings import Settings

        return self.part(Settings)

    @property
    def policy(self) -> Policy:
        """Who may do what: the configured policy, else the careful default."""
        configured = self.settings.policy
        return self._default_policy if configured is None else configured

    @cached_property
    def _default_policy(self) -> Policy:
        from nitro_events.policy import default_policy

        return default_policy

    @cached_property
    def sealer(self) -> Sealer:
        """Signs what goes to the browser and comes back."""
        from nitro_events.seal import Sealer

        return self.part(Sealer)

    @cached_property
    def routes(self) -> Routes:
        """The routes that Nitro itself answers."""
        from nitro_events.http.generated import standard_routes

        return self.part(standard_routes)

    @cached_property
    def converters(self) -> Converters:
        """How values that handlers return become responses."""
        from nitro_events.http.results import Converters

        return self.part(Converters)

    @cached_property
    def targets(self) -> Targets:
        """What can be created, updated and deleted over HTTP, by slug."""
        from nitro_events.resources import Targets

        return self.part(Targets)


state = State()
