"""Where the messages for durable handlers are kept: in the store of the rows they belong to."""

from __future__ import annotations

import copy
import functools
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic import AwareDatetime
from pydantic_core import from_json

from nitro_entities import (
    Entity,
    EntityExists,
    ExpiresAt,
    Indexed,
    MixedUnit,
    StaleEntity,
    UnitOfWork,
    classes,
)
from nitro_entities.backends import backend_of
from nitro_entities.outbox import default_store
from nitro_entities.repository import Ability
from nitro_entities.units.ambient import current_unit
from nitro_events.durable.options import options
from nitro_events.durable.queue import DONE, TOPIC, WAITING
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

    from nitro_entities.outbox import Message, Outbox

__all__ = ["Deliveries", "define", "deliveries_of_stores", "keep_message"]

AT_ONCE = 100
"""How many messages are taken out of an outbox in one step."""


class NitroDelivery(Entity):
    """One message for one durable handler; its row is the mark that it was handled."""

    __abstract__ = True
    __nitro_internal__: ClassVar[bool] = True
    __tablename__: ClassVar[str] = "nitro_deliveries"

    handler: str
    target: str
    event: str
    payload: str
    state: Indexed[str] = WAITING
    attempts: int = 0
    due: Indexed[AwareDatetime | None] = None
    worker: str | None = None
    error: str | None = None
    at: AwareDatetime
    expires: ExpiresAt = None


class NitroWorker(Entity):
    """The signs of life of a process that runs durable handlers."""

    __abstract__ = True
    __nitro_internal__: ClassVar[bool] = True
    __tablename__: ClassVar[str] = "nitro_workers"

    beat: int = 0
    expires: ExpiresAt = None


@functools.cache
def kinds_of(backend: Hashable) -> tuple[type[NitroDelivery], type[NitroWorker]]:
    """Return the classes that *backend* keeps."""
    return _kind(NitroDelivery, backend), _kind(NitroWorker, backend)


def _kind(base: Any, backend: Any) -> Any:
    name = f"{base.__name__}In{backend.__name__}"
    made = {"__module__": __name__, "__qualname__": name, "_persistence_backend_class": backend}
    return type(base)(name, (base,), made)


