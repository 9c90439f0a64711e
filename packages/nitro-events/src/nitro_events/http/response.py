"""A response, whatever framework sends it."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field
from json import JSONEncoder
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic_core import to_json

if TYPE_CHECKING:
    from nitro_events.live.outgoing import Outgoing
    from nitro_events.patches import Patch

__all__ = [
    "Header",
    "Response",
    "empty",
    "events",
    "html",
    "is_local",
    "json",
    "json_of_data",
    "redirect",
    "streamed",
]

Header = tuple[str, str]

_UNFIT = re.compile("[\x00\r\n\u0100-\U0010ffff]")

_AS_JSON = JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)

_CAREFUL: tuple[Header, ...] = (
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
)

_JSON: Header = ("content-type", "application/json")
_FIT = frozenset((_JSON, *_CAREFUL))
"""Headers that need not be looked at."""


@dataclass(slots=True)
class Response:
    """What is sent: a body, or in its place a live *stream*, or *chunks* as they come.

    Raises ValueError for a header that could not be sent, or would be two: some servers send
    what they are given.
    """

    status: int = 200
    headers: list[Header] = field(default_factory=list[Header])
    body: bytes = b""
    stream: Outgoing | None = None
    chunks: AsyncGenerator[bytes] | None = None
    whole: bool = False
    """Whether the chunks are worth nothing if they end early, as of a file: then the connection
    is broken off, which a client can tell from the end."""

    def __post_init__(self) -> None:
        if _FIT.issuperset(self.headers):
            return
        if not _UNFIT.search("".join([part for header in self.headers for part in header])):
            return
        for name, text in self.headers:
            if _UNFIT.search(name) or _UNFIT.search(text):
                msg = f"The header {name!r} is not one line of Latin-1 text"
                raise ValueError(msg)


def html(text: str, *, status: int = 200, headers: Sequence[Header] = ()) -> Response:
    """Return *text* as an HTML page; it is sent as it is."""
    kind: list[Header] = [
        ("content-type", "text/html; charset=utf-8"),
        ("referrer-policy", "same-origin"),
    ]
    # half a surrogate pair cannot be sent, and one bad value must not lose the page
    return Response(status, [*kind, *_CAREFUL, *headers], text.encode("utf-8", "replace"))


def json(
    value: object,
    *,
    status: int = 200,
    headers: Sequence[Header] = (),
    content_type: str = "application/json",
) -> Response:
    """Return *value*, which JSON must know, as JSON."""
    body = _AS_JSON.encode(value).encode("utf-8", "replace")
    return Response(status, [("content-type", content_type), *_CAREFUL, *headers], body)


def json_of_data(value: object) -> Response:
    """Return *value*, a text, number, truth value or a dict of such by name, as JSON."""
    try:
        return Response(200, [_JSON, *_CAREFUL], to_json(value))
    except ValueError:  # half a surrogate pair
        return json(value)


def empty(status: int = 204) -> Response:
    """Return a response without a body."""
    return Response(status, [("cache-control", "no-store")])


def redirect(url: str, *, status: int = 303, headers: Sequence[Header] = ()) -> Response:
    """Send the browser to *url*, a path of this application.

    Raises ValueError for anything that could lead elsewhere.
    """
    if not is_local(url):
        msg = f"A redirect stays in this application: expected a path such as '/', got {url!r}"
        raise ValueError(msg)
    if not url.isascii():
        msg = f"A redirect is percent-encoded, got {url!r}"
        raise ValueError(msg)
    return Response(status, [("location", url), ("cache-control", "no-store"), *headers])


def events(patches: Iterable[Patch], *, headers: Sequence[Header] = ()) -> Response:
    """Return *patches* as one short event stream."""
    kind = [("content-type", "text/event-stream"), ("x-accel-buffering", "no")]
    body = b"".join([patch.encode() for patch in patches])
    return Response(200, [*kind, *_CAREFUL, *headers], body)


def streamed(chunks: AsyncGenerator[bytes]) -> Response:
    """Return *chunks* of events, sent as they come; who sends them closes the generator."""
    kind = [("content-type", "text/event-stream"), ("x-accel-buffering", "no")]
    return Response(200, [*kind, *_CAREFUL], chunks=chunks)


def is_local(url: str) -> bool:
    """Tell whether *url* is a path of this application and nothing that a browser misreads."""
    # browsers drop tabs and line ends and read a backslash as a slash
    if not url.startswith("/") or url.startswith("//") or "\\" in url:
        return False
    if any(character <= " " or character == "\x7f" for character in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc
