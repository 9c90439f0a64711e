"""Where replies to idempotency keys are kept: as entities, in the store of the effect."""

from __future__ import annotations

import functools
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from nitro_entities import Entity, EntityExists, ExpiresAt, StaleEntity, UnitOfWork
from nitro_entities.backends import backend_of
from nitro_entities.config import utc_now
from nitro_entities.lifetime import expired, has_expired
from nitro_entities.repository import Ability
from nitro_entities.units.ambient import current_unit
from nitro_events.units import Reply
from nitro_events.with_entities.kinds import Kinds, default_backend, is_internal

if TYPE_CHECKING:
    from nitro_entities import Unit

__all__ = ["EntityReplies", "NitroReply", "reply_kind"]

TIDIED_AFTER = 100
"""Replies that are kept before those that have expired are looked for."""


class NitroReply(Entity):
    """What was answered to an idempotency key; the id stands for the caller and the key."""

    __abstract__ = True
    __nitro_internal__: ClassVar[bool] = True
    __tablename__: ClassVar[str] = "nitro_replies"

    fingerprint: str
    reply: str
    expires: ExpiresAt = None


_replies = Kinds(NitroReply)


def reply_kind(backend: type[Any]) -> type[NitroReply]:
    """Return the class that *backend* keeps."""
    return _replies.of(backend)


class EntityReplies:
    """Finds and keeps replies, see `nitro_events.units.Replies`."""

    def __init__(self) -> None:
        self._kept = 0
        self._used: dict[type[Any], None] = {}

    def find(self, id: str, near: type | None) -> Reply | None:
        """Look where the reply most likely is; if it is elsewhere, `keep` will come upon it.

        Stores that have nothing to do with the call are left alone: they may be out of order.
        """
        likely = [default_backend()] if near is None else [backend_of(near), default_backend()]
        for backend in filter(_keeps_replies, dict.fromkeys([*likely, *self._used])):
            unit = _unit()
            found = unit.get(_ready(unit, backend), id)
            if found is not None and not has_expired(found):
                return Reply(found.fingerprint, found.reply)
        return None

    def keep(self, id: str, reply: Reply, lifetime: timedelta, near: type | None) -> None:
        """Enrol *reply* in the open unit, in the store that the unit writes to."""
        unit = _unit()
        backend = _written_by(unit, near)
        self._used[backend] = None
        kind = _ready(unit, backend)
        values: dict[str, Any] = {
            "fingerprint": reply.fingerprint,
            "reply": reply.text,
            "expires": utc_now() + lifetime,
        }
        before = unit.get(kind, id)
        if before is not None and not has_expired(before):
            raise EntityExists(kind, id)  # kept after this call had looked for it
        unit.save(kind(id=id, **values) if before is None else before.update(**values))
        self._kept += 1
        if self._kept % TIDIED_AFTER == 0:
            unit.after_commit(functools.partial(tidy, kind))

    def is_taken(self, error: BaseException) -> bool:
        """Tell whether another call kept a reply under the same id meanwhile."""
        if isinstance(error, EntityExists | StaleEntity):
            return issubclass(error.entity, NitroReply)
        return False


def _ready(unit: Unit, backend: type[Any]) -> type[NitroReply]:
    """Return the class that *backend* keeps; in a database its table is there then.

    No migration has to make it: like the outbox it belongs to no class of the application.
    """
    kind = reply_kind(backend)
    repository: Any = kind.repository()
    make = getattr(repository.store, "ensure_own", None)
    if make is not None:
        with unit.reading(kind) as transaction:
            make(repository.table, transaction)
    return kind


def tidy(kind: type[NitroReply]) -> None:
    """Remove some of what has expired, so that it never becomes much."""
    with suppress(StaleEntity), UnitOfWork() as portion:
        for entity in portion.select(kind, expired(kind)):
            portion.delete(entity)


def _unit() -> Unit:
    unit = current_unit()
    assert unit is not None, "replies are kept inside a unit of work"
    return unit


def _written_by(unit: Unit, near: type | None) -> type[Any]:
    """Return who keeps what *unit* writes: the one durable store, if there is one.

    A reply must not outlive the effect, so of what is only in memory it is in memory too.
    """
    written: list[Any] = [kind for kind in unit.writes if not is_internal(kind)]
    written += [] if near is None else [near]
    written.sort(key=lambda kind: not kind.repository().store.durable)
    return next(filter(_keeps_replies, map(backend_of, written)), default_backend())


def _keeps_replies(backend: type[Any]) -> bool:
    # the browser, for one, has no transactions
    return Ability.TRANSACTIONS in getattr(backend, "abilities", ())
