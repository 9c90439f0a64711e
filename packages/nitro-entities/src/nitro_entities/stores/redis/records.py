"""Change records in a stream: written with the rows, read by other processes."""

import json
import os
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Any, Literal

import redis
from pydantic_core import to_json

from nitro_entities import changes
from nitro_entities.changes import Change, Feed, Recorded
from nitro_entities.errors import InvalidCursor
from nitro_entities.fields import specs
from nitro_entities.stores.redis.connections import Connections
from nitro_entities.stores.redis.layout import Layout

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

KEPT = b"10000"
"""How many records are kept at least."""

_AT_ONCE = 500
_WAIT = 100  # milliseconds
_START = "0-0"

Entry = tuple[str, str, str]  # position, token, record


class Origin:
    """What tells the writes of this process from those of others, and from each other."""

    def __init__(self) -> None:
        self.renew()
        os.register_at_fork(after_in_child=self.renew)

    def renew(self) -> None:
        """Begin anew."""
        self.name = secrets.token_hex(6)
        self._start = self.name.encode()
        self._numbers = count(1)  # which threads may share

    def token(self) -> bytes:
        """Answer what no other write has."""
        return b"%b.%x" % (self._start, next(self._numbers))


ORIGIN = Origin()


def record_of(batch: Sequence[Change], layout_of: "Callable[[type[Verbs]], Layout]") -> bytes:
    """Write the changes of one commit."""
    return to_json(
        [
            (
                layout_of(c.entity).collection,
                _primitive_id(c),
                c.version,
                None if c.fields is None else sorted(c.fields),
                c.operation,
                c.by,
                c.at,
            )
            for c in batch
        ],
        bytes_mode="hex",
    )


def _primitive_id(change: Change) -> Any:
    id = change.id
    return id if type(id) is str else specs(change.entity)["id"].primitive(id)


class Records:
    """The change records of one namespace."""

    def __init__(
        self,
        connections: Connections,
        key: bytes,
        feed: Feed,
        layout_at: Callable[[str], Layout | None],
        in_use: "Callable[[], list[type[Verbs]]]",
    ) -> None:
        self._connections = connections
        self._key = key
        self._feed = feed
        self._layout_at = layout_at
        self._in_use = in_use
        self._position: str | None = None  # told up to here

    def follow(self, stop: threading.Event) -> None:
        """Tell what others commit until *stop* is set."""
        connection = self._connections.open()
        try:
            if self._position is None:
                # first the position: what comes between is told twice and not never
                self._position = self._last()
                self._tell(self._unknown())
            while not stop.is_set():
                command = ("XREAD", "COUNT", 1, "BLOCK", _WAIT, "STREAMS", self._key)
                connection.send_command(*command, self._position)
                if connection.read_response():
                    self._catch_up()
                elif self._position != _START and not self._entries(self._position, 1):
                    # it was emptied, or the server forgot it
                    self._position = _START
                    self._tell(self._unknown())
        except redis.RedisError as exc:
            raise self._connections.unusable(exc) from None
        finally:
            connection.disconnect()

    def history(self, after: str | None, limit: int) -> list[Recorded]:
        """Answer the records after a position, the oldest first."""
        start, _, place = (after or f"{_START}/0").partition("/")
        skipped = -1 if after is None else _number(place, after)
        found: list[Recorded] = []
        while len(found) < limit:
            try:
                entries = self._entries(start, _AT_ONCE)
            except redis.ResponseError:
                raise _no_position(after) from None
            if after is not None and not found and (not entries or entries[0][0] != start):
                lost = entries[0][0] if entries else start
                found += [Recorded(f"{lost}/-1", one) for one in self._unknown()]
                after = None
            for position, _, record in entries:
                done = skipped if position == start else -1
                told = enumerate(self._changes(record))
                found += [Recorded(f"{position}/{n}", one) for n, one in told if n > done]
            if len(entries) < _AT_ONCE:
                break
            start, skipped = entries[-1][0], 1_000_000
        return found[:limit]

    def _catch_up(self) -> None:
        while True:
            known = self._position or _START
            entries = self._entries(known, _AT_ONCE)
            if entries and entries[0][0] == known:
                told = entries[1:]
            else:
                told = entries
                if known != _START:  # trimmed before we came to read it
                    self._tell(self._unknown())
            for position, token, record in told:
                self._position = position
                if not token.startswith(f"{ORIGIN.name}."):
                    self._tell(self._changes(record))
            if len(entries) < _AT_ONCE:
                return

    def _entries(self, start: str, count: int) -> list[Entry]:
        answer = self._connections.call("XRANGE", self._key, start, "+", "COUNT", count)
        return [_entry(position, parts) for position, parts in answer or ()]

    def _last(self) -> str:
        answer = self._connections.call("XREVRANGE", self._key, "+", "-", "COUNT", 1)
        return answer[0][0].decode() if answer else _START

    def _changes(self, record: str) -> list[Change]:
        found: list[Change] = []
        with suppress(ValueError):  # somebody else wrote it
            for one in json.loads(record):
                change = self._change(*one)
                if change is not None:
                    found.append(change)
        return found

    def _change(
        self,
        collection: str,
        id: Any,
        version: int | None,
        fields: list[str] | None,
        operation: Literal["create", "update", "delete"],
        by: str | None,
        at: str,
    ) -> Change | None:
        layout = self._layout_at(collection)
        if layout is None:
            return None
        names = None if fields is None else frozenset(fields)
        moment = datetime.fromisoformat(at)
        try:
            own = layout.id_of(str(id))
        except (ValueError, TypeError, ArithmeticError):  # it has ids of another type here
            return Change(layout.cls, None, None, None, "unknown", None, moment)
        return Change(layout.cls, own, version, names, operation, by, moment)

    def _unknown(self) -> list[Change]:
        return [changes.unknown(cls) for cls in self._in_use()]

    def _tell(self, batch: list[Change]) -> None:
        if batch:
            self._feed.publish(tuple(batch))
            self._feed.deliver()


def _entry(position: bytes, parts: list[bytes]) -> Entry:
    values = dict(zip(parts[::2], parts[1::2], strict=True))
    return position.decode(), values.get(b"t", b"").decode(), values.get(b"d", b"[]").decode()


def _number(text: str, position: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise _no_position(position) from None


def _no_position(position: str | None) -> InvalidCursor:
    return InvalidCursor(f"{position!r} is not a position in the change records")
