"""Messages that are committed together with the rows of a unit, to be sent afterwards."""

import os
from datetime import datetime
from typing import NamedTuple, Protocol

from pydantic_core import from_json, to_json

from nitro_entities.config import redis_url, settings, utc_now
from nitro_entities.errors import NotSupported
from nitro_entities.extras import needed_for
from nitro_entities.ids import sortable_id
from nitro_entities.repository import Store
from nitro_entities.state import state


class Message(NamedTuple):
    """One message; ids sort in the order of enrolment."""

    id: str
    topic: str
    payload: str
    """JSON text."""
    at: datetime


class Outbox(Protocol):
    """The messages that a store keeps until somebody has sent them."""

    def pending(self, limit: int = 100) -> list[Message]:
        """Answer the oldest messages that are not done."""
        ...

    def done(self, ids: list[str]) -> None:
        """Forget messages. Those that are gone already are no error."""
        ...


def message(topic: str, payload: object) -> Message:
    """Make a message. Raises ValueError for a payload that JSON cannot carry."""
    text = to_json(payload, inf_nan_mode="constants")
    from_json(text, allow_inf_nan=False)
    return Message(sortable_id(), topic, text.decode(), utc_now())


def default_store() -> Store:
    """Answer where the messages of a unit go that writes nothing else.

    That is the configured database, else the configured Redis server, or the memory of this
    process if there is neither.
    """
    if settings().database_url or os.environ.get("NITRO_DATABASE_URL"):
        with needed_for("The configured database"):
            from nitro_entities.stores.sql.backend import default_database

        return default_database()
    if settings().redis_url or os.environ.get("NITRO_REDIS_URL"):
        from nitro_entities.stores.redis.backend import store_at

        return store_at(redis_url())
    from nitro_entities.stores.memory import MemoryStore

    return state.part(MemoryStore)


def refuse_without_outbox(store: Store) -> None:
    """Raise NotSupported if *store* cannot keep messages."""
    if getattr(store, "outbox", None) is None:
        msg = (
            f"{store!r} keeps no messages, so those of this unit of work would be lost. Send them "
            f"from after_commit(), or keep the entities in a store with Ability.OUTBOX"
        )
        raise NotSupported(msg)
