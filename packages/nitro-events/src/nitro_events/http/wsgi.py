"""Nitro around a WSGI application, whatever framework it was made with.

The thread of the server does everything itself: what is async of ours runs to its end in it (see
`nitro_events.inline`). What others around WSGI-like servers may use as well is in `environ`
(a request out of an environment) and `iterables` (a response as parts of bytes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote_to_bytes

from nitro_events.http import csrf
from nitro_events.http.asgi import check_settings, end, is_asset, own_answer
from nitro_events.http.dispatch import present
from nitro_events.http.environ import put_back, request_of
from nitro_events.http.iterables import Begun, body_of, close, headers_of, status_line
from nitro_events.http.kept import is_wanted
from nitro_events.http.kept_wsgi import visiting
from nitro_events.http.problems import HttpError, problem_of
from nitro_events.http.request import current_request
from nitro_events.http.rerun import awaiting
from nitro_events.inline import run
from nitro_events.state import state
from nitro_events.units import begin_durable, open_unit

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from nitro_events.http.request import Request
    from nitro_events.http.response import Response

__all__ = ["Middleware", "send_response"]

FrameworkRequest: TypeAlias = "Callable[[WSGIEnvironment], object]"

# what belongs to the request that a rerun stands in for, and not to a plain GET of a page
_NOT_RERUN = frozenset(
    {"CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_DATASTAR_REQUEST", "HTTP_LAST_EVENT_ID"}
    | {"HTTP_NITRO_DIALOG", "HTTP_NITRO_LIVE", "HTTP_TRANSFER_ENCODING", "RAW_URI", "REQUEST_URI"}
)


class Middleware:
    """The outermost layer of an application: request context, one unit a request, own assets.

    *framework_request* makes the framework's request of an environment, for the configured
    ``user`` or, without one, for *login*, which finds out who the framework says is logged in.
    A request that changes nothing of Nitro passes through untouched.
    """

    def __init__(
        self,
        app: WSGIApplication,
        framework_request: FrameworkRequest,
        login: Callable[[Any], object] | None = None,
    ) -> None:
        self._app = app
        self._framework_request = framework_request
        self._login = login
        self._checked = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if not self._checked:
            check_settings()
            self._checked = True
            begin_durable()
        if is_wanted():
            return visiting(self._answer, environ, start_response)
        return self._answer(environ, start_response)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = self.request_of(environ)
        token = current_request.set(request)
        try:
            if request.is_safe:
                if is_asset(request.path):
                    return send_response(run(own_answer(request)), environ, start_response)
                return self._app(environ, start_response)
            if state.settings.protect_all:
                return self._protected(request, environ, start_response)
            return self._in_unit(request, environ, start_response)
        finally:
            current_request.reset(token)

    def request_of(self, environ: WSGIEnvironment) -> Request:
        """Return the neutral request of *environ*, which can run pages of this app again."""
        return request_of(
            environ,
            framework_of=partial(self._framework_request, environ),
            rerun=partial(self._rerun, environ),
            login=self._login,
        )

    def _protected(
        self, request: Request, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        try:
            run(csrf.acheck(request, any_body=True))
        except HttpError as refusal:
            response = run(present(request, problem_of(refusal)))
            return send_response(response, environ, start_response)
        put_back(request, environ)
        return self._in_unit(request, environ, start_response)

    def _in_unit(
        self, request: Request, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        unit = open_unit()
        begun = False
        instead: Response | None = None

        def start_after_the_end(status: str, headers: Any, *exc_info: Any) -> Any:
            nonlocal begun, instead
            begun = True
            if unit.untouched and not unit.closed:
                unit.close()
            elif not unit.closed:
                failure = run(end(unit, request, int(status[:3])))
                if failure is not None:
                    # the answer speaks of what was not stored: another one takes its place
                    instead = run(present(request, problem_of(failure)))
            return _drop if instead is not None else start_response(status, headers, *exc_info)

        try:
            parts = self._app(environ, start_after_the_end)
            if not begun:  # by a generator function, which does nothing before it is iterated
                parts = Begun(parts, lambda: begun)
        finally:
            if not unit.closed:
                unit.rollback()
        if instead is None:
            return parts
        close(parts)
        return send_response(instead, environ, start_response)

    async def _rerun(self, environ: WSGIEnvironment, url: str) -> object | None:
        path, _, query = url.partition("?")
        again: WSGIEnvironment = {
            **{key: value for key, value in environ.items() if key not in _NOT_RERUN},
            "REQUEST_METHOD": "GET",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "wsgi.input": BytesIO(),
        }
        with awaiting() as awaited:
            close(self(again, _discard))
        return awaited.value


def send_response(
    response: Response, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Begin *response* and return its body, which may be a stream."""
    start_response(status_line(response.status), headers_of(response))
    parts = body_of(response)
    if environ["REQUEST_METHOD"] == "HEAD":
        close(parts)
        return []
    return parts


def _discard(_status: str, _headers: Any, _exc_info: Any = None) -> Callable[[bytes], object]:
    """Take the start of an answer that nobody waits for."""
    return _drop


def _drop(_part: bytes) -> None:
    """Take a part of an answer that nobody waits for."""