class Deliveries:
    """The deliveries that one kind of store keeps, see `nitro_events.durable.queue.Queue`."""

    retry_on: tuple[type[Exception], ...] = (StaleEntity,)

    def __init__(self, backend: type[Any]) -> None:
        self.name = f"{backend.__module__}:{backend.__qualname__}"
        self.kind, self.worker = kinds_of(backend)  # type: ignore[arg-type]
        self._window = AT_ONCE

    def __repr__(self) -> str:
        return f"<Deliveries {self.name}>"

    @property
    def durable(self) -> bool:
        """Say whether the store survives the process."""
        return self.kind.repository().store.durable

    def take_in(self) -> int:
        """Make deliveries of the messages in the outbox."""
        outbox: Outbox = cast("Any", self.kind.repository().store).outbox
        found = outbox.pending(self._window)
        ours = [message for message in found if message.topic == TOPIC]
        # what others have not sent yet must not hide what is behind it
        self._window = self._window * 2 if found and not ours else AT_ONCE
        if ours:
            self._insert(ours)
            outbox.done([message.id for message in ours])
        return len(ours)

    def due(self, handlers: Collection[str], limit: int, /) -> Sequence[NitroDelivery]:
        """List what is due, the longest due first."""
        if not handlers:
            return []
        kind: Any = self.kind
        found = kind.where(kind.due <= datetime.now(UTC), kind.handler.in_(list(handlers)))
        return cast("list[NitroDelivery]", found.order_by("due").limit(limit).list())

    def get(self, id: str, /) -> NitroDelivery | None:
        """Return one delivery."""
        return self.kind.get_or_none(id)

    def in_state(self, called: str, limit: int, /) -> Sequence[NitroDelivery]:
        """List deliveries in this state, the oldest first."""
        return self.kind.where(state=called).limit(limit).list()

    def set(self, delivery: Any, /, **values: object) -> bool:
        """Change a delivery at once; False if somebody else did before."""
        try:
            _changed(delivery, values).save()
        except StaleEntity:
            return False
        return True

    def mark(self, delivery: Any, /, **values: object) -> bool:
        """Change a delivery with the commit of the open unit; False if that has another store."""
        # a copy, as entities keep the values of a unit that fails
        try:
            _changed(copy.copy(delivery), values).save()
        except MixedUnit:
            return False
        return True

    def was_taken(self, exc: Exception, delivery: Any, /) -> bool:
        """Say whether a commit failed because somebody else had changed the delivery."""
        return isinstance(exc, StaleEntity) and exc.entity is self.kind and exc.id == delivery.id

    def delete(self, delivery: Any, /) -> bool:
        """Forget a delivery; False if somebody else changed it."""
        try:
            delivery.delete()
        except StaleEntity:
            return False
        return True

    def beat(self, worker: str, /) -> None:
        """Give a sign of life."""
        known = self.worker.get_or_none(worker) or self.worker(id=worker)
        until = datetime.now(UTC) + timedelta(seconds=options().keep)
        known.update(beat=known.beat + 1, expires=until).save()

    def beats(self, workers: Iterable[str], /) -> Mapping[str, int]:
        """Return how many signs of life these workers gave."""
        wanted = list(workers)
        return {one.id: one.beat for one in self.worker.get_many(wanted)} if wanted else {}

    def purge(self) -> None:
        """Remove the marks that have expired."""
        self.kind.purge()
        self.worker.purge()

    def _insert(self, messages: Sequence[Message]) -> None:
        made = [self._delivery(message) for message in messages]
        known = {one.id for one in self.kind.get_many([one.id for one in made])}
        try:
            self.kind.save_many(one for one in made if one.id not in known)
        except (EntityExists, StaleEntity):  # another worker takes in the same ones
            for message in messages:
                with suppress(EntityExists, StaleEntity):
                    self._delivery(message).save()

    def _delivery(self, message: Message) -> NitroDelivery:
        said = from_json(message.payload)
        return self.kind(
            id=message.id,
            handler=said["handler"],
            target=said["target"],
            event=said["event"],
            payload=said["payload"],
            at=message.at,
            due=message.at,
        )


class Known(dict[type, Deliveries]):
    """The deliveries by backend."""


def deliveries_of_stores() -> list[Deliveries]:
    """List the deliveries of every store that keeps messages and has a class here."""
    known = state.part(Known)
    found: list[Deliveries] = []
    for backend in _backends():
        if backend not in known:
            known[backend] = Deliveries(backend)
        found.append(known[backend])
    return found


def keep_message(topic: str, payload: object) -> None:
    """Keep a message with the commit of the ambient unit; without one, at once."""
    unit = current_unit()
    if unit is not None:
        unit.outbox(topic, payload)
        return
    with UnitOfWork() as own:
        own.outbox(topic, payload)


def define() -> None:
    """Define the classes of databases now, so that migrations know their tables."""
    if find_spec("sqlmodel") is not None:
        from nitro_entities import SQLModelBackend
        from nitro_events.with_entities.replies import reply_kind

        kinds_of(SQLModelBackend)
        reply_kind(SQLModelBackend)


def _backends() -> list[type[Any]]:
    of_application = [k for k in classes.all() if not hasattr(k, "__nitro_internal__")]
    found = dict.fromkeys(map(backend_of, of_application))
    found[_default_backend()] = None
    return [backend for backend in found if Ability.OUTBOX in getattr(backend, "abilities", ())]


def _default_backend() -> type[Any]:
    """Return who keeps what belongs to a unit that writes nothing but messages."""
    store = default_store()
    if not store.durable:
        from nitro_entities import MemoryRepo

        return MemoryRepo
    in_redis = sys.modules.get("nitro_entities.stores.redis.store")
    if in_redis is not None and isinstance(store, in_redis.RedisStore):
        from nitro_entities import RedisRepo

        return RedisRepo
    from nitro_entities import SQLModelBackend

    return SQLModelBackend


def _changed(delivery: Any, values: Mapping[str, object]) -> Any:
    if values.get("state") == DONE:
        until = datetime.now(UTC) + timedelta(seconds=options().keep)
        values = {**values, "expires": until}
    return delivery.update(**values)
