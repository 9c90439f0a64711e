"""A request, whatever framework received it."""

from __future__ import annotations

import inspect
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
)
from contextvars import ContextVar
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast, overload
from urllib.parse import quote, unquote

from nitro_events.http.form_fields import fields_of
from nitro_events.http.problems import BadRequest, TooLarge
from nitro_events.inline import settled
from nitro_events.once import once
from nitro_events.policy import Caller
from nitro_events.state import state
from nitro_events.texts import Text
from nitro_events.threads import in_thread

if TYPE_CHECKING:
    from nitro_events.http.inputs import Input
    from nitro_events.http.routes import Matched

__all__ = ["Body", "Headers", "Request", "at_once", "current_request", "root_of"]

T = TypeVar("T")
L = TypeVar("L", bound=Callable[..., object])

_AT_ONCE = "answers_at_once"

Body: TypeAlias = "bytes | AsyncIterable[bytes] | Callable[[], Awaitable[bytes]]"
"""The bytes themselves, the chunks as they come, or an async function that returns all."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "TRACE"})

# what proxies, tunnels and content networks add to what they pass on
_FORWARDING = frozenset(
    {"forwarded", "via", "true-client-ip", "cdn-loop", "cf-connecting-ip", "cf-ray"}
    | {"fastly-client-ip", "fly-client-ip", "x-amzn-trace-id", "x-appengine-user-ip"}
    | {"x-azure-clientip", "x-client-ip", "x-cluster-client-ip", "x-original-host"}
    | {"x-envoy-external-address", "x-original-for", "x-proxyuser-ip", "x-real-ip"}
)

current_request: ContextVar[Request | None] = ContextVar("nitro_request", default=None)
"""The request that is being answered in this context."""


class Headers(Mapping[str, str]):
    """Headers by name in any case; of a repeated one the values are joined by commas."""

    def __init__(self, pairs: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        given = cast("Mapping[str, str]", pairs).items() if isinstance(pairs, Mapping) else pairs
        listed = [(name.lower(), value) for name, value in given]
        self.by_name = dict(listed)
        """The values by name in small letters, for who asks often."""
        if len(self.by_name) < len(listed):
            self.by_name = _joined(listed)

    @classmethod
    def of(cls, by_name: dict[str, str]) -> Headers:
        """Return headers of values *by_name*, which are in small letters and there once each."""
        made = cls.__new__(cls)
        made.by_name = by_name
        return made

    def __getitem__(self, name: str) -> str:
        return self.by_name[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self.by_name

    @overload
    def get(self, key: str, /) -> str | None: ...

    @overload
    def get(self, key: str, /, default: str) -> str: ...

    @overload
    def get(self, key: str, /, default: T) -> str | T: ...

    def get(self, key: str, /, default: T | None = None) -> str | T | None:
        """Return the value of a header, or *default*."""
        # asked many times a request: what Mapping has raises and catches an error
        return self.by_name.get(key.lower(), default)

    @property
    def forwarded(self) -> bool:
        """Whether somebody passed the request on."""
        return _is_forwarded(tuple(self.by_name))

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)

    def __repr__(self) -> str:
        # values may be secret, and a repr ends in logs
        return f"<Headers {', '.join(self.by_name)}>"


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            joint = "; " if name == "cookie" else ", "
            found[name] = f"{found[name]}{joint}{value}"
        else:
            found[name] = value
    return found


class Request:
    """What arrived: made by an adapter, read by everybody else.

    *path* is decoded, without the host, and inside of the application: *root* is what URLs begin
    with where that is below another path, as they are written. *client* is the address it came
    from; *framework* is the framework's own request, handed to the configured ``user``. *rerun*,
    if the adapter can, is an internal GET of a path and query inside of this application that
    returns what its handler returned, such as a Page, or None. *login* finds out who the framework
    itself says is logged in, as the configured ``user`` does, which is asked in its place if there
    is one.

    What costs something is made when it is first asked for: *headers* may be a generator, and
    *framework_of* makes the framework's request, in place of *framework*. Most requests pass
    through without a question.
    """

    new_browser: str | None = None
    """The name that the browser is given with the answer, if it had none."""
    read_input: Input | None = None
    """What came, where that can be read only once."""
    matched: Matched | None = None
    """Which route of ours answers it, where the adapter has asked for that already."""

    def __init__(
        self,
        method: str,
        path: str,
        *,
        query_string: str = "",
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        body: Body = b"",
        client: str | None = None,
        scheme: str = "http",
        caller: Caller | None = None,
        framework: object = None,
        framework_of: Callable[[], object] | None = None,
        rerun: Callable[[str], Awaitable[object | None]] | None = None,
        login: Callable[[Any], object] | None = None,
        root: str = "",
    ) -> None:
        self.method = method.upper()
        self.is_safe = self.method in SAFE_METHODS
        """Whether its verb promises to change nothing."""
        self.path = path
        self.root = root
        self.query_string = query_string
        self.client = client
        self.scheme = scheme
        self.rerun = rerun
        self._headers = headers
        self._framework = framework
        self._framework_of = framework_of
        self._source = body
        self._body: bytes | None = body if isinstance(body, bytes) else None
        self._caller = caller
        self._login = login
        self.position = state.hub.position
        """Where the live hub stood before anything was read for the answer."""

    def __repr__(self) -> str:
        # the query may hold signals, which stay out of logs
        return f"<Request {self.method} {self.path}>"

    @once
    def root(self) -> str:
        """What URLs of this application begin with, such as ``/shop``; nothing at the top."""
        return ""

    @once
    def query_string(self) -> str:
        """What stands behind the question mark, as it was sent."""
        return ""

    @once
    def headers(self) -> Headers:
        """The headers by name."""
        return Headers(self._headers)

    @once
    def client(self) -> str | None:
        """The address it came from, if that is known."""
        return None

    @once
    def scheme(self) -> str:
        """How it came: ``http`` or ``https``."""
        return "http"

    @once
    def rerun(self) -> Callable[[str], Awaitable[object | None]] | None:
        """Makes an internal GET and returns what the handler returned."""
        return None

    @once
    def _source(self) -> Body:
        return b""

    @once
    def framework(self) -> Any:
        """The framework's own request."""
        return self._framework if self._framework_of is None else self._framework_of()

    @property
    def host(self) -> str:
        """The host and port that were asked for."""
        return self.headers.by_name.get("host", "").lower()

    @once
    def query(self) -> dict[str, list[str]]:
        """The query by name; raises BadRequest if it has too many fields."""
        return fields_of(self.query_string)

    @once
    def cookies(self) -> dict[str, str]:
        """The cookies by name; those that cannot be read are left out."""
        jar = SimpleCookie()
        for part in self.headers.by_name.get("cookie", "").split(";"):
            try:
                jar.load(part.strip())
            except CookieError:
                continue
        return {name: morsel.value for name, morsel in jar.items()}

    @property
    def url(self) -> str:
        """The path with its query."""
        return f"{self.path}?{self.query_string}" if self.query_string else self.path

    def inside(self, url: str) -> str:
        """Return *url*, a path and query as browsers know it, without the root."""
        depth = self.root.count("/")
        if not depth:
            return url
        path, mark, query = url.partition("?")
        parts = path.split("/")
        # compared part by part, since there are several ways to write one
        if unquote("/".join(parts[: depth + 1])) != unquote(self.root):
            return url
        return f"/{'/'.join(parts[depth + 1 :])}{mark}{query}"

    @once
    def content_type(self) -> str:
        """The media type of the body in small letters, without parameters."""
        return _kind_of(self.headers.by_name.get("content-type", ""))[0]

    @property
    def charset(self) -> str | None:
        """The character set that the body says it is written in, if it says so."""
        return _kind_of(self.headers.by_name.get("content-type", ""))[1]

    @once
    def is_datastar(self) -> bool:
        """Whether Datastar asks, which reads only answers of status 200."""
        return self.headers.by_name.get("datastar-request", "").lower() == "true"

    @property
    def live_cursor(self) -> str | None:
        """Where a live stream takes up, or None if none is asked for."""
        cursor = self.headers.by_name.get("nitro-live")
        return None if cursor is None else self.headers.by_name.get("last-event-id") or cursor

    @property
    def wants_dialog(self) -> bool:
        """Whether the answer goes into the dialog of the page that asks."""
        return self.headers.by_name.get("nitro-dialog", "").lower() == "true"

    @once
    def wants_html(self) -> bool:
        """Whether a browser asks, rather than a program that reads JSON."""
        return (
            self.is_datastar
            or "text/html" in self.headers.by_name.get("accept", "").lower()
            or self.content_type in ("application/x-www-form-urlencoded", "multipart/form-data")
        )

    @property
    def caller(self) -> Caller:
        """Who asks. If the configured ``user`` is async, `identify` comes first."""
        if self._caller is None:
            self._caller = self._caller_from(self._ask_user())
        return self._caller

    @property
    def known_caller(self) -> Caller | None:
        """Who asks, if that was found out already."""
        return self._caller

    async def identify(self) -> Caller:
        """Find out who asks, without holding up the event loop."""
        if self._caller is None:
            user = state.settings.user or self._login
            if user is None or hasattr(user, _AT_ONCE):
                found = None if user is None else user(self.framework)
            else:
                found = await self._find(user)
            self._caller = self._caller_from(found)
        return self._caller

    async def body(self, limit: int | None = None) -> bytes:
        """Return the whole body, read once. Raises TooLarge beyond *limit* bytes."""
        allowed = state.settings.limits.body if limit is None else limit
        body = self._body
        if body is None:
            self._check_length(allowed)
            body = self._body = await self._read(allowed)
        if len(body) > allowed:
            raise TooLarge(_too_large(allowed))
        return body

    async def stream(self, limit: int) -> AsyncIterator[bytes]:
        """Yield the body as it comes; nobody can read it then. Raises TooLarge beyond *limit*."""
        self._check_length(limit)
        source = self._source if self._body is None else self._body
        read = 0
        if isinstance(source, bytes) or callable(source):
            whole = source if isinstance(source, bytes) else await source()
            if len(whole) > limit:
                raise TooLarge(_too_large(limit))
            yield whole
        else:
            async for chunk in source:
                read += len(chunk)
                if read > limit:
                    raise TooLarge(_too_large(limit))
                yield chunk
        self._body = b""

    @property
    def read_body(self) -> bytes | None:
        """The body if it was read already, else None."""
        return self._body

    async def _read(self, limit: int) -> bytes:
        if callable(self._source):
            return await self._source()
        read = bytearray()
        async for chunk in cast("AsyncIterable[bytes]", self._source):
            read += chunk
            if len(read) > limit:
                raise TooLarge(_too_large(limit))
        return bytes(read)

    def _check_length(self, limit: int) -> None:
        announced = self.headers.by_name.get("content-length")
        if announced is None:
            return
        if not (announced.isascii() and announced.isdigit() and len(announced) < 20):
            msg = Text("The Content-Length is not a number")
            raise BadRequest(msg)
        if int(announced) > limit:
            raise TooLarge(_too_large(limit))

    async def _find(self, user: Callable[[Any], object]) -> object:
        if _is_async(user):
            return await settled(cast("Awaitable[object]", user(self.framework)))
        found = await in_thread(user, self.framework)
        if found is None or isinstance(found, str):
            return found
        return await settled(found) if inspect.isawaitable(found) else found

    def _ask_user(self) -> object:
        user = state.settings.user or self._login
        found = None if user is None else user(self.framework)
        if inspect.isawaitable(found):
            if inspect.iscoroutine(found):
                found.close()
            msg = "The configured user function is async: await request.identify() first"
            raise RuntimeError(msg)
        return found

    def _caller_from(self, found: object) -> Caller:
        if isinstance(found, Caller):
            return found
        id = None if found is None else str(found)
        return _caller(id, self.client, self.headers.forwarded, self.host)


