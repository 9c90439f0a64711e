"""Nitro's answers as responses of Starlette."""

from collections.abc import Iterable, Mapping
from inspect import isasyncgen, isgenerator

from starlette.background import BackgroundTask
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from nitro_events import Response as NeutralResponse
from nitro_events.http.asgi import send_response
from nitro_events.http.request import Request, current_request
from nitro_events.http.rerun import deliver
from nitro_events.http.results import to_response_for_route
from nitro_events.http.streaming import begin
from nitro_events.threads import in_thread
from nitro_events.units import acting, current_unit

__all__ = ["NitroResponse", "Sent", "commit"]

Pairs = Iterable[tuple[bytes, bytes]]


class NitroResponse(Response):
    """Answer with a page, an element, patches or data, and say more than a return can.

    ``NitroResponse(city, status_code=201, headers=…, background=…)``; cookies are set as on any
    response. An endpoint that has no more to say returns *content* itself. What is changed until
    then is committed before *content* is written. An answer of patches always has status 200,
    since Datastar reads no other.
    """

    def __init__(
        self,
        content: object,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        super().__init__(None, status_code, headers, background=background)
        del self.headers["content-length"]  # of the empty body that it does not have
        self.content = content

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write *content* and send it; raises RuntimeError in an application without Nitro."""
        request = current_request.get()
        if request is None:
            msg = "NitroResponse answers where Nitro is: call nitro.install(app) first"
            raise RuntimeError(msg)
        if deliver(self.content):
            await Response(status_code=204)(scope, receive, send)
            return
        response = await self._written(request)
        await Sent(response, self.raw_headers, self.background)(scope, receive, send)

    async def _written(self, request: Request) -> NeutralResponse:
        value = self.content
        if isasyncgen(value) or isgenerator(value):
            value = await begin(request, value)
        await commit(request, self.status_code)
        await request.identify()
        return await in_thread(to_response_for_route, value, request, status=self.status_code)


class Sent(Response):
    """A neutral response, with the headers and cookies that the endpoint asked for besides."""

    def __init__(
        self,
        response: NeutralResponse,
        extra: Pairs = (),
        background: BackgroundTask | None = None,
    ) -> None:
        # not that of the base: it would write headers that are not sent
        self.status_code = response.status
        self.background = background
        self.body = b""
        self.raw_headers = list(extra)
        self._response = response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, then run the background tasks of the endpoint."""
        extra = [
            (name.decode("latin-1"), text.decode("latin-1")) for name, text in self.raw_headers
        ]
        self._response.headers.extend(extra)
        await send_response(self._response, receive, send)
        if self.background is not None:
            await self.background()


async def commit(request: Request, status: int) -> None:
    """Store what was changed until now, if the answer will have a *status* of success."""
    unit = current_unit()
    if unit is None or status >= 400:
        return
    if unit.untouched:  # then nobody has to be asked who did what
        unit.close()
    else:
        with acting(await request.identify()):
            await unit.acommit()
