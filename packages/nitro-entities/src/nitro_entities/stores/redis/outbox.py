"""Messages in Redis, written with the rows that they belong to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json

from nitro_entities.outbox import Message
from nitro_entities.stores.redis.connections import Connections
from nitro_entities.stores.redis.scripts import DONE


class RedisOutbox:
    """The messages that nobody has sent yet, in the order of their commits."""

    def __init__(self, connections: Connections, order: bytes, messages: bytes) -> None:
        self._connections = connections
        self._keys = (order, messages)

    def pending(self, limit: int = 100) -> list[Message]:
        """Answer the oldest messages that are not done."""
        order, messages = self._keys
        if limit < 1:
            return []
        ids: list[bytes] = self._connections.call("ZRANGE", order, 0, limit - 1)
        if not ids:
            return []
        found = self._connections.call("HMGET", messages, *ids)
        # between the two, somebody else may have been done with one
        return [_read(id, text) for id, text in zip(ids, found, strict=True) if text is not None]

    def done(self, ids: Sequence[str]) -> None:
        """Forget messages. Those that are gone already are no error."""
        if ids:
            self._connections.run(DONE, self._keys, list(ids))


def written(message: Message) -> bytes:
    """Answer what is stored of a message beside its id."""
    return to_json((message.topic, message.payload, message.at))


def _read(id: bytes, text: bytes) -> Message:
    parts: Any = from_json(text)
    topic, payload, at = parts
    return Message(id.decode(), topic, payload, datetime.fromisoformat(at))
