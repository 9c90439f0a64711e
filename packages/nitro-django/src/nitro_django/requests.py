"""Django's request as a neutral one."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from django.http import HttpRequest
from django.http.request import RawPostDataException, UnreadablePostError

from nitro_django.identity import login
from nitro_events.http import asgi, environ
from nitro_events.http.problems import BadRequest
from nitro_events.http.request import Request, current_request

__all__ = ["has_slash_in_part", "neutral", "request_of"]

_PIECE = 64 * 1024


def request_of(
    request: HttpRequest, rerun: Callable[[str], Awaitable[object | None]] | None = None
) -> Request:
    """Return the neutral request of Django's *request*; its body is read when asked for."""
    meta = request.META
    return Request(
        request.method or "GET",
        request.path_info,
        query_string=meta.get("QUERY_STRING", ""),
        headers=_headers(request),
        body=_pieces(request),
        client=meta.get("REMOTE_ADDR") or None,
        scheme=request.scheme or "http",
        framework=request,
        rerun=rerun,
        login=login,
    )


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


def _headers(request: HttpRequest) -> Iterator[tuple[str, str]]:
    # a generator: most requests pass through without a question
    for name, text in request.headers.items():
        if text or name != "Cookie":  # Django's test clients send one that is empty
            yield name, text
    if _is_excused(request):
        yield "Sec-Fetch-Site", "same-origin"


def _is_excused(request: HttpRequest) -> bool:
    """Tell whether a test client of Django asks that is not to prove where it comes from."""
    excused = getattr(request, "_dont_enforce_csrf_checks", False)
    return excused and not {"Origin", "Sec-Fetch-Site"} & set(request.headers)


async def _pieces(request: HttpRequest) -> AsyncIterator[bytes]:
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
