"""What goes around each request: its context, one unit of work, own assets, checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sanic import Sanic

from nitro_events.http import csrf
from nitro_events.http.asgi import is_asset, own_answer
from nitro_events.http.dispatch import present_problem
from nitro_events.http.kept import current_visit, is_wanted, know_caller
from nitro_events.http.problems import HttpError
from nitro_events.http.request import current_request
from nitro_events.http.rerun import is_rerun
from nitro_events.state import state
from nitro_events.units import current_unit, open_unit
from nitro_sanic.identity import remember
from nitro_sanic.keeping import carried
from nitro_sanic.requests import Neutral
from nitro_sanic.routing import GeneratedRouter
from nitro_sanic.sending import sent

if TYPE_CHECKING:
    from sanic import Request as SanicRequest

    from nitro_events.http.response import Response

__all__ = ["Answering"]


class Answering(Sanic[Any, Any]):
    """An application with Nitro; `install` makes one of what is there.

    A request that changes nothing of Nitro passes through untouched, in Sanic's own server and
    in ASGI servers.
    """

    async def handle_request(self, request: SanicRequest[Any, Any]) -> None:
        """Answer one request."""
        visit = current_visit.get()
        # under ASGI a pipelined request begins in the context of the one before it
        if is_wanted() and not (visit is not None and is_rerun()):
            await carried(self._answer, request)
        else:
            await self._answer(request)

    async def _answer(self, request: SanicRequest[Any, Any]) -> None:
        visit = current_visit.get()
        asked = Neutral(request)
        token = current_request.set(asked)
        try:
            if visit is not None and not self.request_middleware:
                await know_caller()
            if not asked.is_safe:
                await self._in_unit(asked)
            elif is_asset(asked.path):
                await _send(request, await own_answer(asked))
            else:
                await super().handle_request(request)
        finally:
            current_request.reset(token)

    async def handle_exception(
        self,
        request: SanicRequest[Any, Any],
        exception: BaseException,
        run_middleware: bool = True,
    ) -> None:
        """Undo what the request changed, then answer as Sanic does."""
        unit = current_unit()
        if unit is not None:
            await unit.arollback()
        await super().handle_exception(request, exception, run_middleware)

    def url_for(self, view_name: str, **kwargs: Any) -> str:
        """Build a URL, also of a route of Nitro such as ``"nitro.cities.grow"``."""
        build = cast("Any", super()).url_for
        if isinstance(self.router, GeneratedRouter):
            view_name, kwargs = self.router.nitro.link(view_name, kwargs)
        return cast("str", build(view_name, **kwargs))

    async def _run_request_middleware(
        self, request: SanicRequest[Any, Any], middleware_collection: Any
    ) -> Any:
        # not a middleware of ours: every request would pay for it
        run = cast("Any", super())._run_request_middleware
        response = await run(request, middleware_collection)
        if response is None:
            await remember(request)
        return response

    async def _in_unit(self, asked: Neutral) -> None:
        if state.settings.protect_all and not await _is_allowed(asked):
            return
        unit = open_unit()
        try:
            await super().handle_request(asked.sanic)
        finally:
            if not unit.closed:
                await unit.arollback()


async def _is_allowed(asked: Neutral) -> bool:
    try:
        await csrf.acheck(asked, any_body=True)
    except HttpError as refusal:
        await _send(asked.sanic, await present_problem(asked, refusal))
        return False
    return True


async def _send(request: SanicRequest[Any, Any], response: Response) -> None:
    stream = request.stream
    if stream is None:  # the client is gone
        return
    request.responded = True
    await stream.respond(sent(response, request)).send(end_stream=True)
