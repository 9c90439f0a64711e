"""The neutral request of a CGI-like environment, as WSGI servers and Django describe requests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from io import BufferedReader, BytesIO, RawIOBase
from typing import TYPE_CHECKING, Any

from nitro_events.http.names import Names
from nitro_events.http.problems import BadRequest
from nitro_events.http.request import SAFE_METHODS, Body, Headers, Request, root_of
from nitro_events.once import once
from nitro_events.state import state

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

__all__ = [
    "EnvironRequest",
    "has_slash_in_part",
    "headers_of",
    "put_back",
    "read_ahead",
    "request_of",
    "source_of",
]

_PIECE = 64 * 1024


def request_of(
    environ: WSGIEnvironment,
    *,
    body: Body | None = None,
    framework: object = None,
    framework_of: Callable[[], object] | None = None,
    rerun: Callable[[str], Awaitable[object | None]] | None = None,
    login: Callable[[Any], object] | None = None,
) -> Request:
    """Return the neutral request of *environ*.

    Its *body* is read from the server when it is asked for, unless the framework has it already.
    """
    request = EnvironRequest(environ, environ["REQUEST_METHOD"], path_of(environ), login)
    request.scheme = environ.get("wsgi.url_scheme", "http")
    request.rerun = rerun
    if framework_of is None:
        request.framework = framework
    else:
        request.make_framework = framework_of
    if body is not None:
        request.take(body)
    return request


class EnvironRequest(Request):
    """A request that reads its environment when it is asked something.

    Most requests pass through an application without one question of ours.
    """

    make_framework: Callable[[], object]

    def __init__(
        self,
        environ: Mapping[str, Any],
        method: str,
        path: str,
        login: Callable[[Any], object] | None,
    ) -> None:
        self.method = method.upper()
        self.is_safe = self.method in SAFE_METHODS
        self.path = path
        self.position = state.hub.position
        self.client = environ.get("REMOTE_ADDR") or None
        self._environ = environ
        self._login = login
        self._caller = None
        self._body = None

    def take(self, body: Body) -> None:
        """Let *body* be what was sent."""
        if isinstance(body, bytes):
            self._body = body
        else:
            self._source = body

    @once
    def root(self) -> str:
        """What URLs of this application begin with; nothing at the top."""
        return root_of(_decoded(self._environ.get("SCRIPT_NAME", "")))

    @once
    def query_string(self) -> str:
        """What stands behind the question mark, as it was sent."""
        query: str = self._environ.get("QUERY_STRING", "")
        return query

    @once
    def headers(self) -> Headers:
        """The headers by name."""
        return headers_of(self._environ)

    @once
    def framework(self) -> Any:
        """The framework's own request."""
        return self.make_framework()

    @once
    def _source(self) -> Body:
        return source_of(self._environ, _parts(self._environ))


def path_of(environ: WSGIEnvironment) -> str:
    """Return the path inside the application, decoded."""
    return _decoded(environ.get("PATH_INFO") or "/")


def _decoded(path: str) -> str:
    # each character stands for one byte
    return path if path.isascii() else path.encode("latin-1").decode("utf-8", "replace")


def headers_of(environ: Mapping[str, Any]) -> Headers:
    """Return the headers of *environ* by name."""
    pairs = [
        (name, value)
        for key, value in environ.items()
        if (name := _NAMES[key]) and (value or key.startswith("HTTP_"))
    ]
    by_name = dict(pairs)
    return Headers.of(by_name) if len(by_name) == len(pairs) else Headers(pairs)


def _spelt(key: str) -> str:
    """Return which header a variable is, nothing if it is none."""
    name = key.removeprefix("HTTP_")
    if name == key and key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        return ""
    return name.replace("_", "-").lower()


_NAMES = Names(_spelt)


def has_slash_in_part(environ: Mapping[str, Any]) -> bool:
    """Tell whether a part of the path held a slash before it was decoded, if the server says so.

    Its path reads as another one: the thing ``x/delete`` as the deletion of ``x``.
    """
    raw: str = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    return "%2f" in raw.partition("?")[0].lower()


def put_back(request: Request, environ: WSGIEnvironment) -> None:
    """Leave a body that *request* has read for whoever reads it next."""
    body = request.read_body
    if body:
        environ["wsgi.input"] = BytesIO(body)
        environ["wsgi.input_terminated"] = True  # it ends, whatever its length was said to be


def read_ahead(environ: WSGIEnvironment, most: int) -> bytes | None:
    """Return a body of at most *most* bytes and leave it where it is; None for a larger one."""
    announced: str = environ.get("CONTENT_LENGTH") or ""
    if announced.isdecimal() and int(announced) > most:
        return None
    if not announced.isdecimal() and not environ.get("wsgi.input_terminated"):
        return b""
    stream = environ["wsgi.input"]
    wanted = int(announced) if announced.isdecimal() else most + 1
    read = b""
    with suppress(Exception):  # who reads on is told of it
        while len(read) < wanted and (piece := stream.read(wanted - len(read))):
            read += piece
    environ["wsgi.input"] = BufferedReader(_Joined(read, stream))
    return read if len(read) <= most else None


class _Joined(RawIOBase):
    """What was read already, and then the rest."""

    def __init__(self, read: bytes, rest: Any) -> None:
        self._read = read
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        size = len(into)
        piece, self._read = self._read[:size], self._read[size:]
        piece = piece or self._rest.read(size)
        into[: len(piece)] = piece
        return len(piece)


def source_of(environ: Mapping[str, Any], parts: Iterator[bytes]) -> Body:
    """Return the *parts* of a body one by one, or together if they are said to be few."""
    announced: str = environ.get("CONTENT_LENGTH") or ""
    if announced.isdecimal() and int(announced) <= _PIECE:
        return partial(_joined, parts)
    return _one_by_one(parts)


async def _joined(parts: Iterator[bytes]) -> bytes:
    return b"".join(parts)


async def _one_by_one(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def _parts(environ: Mapping[str, Any]) -> Iterator[bytes]:
    announced: str = environ.get("CONTENT_LENGTH") or ""
    ends_itself = bool(environ.get("wsgi.input_terminated"))
    left = int(announced) if announced.isdecimal() else None
    if left is None and not ends_itself:
        return  # a server that does not end the input would wait for more
    stream = environ["wsgi.input"]
    while left is None or left:
        try:
            piece: bytes = stream.read(_PIECE if left is None else min(left, _PIECE))
        except Exception as exc:  # each server has errors of its own for what it cannot read
            msg = "The body cannot be read"
            raise BadRequest(msg) from exc
        if not piece:
            break
        left = None if left is None else left - len(piece)
        yield piece
    if left:
        # half a form reads as a whole one with other values
        msg = "The body ended before it was complete"
        raise BadRequest(msg)
