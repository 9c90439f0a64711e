"""Connections to one Redis server, and its failures in words."""

import hashlib
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.connection import parse_url  # pyright: ignore[reportUnknownVariableType]
from redis.exceptions import NoScriptError, ResponseError
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from nitro_entities.config import settings
from nitro_entities.errors import EntityError, StoreBusy, StoreUnusable

DEFAULT_PREFIX = "nitro"

_PAUSES = (0.0, 0.05, 0.2, 0.5)  # seconds before the next attempt when the connection was lost

_pack: Any = None
with suppress(ImportError):  # redis-py does without it, more slowly
    _pack = import_module("hiredis").pack_command

Arguments = Sequence[bytes | str | int]


class Connections:
    """Lend a connection for one command; a few are kept open.

    redis-py makes the connections; what goes around a command in its client costs as much as
    the command, and repeats a write without telling, so that is done here.
    """

    def __init__(self, url: str) -> None:
        try:
            plain, self.prefix = _split(url)
            options: dict[str, Any] = parse_url(plain)  # type: ignore[no-untyped-call]
            self._most_idle = int(options.pop("max_connections", settings().pool_size))
        except ValueError as exc:
            # the URL is not shown: it may hold a password
            msg = (
                f"The Redis URL is none ({exc}). Set NITRO_REDIS_URL, or "
                f"configure(redis_url=…), to one such as redis://127.0.0.1:6379/0"
            )
            raise EntityError(msg) from None
        wait = settings().busy_timeout
        given: dict[str, Any] = {
            "socket_timeout": wait,
            "socket_connect_timeout": min(wait, 5.0),
            **options,
        }
        given |= {"decode_responses": False, "retry": Retry(NoBackoff(), 0)}
        quiet = MaintNotificationsConfig(enabled=False)
        self._pool = redis.ConnectionPool(maint_notifications_config=quiet, **given)
        place = given.get("path") or f"{given.get('host', 'localhost')}:{given.get('port', 6379)}"
        self.place = f"{place}/{given.get('db', 0)}"
        self._idle: deque[Any] = deque()

    def __repr__(self) -> str:
        return f"<Redis {self.place} {self.prefix}>"

    def open(self) -> Any:
        """Answer a new connection, which the caller closes. Raises StoreUnusable."""
        connection: Any = self._pool.make_connection()
        try:
            connection.connect()
        except redis.RedisError as exc:
            raise self.unusable(exc) from None
        return connection

    def call(self, *command: bytes | str | int) -> Any:
        """Answer what the server answers to a command that may be repeated."""
        return self.call_once(command, command)

    def call_once(self, command: Arguments, again: Arguments) -> Any:
        """Answer what the server answers; after a lost connection, *again* is sent instead.

        Raises StoreUnusable, StoreBusy, and ResponseError for what the server refuses.
        """
        for pause in _PAUSES:
            try:
                return self._call(command)
            except redis.AuthenticationError as exc:
                raise self.unusable(exc) from None
            except redis.ConnectionError:
                self.close()  # those that idle were most likely lost as well
                time.sleep(pause)
                command = again
        try:
            return self._call(command)
        except redis.ConnectionError as exc:
            raise self.unusable(exc) from None

    def run(self, script: "Script", keys: Arguments, arguments: Arguments) -> Any:
        """Run a script that may be repeated."""
        return self.run_once(script, keys, arguments, arguments)

    def run_once(
        self, script: "Script", keys: Arguments, arguments: Arguments, again: Arguments
    ) -> Any:
        """Run a script; after a lost connection, with the arguments *again*."""
        head = ("EVALSHA", script.sha, b"%d" % len(keys), *keys)
        try:
            return self.call_once((*head, *arguments), (*head, *again))
        except NoScriptError:
            self.call("SCRIPT", "LOAD", script.text)
            # the server may have been restarted after it did what the first attempt asked for
            return self.call_once((*head, *again), (*head, *again))

    def close(self) -> None:
        """Close what is idle; the next command opens a connection."""
        while self._idle:
            self._idle.pop().disconnect()

    def start_in_child(self) -> None:
        """Leave the connections to the parent, after a fork."""
        self._idle.clear()

    def _call(self, command: Arguments) -> Any:
        connection: Any
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._pool.make_connection()
            self._connect(connection)
        try:
            connection.send_packed_command(pack(connection, command))
            answer = connection.read_response()
        except ResponseError:
            self._idle.append(connection)
            raise
        except redis.TimeoutError:
            connection.disconnect()
            msg = (
                f"{self!r} did not answer within {self._pool.connection_kwargs['socket_timeout']}"
                f" s. Whether it did what was asked is not known: refresh() tells"
            )
            raise StoreBusy(msg) from None
        except BaseException:
            connection.disconnect()  # an answer that nobody has read may still come
            raise
        if len(self._idle) < self._most_idle:
            self._idle.append(connection)
        else:
            connection.disconnect()
        return answer

    def _connect(self, connection: Any) -> None:
        try:
            connection.connect()
        except redis.TimeoutError as exc:
            raise self.unusable(exc) from None

    def unusable(self, exc: Exception) -> StoreUnusable:
        """Say in words that the server cannot be used."""
        return StoreUnusable(
            f"No Redis server can be used at {self.place}: {exc}. Start one, or set "
            f"NITRO_REDIS_URL or configure(redis_url=…) to another"
        )


def pack(connection: Any, command: Arguments) -> list[bytes]:
    """Answer what is sent for a command."""
    if _pack is not None:
        return [_pack(command if type(command) is tuple else tuple(command))]
    parts: list[bytes] = connection.pack_command(*command)
    return parts


class Script:
    """A script that runs in the server, as one step for everybody else."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode()).hexdigest()


def _split(url: str) -> tuple[str, str]:
    """Answer the URL as redis-py wants it, and the prefix that was in it."""
    parts = urlsplit(url)
    options = parse_qsl(parts.query)
    prefix = dict(options).get("prefix", DEFAULT_PREFIX)
    rest = urlencode([(name, value) for name, value in options if name != "prefix"])
    return parts._replace(query=rest).geturl(), prefix