def root_of(mounted: str) -> str:
    """Return the root of what is *mounted* there, a decoded path, as it is written in URLs."""
    path = mounted.strip("/")
    return f"/{quote(path)}" if path else ""


def at_once(login: L) -> L:
    """Say of a *login* that it only looks at what is there: it needs no thread to wait in."""
    setattr(login, _AT_ONCE, True)
    return login


@lru_cache(maxsize=256)
def _is_forwarded(names: tuple[str, ...]) -> bool:
    # a client sends the same ones each time
    return any(name.startswith("x-forwarded") or name in _FORWARDING for name in names)


_is_async = lru_cache(maxsize=16)(inspect.iscoroutinefunction)


@lru_cache(maxsize=256)
def _kind_of(content_type: str) -> tuple[str, str | None]:
    """Return the media type in small letters, and the character set if it is said."""
    kind, *parameters = content_type.split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip():
            return kind.strip().lower(), value.strip().strip('"')
    return kind.strip().lower(), None


@lru_cache(maxsize=256)
def _caller(id: str | None, address: str | None, forwarded: bool, host: str) -> Caller:
    # the same few come all the time, and nobody can change one
    return Caller(id, id, host=address, forwarded=forwarded, asked=_host_name(host) or None)


def _host_name(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0].strip("[")
    return host.partition(":")[0]


def _too_large(limit: int) -> str:
    return Text("The body may have {most} bytes at most", most=limit)
