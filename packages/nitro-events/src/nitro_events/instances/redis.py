"""The log in Redis: one stream, written by a script and read by XREAD.

For the prefix "nitro" there are ``nitro@live``, the stream; ``nitro@live:meta``, its epoch and
the count of its entries; ``nitro@live:by:<sender>``, the last number of each sender. The script
makes one step of it, so a message that is sent again because the answer was lost is there once.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
from typing import TYPE_CHECKING, Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from nitro_events.instances.log import BATCH, Entry, Letter, Mark, Options, Standing
from nitro_events.instances.scripts import APPEND, RENEW, STANDING, Script
from nitro_events.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RedisLog"]

_SEQUENCE_BITS = 20
_SEQUENCE = (1 << _SEQUENCE_BITS) - 1


class RedisLog:
    """A stream on one Redis server, 6.0 or later. It keeps what that server keeps."""

    errors: tuple[type[Exception], ...] = (redis.RedisError, OSError)

    def __init__(self, url: str) -> None:
        options = Options.of(url)
        given: dict[str, Any] = {"socket_timeout": 10.0, "socket_connect_timeout": 5.0}
        try:
            # retries of its own would repeat writes without telling
            self._pool = redis.ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType]
                options.url,
                retry=Retry(NoBackoff(), 0),
                protocol=2,
                decode_responses=False,
                socket_keepalive=True,
                maint_notifications_config=MaintNotificationsConfig(enabled=False),
                **given,
            )
        except ValueError as exc:
            # the URL is not shown: it may hold a password
            msg = f"The events_url is none ({exc}). Use one such as redis://127.0.0.1:6379/0"
            raise SettingsError(msg) from None
        self._name = f"{options.prefix}@live"
        self._keep = options.keep
        kept: dict[str, Any] = self._pool.connection_kwargs
        where = kept.get("path") or f"{kept.get('host', 'localhost')}:{kept.get('port', 6379)}"
        self._place = f"{where}/{kept.get('db', 0)} {self._name}"

    def __repr__(self) -> str:
        return f"<Redis {self._place}>"

    def open(self) -> RedisSession:
        """Connect. Raises a RedisError if that fails."""
        connection: Any = self._pool.make_connection()
        connection.connect()
        return RedisSession(connection, self._name, self._keep)


class RedisSession:
    """One connection, see `nitro_events.instances.log.Session`."""

    def __init__(self, connection: Any, name: str, keep: int) -> None:
        self._connection = connection
        self._stream = name
        self._meta = f"{name}:meta"
        self._keep = keep

    def append(self, sender: str, acknowledged: int, letters: Sequence[Letter]) -> None:
        """Add what is not there yet."""
        parts = [part for letter in letters for part in letter]
        keys = (self._stream, self._meta, f"{self._stream}:by:{sender}")
        self._run(APPEND, keys, _fresh(), self._keep, sender, acknowledged, *parts)

    def standing(self) -> Standing:
        """Return what there is, made if need be."""
        keys = (self._stream, self._meta)
        epoch, begin, index, oldest, newest, fields = self._run(STANDING, keys, _fresh())
        named = epoch.decode()
        stamp = _entry(newest, fields).mark.stamp
        return Standing(
            Mark(named, _position(begin), 0, ""),
            _position(oldest),
            Mark(named, _position(newest), int(index), stamp),
        )

    def span(self, position: int, limit: int | None = None) -> list[Entry]:
        """Return the entries at and after *position*."""
        some = () if limit is None else ("COUNT", limit)
        found = self._call("XRANGE", self._stream, _id(position), "+", *some)
        return [_entry(*one) for one in found]

    def renew(self, epoch: str) -> None:
        """Begin a new epoch in place of *epoch*."""
        self._run(RENEW, (self._stream, self._meta), _fresh(), epoch)

    def read(self, after: int, wait: float) -> list[Entry]:
        """Return the next entries, waiting for them."""
        milliseconds = max(int(wait * 1000), 1)
        told = ("COUNT", BATCH, "BLOCK", milliseconds, "STREAMS", self._stream, _id(after))
        found = self._call("XREAD", *told)
        return [_entry(*one) for _, entries in found or () for one in entries]

    def wake(self) -> None:
        """End the waiting, from another thread."""
        opened: socket.socket | None = getattr(self._connection, "_sock", None)
        if opened is not None:
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Disconnect."""
        with contextlib.suppress(redis.RedisError, OSError):
            self._connection.disconnect()

    def _run(self, script: Script, keys: Sequence[str], *arguments: object) -> Any:
        rest = (len(keys), *keys, *arguments)
        try:
            return self._call("EVALSHA", script.sha, *rest)
        except NoScriptError:
            return self._call("EVAL", script.text, *rest)

    def _call(self, *command: object) -> Any:
        self._connection.send_command(*command)
        return self._connection.read_response()


def _fresh() -> str:
    return secrets.token_hex(8)


def _position(id: bytes) -> int:
    milliseconds, _, sequence = id.partition(b"-")
    return (int(milliseconds) << _SEQUENCE_BITS) + int(sequence)


def _id(position: int) -> str:
    return f"{position >> _SEQUENCE_BITS}-{position & _SEQUENCE}"


def _entry(id: bytes, fields: Sequence[bytes]) -> Entry:
    named = dict(zip(fields[::2], fields[1::2], strict=False))
    position = _position(id)
    try:
        epoch, index = named[b"epoch"].decode(), int(named[b"index"])
        if b"head" not in named:
            return Entry(Mark(epoch, position, index, ""), "", None)
        sender, number = named[b"sender"].decode(), int(named[b"number"])
        letter = Letter(number, named[b"head"], named[b"data"], named[b"seal"])
    except (KeyError, ValueError):  # somebody else's
        return Entry(Mark("", position, -1, ""), "", None)
    return Entry(Mark(epoch, position, index, f"{sender} {number}"), sender, letter)
