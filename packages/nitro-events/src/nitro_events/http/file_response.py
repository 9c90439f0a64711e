"""A file as a response: nothing in it can run in the name of this application."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nitro_events.http.response import Header, Response
from nitro_events.threads import in_thread

if TYPE_CHECKING:
    from nitro_events.http.request import Request

__all__ = ["file_response"]

Read = Callable[[int, int | None], Iterator[bytes]]

_UNKNOWN = "application/octet-stream"
_HARMLESS = re.compile(
    r"(audio|video|font)/[\w.+-]+|text/plain|application/(zip|pdf|json)|"
    r"application/vnd\.[\w.+-]+|image/(png|jpeg|gif|webp|avif|bmp|tiff)"
)
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_PDF = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'"
"""Browsers show no PDF in a sandbox; their viewers keep its scripts away from the page."""


def file_response(
    request: Request, read: Read, *, size: int, type: str, name: str, tag: str, inline: bool
) -> Response:
    """Return the content that ``read(start, length)`` yields, or the part that is asked for.

    *inline*: a browser may show it; it has to save anything else. *tag* changes with the content.
    """
    quoted = f'"{tag}"'
    headers: list[Header] = [
        ("content-type", _content_type(type)),
        ("content-disposition", _disposition(name, inline=inline)),
        ("content-security-policy", _PDF if type == "application/pdf" else _SANDBOX),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "private, no-cache"),  # may be kept, and is asked about each time
        ("etag", quoted),
        ("accept-ranges", "bytes"),
    ]
    if quoted in _tags(request.headers.get("if-none-match", "")):
        return Response(304, headers[2:])
    part = _part(request, size, quoted)
    if part is None:
        return Response(416, [("content-range", f"bytes */{size}"), *headers[2:]])
    start, length = part
    if length != size:
        headers.append(("content-range", f"bytes {start}-{start + length - 1}/{size}"))
    headers.append(("content-length", str(length)))
    status = 200 if length == size else 206
    if request.method == "HEAD":
        return Response(status, headers, chunks=_Sent(b"", iter(())))
    pieces = read(start, length)
    first = next(pieces, b"")  # what is not there is told before anything is sent
    return Response(status, headers, chunks=_Sent(first, pieces), whole=True)


class _Sent(AsyncGenerator[bytes]):
    """The pieces of a file, which is let go of in the end, even if nobody has taken one.

    A generator that was never asked for anything closes nothing.
    """

    def __init__(self, first: bytes, rest: Iterator[bytes]) -> None:
        self._first = first
        self._rest = rest

    async def asend(self, value: None, /) -> bytes:
        """Return the next piece."""
        piece, self._first = self._first, b""
        if not piece:
            piece = await in_thread(next, self._rest, b"")
        if not piece:
            await self.aclose()
            raise StopAsyncIteration
        return piece

    async def athrow(self, typ: Any, val: Any = None, tb: Any = None, /) -> bytes:
        """Let go of the file, and raise."""
        await self.aclose()
        raise typ if val is None else val

    async def aclose(self) -> None:
        """Let go of the file."""
        self._first = b""
        rest, self._rest = self._rest, iter(())
        close = getattr(rest, "close", None)
        if close is not None:
            await in_thread(close)


def _part(request: Request, size: int, tag: str) -> tuple[int, int] | None:
    """Return start and length of what is asked for, None for what is outside."""
    said = request.headers.get("range", "")
    found = _RANGE.fullmatch(said.replace(" ", ""))
    other = request.headers.get("if-range", tag)
    if found is None or other != tag or found[1] == found[2] == "":
        return 0, size
    if found[1] == "":
        start = max(0, size - int(found[2]))
        return (start, size - start) if start < size else None
    start, end = int(found[1]), min(int(found[2] or size), size - 1)
    if start >= size:
        return None
    return (start, end - start + 1) if end >= start else (0, size)


def _content_type(type: str) -> str:
    if _HARMLESS.fullmatch(type) is None:
        return _UNKNOWN
    return f"{type}; charset=utf-8" if type == "text/plain" else type


def _disposition(name: str, *, inline: bool) -> str:
    kind = "inline" if inline else "attachment"
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _tags(said: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in said.split(",")]
