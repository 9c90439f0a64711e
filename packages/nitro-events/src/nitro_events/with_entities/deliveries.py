"""Where the messages for durable handlers are kept: in the store of the rows they belong to."""

from __future__ import annotations

import copy
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic import AwareDatetime
from pydantic_core import from_json, to_json

from nitro_entities import (
    Entity,
    EntityExists,
    ExpiresAt,
    Indexed,
    MixedUnit,
    NotStorable,
    StaleEntity,
    UnitOfWork,
    classes,
)
from nitro_entities.backends import backend_of
from nitro_entities.repository import Ability
from nitro_entities.units.ambient import current_unit
from nitro_events.durable.options import options
from nitro_events.durable.queue import DEAD, DONE, TOPIC, WAITING
from nitro_events.state import state
from nitro_events.with_entities.kinds import Kinds, default_backend, is_internal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from nitro_entities.outbox import Message, Outbox

__all__ = ["Deliveries", "define", "deliveries_of_stores", "keep_message"]

_log = logging.getLogger("nitro_events")

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


_deliveries = Kinds(NitroDelivery)
_workers = Kinds(NitroWorker)


def kinds_of(backend: type[Any]) -> tuple[type[NitroDelivery], type[NitroWorker]]:
    """Return the classes that *backend* keeps."""
    return _deliveries.of(backend), _workers.of(backend)


class Deliveries:
    """The deliveries that one kind of store keeps, see `nitro_events.durable.queue.Queue`."""

    retry_on: tuple[type[Exception], ...] = (StaleEntity,)

    def __init__(self, backend: type[Any]) -> None:
        self.name = f"{backend.__module__}:{backend.__qualname__}"
        self.kind, self.worker = kinds_of(backend)
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
        self._window = AT_ONCE + 2 * (len(found) - len(ours))
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
        except (EntityExists, StaleEntity, NotStorable):
            for message in messages:
                self._insert_one(message)

    def _insert_one(self, message: Message) -> None:
        with suppress(EntityExists, StaleEntity):  # another worker takes in the same ones
            try:
                self._delivery(message).save()
            except NotStorable as exc:
                self._unreadable(message, exc).save()

    def _delivery(self, message: Message) -> NitroDelivery:
        try:
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
        except (LookupError, TypeError, ValueError) as exc:
            return self._unreadable(message, exc)

    def _unreadable(self, message: Message, exc: Exception) -> NitroDelivery:
        """Return a dead letter, so that a message that cannot be used holds up no others."""
        _log.error("The message %s is none for a durable handler: %r", message.id, exc)
        return self.kind(
            id=message.id,
            handler="",
            target="",
            event="",
            payload=to_json({"sender": None, "values": {"message": message.payload}}).decode(),
            state=DEAD,
            error=f"This is no message for a durable handler: {exc!r}",
            at=message.at,
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
    of_application = [kind for kind in classes.all() if not is_internal(kind)]
    found = dict.fromkeys(map(backend_of, of_application))
    found[default_backend()] = None
    return [backend for backend in found if Ability.OUTBOX in getattr(backend, "abilities", ())]


def _changed(delivery: Any, values: Mapping[str, object]) -> Any:
    if values.get("state") == DONE:
        until = datetime.now(UTC) + timedelta(seconds=options().keep)
        values = {**values, "expires": until}
    return delivery.update(**values)
