"""``respond``: a page, an element, patches or an entity as a response of Django at once."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from nitro_django.requests import neutral
from nitro_django.responses import to_django
from nitro_events.http.request import Request
from nitro_events.http.results import to_response_for_route
from nitro_events.inline import run
from nitro_events.threads import in_thread

__all__ = ["arespond", "respond"]


def respond(request: HttpRequest, value: object, *, status: int = 200) -> HttpResponseBase:
    """Return the response for *value*, with a *status* of its own or for decorators of views.

    A view may return *value* itself; those decorators that add headers want a response.
    """
    return run(arespond(request, value, status=status))


async def arespond(request: HttpRequest, value: object, *, status: int = 200) -> HttpResponseBase:
    """Respond as `respond` does, in an async view."""
    asked = neutral(request)
    await asked.identify()
    answer = await in_thread(_response, value, asked, status)
    vars(answer)["nitro_value"] = value  # for a form that is shown again on this page
    return answer


def _response(value: object, request: Request, status: int) -> HttpResponseBase:
    return to_django(to_response_for_route(value, request, status=status))
