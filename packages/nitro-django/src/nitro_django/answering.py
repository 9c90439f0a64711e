"""What a view came to, as Django's response: the same for sync and async hosts."""

from dataclasses import dataclass
from typing import Final, TypeGuard

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from nitro_django import atomic
from nitro_django.requests import has_slash_in_part
from nitro_django.responses import to_django
from nitro_events.http import csrf
from nitro_events.http.asgi import end, is_asset, own_answer
from nitro_events.http.dispatch import present, present_problem
from nitro_events.http.problems import HttpError, NotFound, problem_of, registered_types
from nitro_events.http.request import Request
from nitro_events.http.rerun import deliver
from nitro_events.http.response import Response
from nitro_events.http.results import to_response_for_route
from nitro_events.state import state
from nitro_events.threads import in_thread
from nitro_events.units import RequestUnit

__all__ = ["OWN", "Raised", "answered", "early", "is_early", "passes"]


class Own:
    """Stands for the answer of one of Nitro's own routes."""


OWN: Final = Own()


@dataclass(frozen=True, slots=True)
class Raised:
    """What a view raised, where Nitro knows an answer."""

    error: Exception


def is_early(request: Request) -> bool:
    """Tell whether something is to be done before any view is looked for."""
    if request.is_safe:
        return is_asset(request.path)
    return state.settings.protect_all


async def early(request: Request) -> HttpResponseBase | None:
    """Answer without a view, or return None: our own files, and what other sites send."""
    if request.is_safe:
        return to_django(await own_answer(request))
    try:
        await csrf.acheck(request, any_body=True)
    except HttpError as refusal:
        return to_django(await present(request, problem_of(refusal)))
    return None


def passes(
    value: object, framework: HttpRequest, unit: RequestUnit | None
) -> TypeGuard[HttpResponseBase]:
    """Tell whether *value* is a response that goes on as it is: nothing of Nitro was touched."""
    if not isinstance(value, HttpResponseBase) or "nitro_value" in vars(value):
        return False
    if unit is None or unit.closed:
        return True
    return unit.untouched and not atomic.is_held(framework)


async def answered(
    value: object, framework: HttpRequest, request: Request, unit: RequestUnit | None
) -> HttpResponseBase:
    """Return the response for *value*, with the unit and Django's transactions ended before."""
    if isinstance(value, Own):
        return to_django(await _own(framework, request))
    if isinstance(value, Raised):
        await _undo(framework, unit)
        return to_django(await present_problem(request, value.error))
    if deliver(_returned(value)):
        return HttpResponse(status=204)
    failure = await _end(value, framework, request, unit)
    if failure is not None:
        return to_django(await present_problem(request, failure))
    if isinstance(value, HttpResponseBase):
        return value
    try:
        await request.identify()
        return to_django(await in_thread(to_response_for_route, value, request))
    except registered_types() as exc:
        return to_django(await present_problem(request, exc))


def _returned(value: object) -> object:
    """Return what a response was made of by ``respond``, else *value* itself."""
    if isinstance(value, HttpResponseBase):
        return vars(value).get("nitro_value", value)
    return value


async def _own(framework: HttpRequest, request: Request) -> Response:
    if has_slash_in_part(framework):
        return await present_problem(request, NotFound("There is no page for an id with a slash"))
    return await own_answer(request)


async def _end(
    value: object, framework: HttpRequest, request: Request, unit: RequestUnit | None
) -> Exception | None:
    """End the unit as *value* says, then Django's transactions as the unit did."""
    if unit is None or unit.closed:
        return None
    status = value.status_code if isinstance(value, HttpResponseBase) else 200
    # a view that touches nothing of Nitro may refuse and keep what Django wrote, as ever
    undo = status >= 400 and not unit.untouched
    failure = await end(unit, request, status)
    if atomic.is_held(framework):
        await in_thread(atomic.leave, framework, undo=undo or failure is not None)
    return failure


async def _undo(framework: HttpRequest, unit: RequestUnit | None) -> None:
    if unit is not None and not unit.closed:
        await unit.arollback()
    if atomic.is_held(framework):
        await in_thread(atomic.leave, framework, undo=True)
