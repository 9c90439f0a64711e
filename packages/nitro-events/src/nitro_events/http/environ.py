"""The neutral request of a CGI-like environment, as WSGI servers and Django describe requests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from io import BufferedReader, BytesIO, RawIOBase
from typing import TYPE_CHECKING, Any

from nitro_events.http.problems import BadRequest
from nitro_events.http.request import Body, Request

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

__all__ = ["has_slash_in_part", "put_back", "read_ahead", "request_of"]

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
    return Request(
        environ["REQUEST_METHOD"],
        path_of(environ),
        query_string=environ.get("QUERY_STRING", ""),
        headers=_headers(environ),
        body=_pieces(environ) if body is None else body,
        client=environ.get("REMOTE_ADDR") or None,
        scheme=environ.get("wsgi.url_scheme", "http"),
        framework=framework,
        framework_of=framework_of,
        rerun=rerun,
        login=login,
    )


def path_of(environ: WSGIEnvironment) -> str:
    """Return the path inside the application, decoded."""
    path: str = environ.get("PATH_INFO") or "/"
    # each character stands for one byte
    return path if path.isascii() else path.encode("latin-1").decode("utf-8", "replace")


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


def _headers(environ: WSGIEnvironment) -> Iterator[tuple[str, str]]:
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            yield key[5:].replace("_", "-"), value
        elif key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            yield key.replace("_", "-"), value


async def _pieces(environ: WSGIEnvironment) -> AsyncIterator[bytes]:
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
