"""Nitro's answers as responses of Litestar."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from litestar import Response
from litestar.background_tasks import BackgroundTask, BackgroundTasks
from litestar.datastructures import Cookie
from litestar.utils.scope.state import ScopeState

from nitro_events import Response as NeutralResponse
from nitro_events.http.asgi import send_response
from nitro_events.http.dispatch import present
from nitro_events.http.problems import Problem
from nitro_events.http.request import Request, current_request

__all__ = ["Answer", "ProblemAnswer"]

Tasks = BackgroundTask | BackgroundTasks


class Answer(Response[None]):
    """A neutral response; headers, cookies and tasks are those of any response of Litestar."""

    def __init__(self, response: NeutralResponse, like: Response[Any] | None = None) -> None:
        super().__init__(None, status_code=response.status)
        self._response = response
        if like is not None:
            self.headers, self.cookies = like.headers, like.cookies
            self.background = like.background

    def to_asgi_response(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        app: object,
        request: Any,
        *,
        background: Tasks | None = None,
        cookies: Iterable[Cookie] | None = None,
        headers: dict[str, str] | None = None,
        **_: object,
    ) -> Sent:
        """Return what sends it, with what the layers around the handler add."""
        pairs = {**(headers or {}), **self.headers}
        extra = [(name.lower(), str(text)) for name, text in pairs.items()]
        for cookie in (*self.cookies, *(cookies or ())):
            if not cookie.documentation_only:
                extra.append(("set-cookie", cookie.to_header(header="")))
        return Sent(self, extra, self.background or background)

    async def written(self, scope: Any) -> NeutralResponse:
        """Return the response that is sent."""
        return self._response


class ProblemAnswer(Answer):
    """What is told of *problem* to who sent *request*: found out when it is sent."""

    def __init__(self, problem: Problem, request: Request) -> None:
        super().__init__(NeutralResponse(problem.status))
        self._problem = problem
        self._request = request

    async def written(self, scope: Any) -> NeutralResponse:
        """Let the presenters write it, as for the generated routes."""
        token = current_request.set(self._request)
        try:
            return await present(self._request, self._problem)
        finally:
            current_request.reset(token)


class Sent:
    """Sends an answer, then runs the background tasks."""

    def __init__(
        self, answer: Answer, extra: list[tuple[str, str]], background: Tasks | None
    ) -> None:
        self._answer = answer
        self._extra = extra
        self._background = background

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send it."""
        handler = scope.get("route_handler")
        if getattr(handler, "cache", False):
            # a page is for one caller, and its stream never ends: neither is for the cache
            ScopeState.from_scope(scope).is_cached = True
        response = await self._answer.written(scope)
        response.headers.extend(self._extra)
        await send_response(response, receive, send)
        if self._background is not None:
            await self._background()
