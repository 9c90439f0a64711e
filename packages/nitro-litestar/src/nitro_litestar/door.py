"""The one handler behind which all generated routes are answered.

It makes them part of the application: middleware, sessions, guards, hooks and headers that the
application has for all its handlers are those of the generated routes too.
"""

from typing import Any, cast

from litestar import MediaType, Request, Response
from litestar.config.csrf import CSRFConfig
from litestar.handlers import HTTPRouteHandler
from litestar.types import Empty
from litestar.utils.scope.state import ScopeState

from nitro_events.http.asgi import has_slash_in_part, own_answer
from nitro_events.http.dispatch import present_problem
from nitro_events.http.problems import NotFound
from nitro_events.http.request import Request as NeutralRequest
from nitro_litestar.answer import Answer
from nitro_litestar.noted import RECEIVE, REQUEST

__all__ = ["DOOR", "door"]

DOOR = "nitro:door"
METHODS: Any = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]


def door(csrf: CSRFConfig | None) -> HTTPRouteHandler:
    """Return the handler, to be registered with an application whose CSRF protection is *csrf*."""
    handler = HTTPRouteHandler(
        "/_nitro/door",
        name=DOOR,
        http_method=METHODS,
        media_type=MediaType.JSON,
        dto=None,
        return_dto=None,
        include_in_schema=False,
        # our routes compare origins, which needs no token that each form would have to carry
        opt={} if csrf is None else {csrf.exclude_from_csrf_key: True},
    )
    return handler(_answer)


async def _answer(request: Request[Any, Any, Any]) -> Response[None]:
    neutral = _as_middleware_left_it(request)
    if has_slash_in_part(cast("Any", request.scope)):
        refusal = NotFound("There is no page for an id with a slash in it")
        return Answer(await present_problem(neutral, refusal))
    return Answer(await own_answer(neutral))


def _as_middleware_left_it(request: Request[Any, Any, Any]) -> NeutralRequest:
    """Return our request, with the body where middleware of the application has read it."""
    scope = cast("dict[str, Any]", request.scope)
    neutral: NeutralRequest = scope[REQUEST]
    read = ScopeState.from_scope(request.scope).body
    if read is Empty and request.receive is scope[RECEIVE]:
        return neutral
    if neutral.read_body is not None:
        return neutral

    async def once() -> dict[str, Any]:
        return {"type": "http.request", "body": read, "more_body": False}

    router: Any = request.app.asgi_router
    return cast(
        "NeutralRequest", router.request_of(scope, request.receive if read is Empty else once)
    )
