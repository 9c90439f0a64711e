"""What a handler returned becomes a response, and the unit is committed first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sanic import Request as SanicRequest
from sanic.response import BaseHTTPResponse, HTTPResponse, ResponseStream

from nitro_events.http.asgi import end
from nitro_events.http.request import Request, current_request
from nitro_events.http.rerun import deliver
from nitro_events.http.response import Response, json
from nitro_events.http.results import concerns, jsonable, to_response
from nitro_events.state import state
from nitro_events.threads import in_thread
from nitro_events.units import current_unit
from nitro_sanic.identity import close_ended
from nitro_sanic.requests import Neutral
from nitro_sanic.sending import sent

if TYPE_CHECKING:
    from sanic.compat import Header

__all__ = ["RespondingRequest"]

_RESPONSES = (BaseHTTPResponse, ResponseStream, Response)


class RespondingRequest(SanicRequest[Any, Any]):
    """A request whose handler may return what Nitro can answer with.

    All answers of Sanic come by `respond`: of handlers, middleware and exception handlers.
    """

    __slots__ = ()

    async def respond(
        self,
        response: Any = None,
        *,
        status: int = 200,
        headers: Header | dict[str, str] | None = None,
        content_type: str | None = None,
    ) -> Any:
        """Respond as Sanic does; *response* may be a page, an entity, an element or patches too.

        For these *status* and *headers* count.
        """
        asked = current_request.get()
        respond: Any = super().respond
        if not isinstance(asked, Neutral) or asked.sanic is not self:
            return await respond(
                response, status=status, headers=headers, content_type=content_type
            )
        if isinstance(response, _RESPONSES):
            status = response.status
        elif response is not None and deliver(response):
            return await respond(HTTPResponse(status=204))
        close_ended(self)
        unit = current_unit()
        if unit is not None and unit.untouched:
            unit.close()
        elif unit is not None:
            failure = await end(unit, asked, status)
            if failure is not None:
                raise failure
        answer = await _answer(response, asked, status)
        if answer is not None:
            response = sent(answer, self, headers)
        return await respond(response, status=status, headers=headers, content_type=content_type)


async def _answer(value: object, asked: Request, status: int) -> Response | None:
    """Return the answer for *value*, None if it is for Sanic to say."""
    if isinstance(value, Response):
        return value
    if value is None or isinstance(value, _RESPONSES):
        return None
    if concerns(value):
        await asked.identify()
        answer = await in_thread(to_response, value, asked, status=status)
        if answer is not None:
            return answer
    # Sanic knows no JSON but that of its own responses
    return await in_thread(_as_json, value, status) if _is_of_entities(value) else None


def _as_json(value: object, status: int) -> Response:
    return json(jsonable(value), status=status)


def _is_of_entities(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_of_entities, cast("list[object]", value)))
    return state.targets.of(type(value)) is not None
