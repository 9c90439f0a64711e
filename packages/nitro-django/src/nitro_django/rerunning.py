"""Runs a page of the project again, through all of its middleware, for what its view returns."""

from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.urls import get_urlconf, set_urlconf

from nitro_events.http.rerun import awaiting

__all__ = ["Rerun", "rerun_by"]

Rerun = Callable[[HttpRequest, str], Awaitable[object | None]]

# what belongs to the request that a rerun stands in for, and not to a plain GET of a page
_NOT_RERUN = frozenset(
    {"content-length", "content-type", "datastar-request", "last-event-id"}
    | {"nitro-dialog", "nitro-live", "transfer-encoding"}
)
_NOT_IN_ENVIRON = frozenset(
    {"CONTENT_LENGTH", "CONTENT_TYPE", "RAW_URI", "REQUEST_URI"}
    | {f"HTTP_{name.upper().replace('-', '_')}" for name in _NOT_RERUN}
)


def rerun_by(get_response: Callable[..., Any]) -> Rerun:
    """Return what reruns pages by the handler that *get_response*, of the last middleware, is of.

    Django gives a middleware no other way to the middleware around it.
    """
    inner = getattr(get_response, "__wrapped__", None)
    handler = getattr(inner, "__self__", None)

    async def rerun(request: HttpRequest, url: str) -> object | None:
        if not isinstance(handler, BaseHandler):
            return None
        urlconf = get_urlconf()
        try:
            with awaiting() as awaited:
                await _run(handler, request, url)
        finally:
            set_urlconf(urlconf)
        return awaited.value

    return rerun


async def _run(handler: BaseHandler, request: HttpRequest, url: str) -> None:
    path, _, query = url.partition("?")
    if isinstance(request, ASGIRequest):
        await handler.get_response_async(_asgi(request, path, query))
    elif isinstance(request, WSGIRequest):
        handler.get_response(_wsgi(request, path, query))


def _asgi(request: ASGIRequest, path: str, query: str) -> ASGIRequest:
    scope = request.scope
    root: str = scope.get("root_path", "")
    pairs: list[tuple[bytes, bytes]] = scope["headers"]
    again = {
        **scope,
        "method": "GET",
        "path": root + unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [pair for pair in pairs if pair[0].lower().decode() not in _NOT_RERUN],
    }
    return type(request)(again, BytesIO())


def _wsgi(request: WSGIRequest, path: str, query: str) -> WSGIRequest:
    environ = request.environ
    again: dict[str, Any] = {
        **{key: value for key, value in environ.items() if key not in _NOT_IN_ENVIRON},
        "REQUEST_METHOD": "GET",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "wsgi.input": BytesIO(),
    }
    return type(request)(again)
