"""Who has what open in the other instances, as they tell it over the broker."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from nitro_events.live.remote import configured_broker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nitro_events.instances.broker import Broker
    from nitro_events.live.presence import Present

__all__ = ["CHANNEL", "Elsewhere"]

CHANNEL = "live.here"
BEAT = 4.0
"""While there are others, an instance says so often that it is still there."""
TIME_TO_LIVE = 10.0
"""One that said nothing for so many seconds is not there any more, nor is who was at it."""


@dataclass(slots=True)
class Instance:
    """Another process, and who is there."""

    seen: float
    places: dict[str, list[Present]] = field(default_factory=dict[str, "list[Present]"])


class Elsewhere:
    """Tells the other instances who is at this one, called *name*, and knows who is at them.

    *everything* answers who is here, *changed* is told in which places somebody came or went
    elsewhere, *move* of somebody who may be here.
    """

    def __init__(
        self,
        name: str,
        everything: Callable[[], Mapping[str, list[Present]]],
        changed: Callable[[Iterable[str]], None],
        move: Callable[[str, str, str | None], object],
    ) -> None:
        self._name = name
        self._everything = everything
        self._changed = changed
        self._moved = move
        self._lock = threading.Lock()
        self._broker: Broker | None = None
        self._instances: dict[str, Instance] = {}
        self._beaten = 0.0

    def begin(self) -> None:
        """Hear from the others from now on, if there is a broker; works once."""
        with self._lock:
            if self._broker is not None or (broker := configured_broker()) is None:
                return
            self._broker = broker
        broker.listen(self._receive, self._greet)
        self._greet()

    @property
    def is_empty(self) -> bool:
        """Whether nobody is known to be elsewhere."""
        return not self._instances

    def at(self, place: str) -> list[Present]:
        """Return who is at *place* elsewhere."""
        with self._lock:
            return [one for i in self._instances.values() for one in i.places.get(place, ())]

    def tell(self, places: Mapping[str, list[Present]]) -> None:
        """Tell the others who is at *places* here now."""
        self._send(places=_written(places))

    def tell_move(self, place: str, key: str, field: str | None) -> None:
        """Tell whoever has them in which field somebody is."""
        self._send(move=[place, key, field])

    def tick(self) -> None:
        """Forget who says nothing, and say that this instance is there if anybody listens."""
        now = time.monotonic()
        with self._lock:
            gone = [n for n, i in self._instances.items() if now - i.seen > TIME_TO_LIVE]
            left = {place for name in gone for place in self._instances.pop(name).places}
            beats = bool(self._instances) and now - self._beaten >= BEAT
        if left:
            self._changed(left)
        if beats:
            self._send()

    def _greet(self) -> None:
        self._send(hello=True, places=_written(self._everything()))

    def _send(self, **told: object) -> None:
        if self._broker is None:
            return
        self._beaten = time.monotonic()
        with suppress(Exception):  # too much is waiting, or it was closed: the next beat tells
            self._broker.publish(CHANNEL, (), json.dumps({"from": self._name, **told}).encode())

    def _receive(self, _: int, channel: str, _topics: tuple[str, ...], data: bytes) -> None:
        if channel != CHANNEL:
            return
        told = cast("dict[str, Any]", json.loads(data))
        name: str = told["from"]
        if name == self._name:
            return
        if "move" in told:
            self._moved(*told["move"])
        changed = self._note(name, told)
        if told.get("hello"):
            self._send(places=_written(self._everything()))
        elif changed is None:  # it was here before this instance listened
            self._send(hello=True, places=_written(self._everything()))
        if changed:
            self._changed(changed)

    def _note(self, name: str, told: Mapping[str, Any]) -> set[str] | None:
        """Take over what another instance told; None if only now it is known that there is one."""
        now = time.monotonic()
        with self._lock:
            known = self._instances.get(name)
            instance = known or self._instances.setdefault(name, Instance(now))
            instance.seen = now
            places = _read(told.get("places", {}))
            changed = {p for p, here in places.items() if instance.places.get(p, []) != here}
            instance.places |= places
            instance.places = {p: here for p, here in instance.places.items() if here}
        return None if known is None and "places" not in told else changed


def _written(places: Mapping[str, list[Present]]) -> dict[str, list[list[object]]]:
    return {
        place: [[one.key, one.id, one.name, one.editing, one.field] for one in here]
        for place, here in places.items()
    }


def _read(places: Mapping[str, list[list[Any]]]) -> dict[str, list[Present]]:
    # loaded late: who has no broker reads nothing
    from nitro_events.live.presence import Present

    return {place: [Present(place, *one) for one in here] for place, here in places.items()}
