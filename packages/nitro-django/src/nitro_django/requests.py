"""Django's request as a neutral one."""

from collections.abc import Awaitable, Callable, Iterator

from django.http import HttpRequest
from django.http.request import RawPostDataException, UnreadablePostError

from nitro_django.identity import login
from nitro_events.http import asgi, environ
from nitro_events.http.problems import BadRequest
from nitro_events.http.request import Body, Headers, Request, current_request, root_of
from nitro_events.once import once

__all__ = ["has_slash_in_part", "neutral", "request_of"]

_PIECE = 64 * 1024


def request_of(
    request: HttpRequest, rerun: Callable[[str], Awaitable[object | None]] | None = None
) -> Request:
    """Return the neutral request of Django's *request*; its body is read when asked for."""
    made = DjangoRequest(request.META, request.method or "GET", request.path_info, login)
    made.framework = request
    made.rerun = rerun
    return made


class DjangoRequest(environ.EnvironRequest):
    """A request that asks Django's when it is asked something."""

    @once
    def root(self) -> str:
        """What URLs of this project begin with; nothing at the top."""
        return root_of(self.framework.META.get("SCRIPT_NAME", ""))

    @once
    def scheme(self) -> str:
        """How it came: ``http`` or ``https``."""
        return self.framework.scheme or "http"

    @once
    def headers(self) -> Headers:
        """The headers by name."""
        found = environ.headers_of(self.framework.META)
        if not found.by_name.get("cookie", "-"):  # Django's test clients send one that is empty
            del found.by_name["cookie"]
        if _is_excused(self.framework):
            found.by_name["sec-fetch-site"] = "same-origin"
        return found

    @once
    def _source(self) -> Body:
        return environ.source_of(self.framework.META, _parts(self.framework))


def neutral(request: HttpRequest) -> Request:
    """Return the neutral request that is being answered, or one for *request* without any."""
    found = current_request.get()
    if found is not None and found.framework is request:
        return found
    return request_of(request)


def has_slash_in_part(request: HttpRequest) -> bool:
    """Tell whether a part of the path held a slash before it was decoded."""
    scope = getattr(request, "scope", None)
    if scope is not None:
        return asgi.has_slash_in_part(scope)
    return environ.has_slash_in_part(request.META)


def _is_excused(request: HttpRequest) -> bool:
    """Tell whether a test client of Django asks that is not to prove where it comes from."""
    excused = getattr(request, "_dont_enforce_csrf_checks", False)
    return excused and not {"Origin", "Sec-Fetch-Site"} & set(request.headers)


def _parts(request: HttpRequest) -> Iterator[bytes]:
    """Yield the body, and leave it for whoever asks Django for it.

    Django's own limit for bodies in memory does not count: Nitro has one that knows of files.
    """
    if hasattr(request, "_body") or getattr(request, "_read_started", False):
        yield _kept(request)
        return
    read = bytearray()
    while piece := _next(request):
        read += piece
        yield piece
    _check_whole(request, len(read))
    vars(request)["_body"] = bytes(read)


def _kept(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RawPostDataException:
        msg = "The body was read before as a stream of files, by a middleware or the view"
        raise BadRequest(msg) from None


def _next(request: HttpRequest) -> bytes:
    try:
        return request.read(_PIECE)
    except UnreadablePostError:
        msg = "The body ended before it was complete"
        raise BadRequest(msg) from None


def _check_whole(request: HttpRequest, size: int) -> None:
    announced: str = request.META.get("CONTENT_LENGTH") or ""
    if announced.isdecimal() and size < int(announced):
        # half a form reads as a whole one with other values
        msg = "The body ended before it was complete"
        raise BadRequest(msg)
