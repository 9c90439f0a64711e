"""The way of a request through one of Nitro's own routes.

Origin, input, policy, work inside the unit, commit, presentation: the same for every framework.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from nitro_events.applying import as_applies, keep_hidden
from nitro_events.http import csrf
from nitro_events.http.browsers import remember_browser
from nitro_events.http.checking import check, fields_to_check
from nitro_events.http.inputs import FORM, Input, read_input, with_params
from nitro_events.http.operations import Operation
from nitro_events.http.problems import BadRequest, MethodNotAllowed, Problem, problem_of
from nitro_events.http.refusals import as_refusal
from nitro_events.http.request import current_request
from nitro_events.http.rerun import deliver
from nitro_events.http.response import Response, empty, json, json_of_data
from nitro_events.http.results import jsonable, to_response_for_route
from nitro_events.http.streaming import begin
from nitro_events.http.understanding import understood
from nitro_events.middleware.idempotency import HEADER, checked_key, form_key
from nitro_events.middleware.standard import standard
from nitro_events.middleware.work import Work
from nitro_events.outcomes import Conflict, Deleted, Invalid, Outcome, Ran, Stepped
from nitro_events.patches import Patch
from nitro_events.resources import FORM_PURPOSE, Seal, opened_seal
from nitro_events.state import state
from nitro_events.texts import Text
from nitro_events.threads import in_thread, inline
from nitro_events.units import acting, current_unit, discarding, open_unit

if TYPE_CHECKING:
    from nitro_events.http.request import Request
    from nitro_events.http.routes import Matched

__all__ = ["answer", "dispatch", "present", "present_problem"]

log = logging.getLogger("nitro_events")

MANY = 100
"""Items that are written without a thread to do it in."""
_NOTHING = Input()
_DATA = frozenset({bool, int, str, type(None)})
_WITHOUT_FILES = ("", FORM, "application/json")

T = TypeVar("T")


async def answer(request: Request, matched: Matched | None = None) -> Response | None:
    """Answer *request* if its path is one of Nitro's own, else return None.

    A path that is ours with a verb that is not is answered with 405. Never raises an Exception.
    Whoever has asked the routes already gives what they *matched*.
    """
    matched = matched or request.matched
    if matched is not None:
        return await dispatch(request, matched)
    try:
        matched = state.routes.match(request.method, request.path)
        verbs = "" if matched else ", ".join(sorted(state.routes.allowed(request.path)))
    except Exception as exc:  # two routes ask for this path
        return await present_problem(request, exc)
    if matched is not None:
        return await dispatch(request, matched)
    if not verbs:
        return None
    refusal = MethodNotAllowed(Text("Use {verbs}", verbs=verbs), headers=[("allow", verbs)])
    return await present_problem(request, refusal)


async def dispatch(request: Request, matched: Matched) -> Response:
    """Answer *request* by the route that `Routes.match` found. Never raises an Exception."""
    if current_request.get() is request:
        return _remembered(request, await _answered(request, matched))
    token = current_request.set(request)
    try:
        return _remembered(request, await _answered(request, matched))
    finally:
        current_request.reset(token)


def _remembered(request: Request, response: Response) -> Response:
    if request.new_browser is not None:
        response.headers.extend(remember_browser(request))
    return response


def _answered(request: Request, matched: Matched) -> Awaitable[Response]:
    handler = matched.handler
    if isinstance(handler, Operation):
        return _operate(request, handler, matched.params)
    return _call(request, handler, matched.params)


async def present(
    request: Request, outcome: Outcome | Problem, seal: Mapping[str, object] | None = None
) -> Response:
    """Return the response of the first presenter that has one; JSON is always possible."""
    try:
        for presenter in state.presenters:
            response = await presenter.present(request, outcome, seal)
            if response is not None:
                return response
        if isinstance(outcome, Ran) and _is_data(outcome.result):
            return empty() if outcome.result is None else json_of_data(outcome.result)
        if _is_plain(outcome):
            return _as_json(request, outcome)
        return await in_thread(_as_json, request, outcome)
    except Exception as exc:
        return _problem_json(problem_of(exc))


async def present_problem(request: Request, failure: Exception) -> Response:
    """Return the response that tells of *failure*."""
    return await present(request, problem_of(failure))


async def _operate(request: Request, operation: Operation, params: Mapping[str, str]) -> Response:
    payload: dict[str, object] | None = None
    seal: Seal | None = None
    given = whole = _NOTHING
    try:
        await csrf.acheck(request)
        await request.identify()
        # asked for only where it may matter: nearly all requests are of the other kinds
        files = request.content_type not in _WITHOUT_FILES and operation.takes_files
        stored = operation.stored if files else None
        if stored:
            await in_thread(_admit, request, operation)  # before anything is put away
        given = whole = await read_input(request, files=files, stored=stored)
        if params:
            given = whole = with_params(given, params)
        if given.seal is not None:
            payload = state.sealer.open(FORM_PURPOSE, given.seal)
            seal = opened_seal(payload, given.seals)
            payload = {**payload, "d": dict(seal.digests)}
            given = whole = await understood(request, whole, payload)
            seal, given = as_applies(seal, whole)
            asked = fields_to_check(request)
            if asked is not None:
                return await check(request, operation, given, seal, asked)
        elif fields_to_check(request) is not None:
            msg = Text("Only a form that this application made is checked")
            raise BadRequest(msg)
        outcome = await _run(request, operation, given, seal)
    except (Exception, asyncio.CancelledError) as exc:
        _go_if_cancelled(exc)
        problem = problem_of(exc)
        if seal is not None and problem.refused is None and problem.status in (409, 422):
            problem = _form_problem(problem, operation, given, seal)
        if seal is not None and problem.refused is not None:
            keep_hidden(problem.refused, whole, given, seal)
        return await present(request, problem, payload)
    return await present(request, outcome, payload)


def _admit(request: Request, operation: Operation) -> None:
    """Raise Forbidden if the caller may not do *operation*, whatever it will be given."""
    if operation.changes is not None:
        operation.allow(request.caller)
        return
    job = operation.job(_NOTHING, None)
    job.allow(Work(job, request.caller, request))


def _form_problem(problem: Problem, operation: Operation, given: Input, seal: Seal) -> Problem:
    """Say of a failed commit what the form needs to be shown again."""
    values, digests = operation.typed(given, seal)
    kind = Conflict if problem.status == 409 else Invalid
    errors = problem.errors or {"": problem.detail or problem.title}
    return replace(problem, refused=kind(errors, values, digests=digests))


async def _run(request: Request, operation: Operation, given: Input, seal: Seal | None) -> Outcome:
    key = None if request.is_safe else checked_key(request.headers.by_name.get(HEADER))
    once = None if key is not None or request.is_safe else form_key(given)
    job = operation.job(given, seal)
    sender = getattr(operation, "sender", None)
    work = Work(job, request.caller, request, key or once, joins=True, sender=sender)
    work.lenient = once is not None
    try:
        return operation.outcome(work, await standard(work).arun(work))
    except ValueError as error:
        refusal = as_refusal(error, operation, given)
        if refusal is None:
            raise
        raise refusal from error


async def _call(
    request: Request, handler: Callable[..., Any], params: Mapping[str, str]
) -> Response:
    async def work() -> object:
        value = await _value_of(request, handler, params)
        if deliver(value):
            return empty()
        # what a page shows is read while it is written, so inside the unit of a safe request
        return await in_thread(_convert, value, request) if request.is_safe else value

    try:
        await csrf.acheck(request)
        await request.identify()
        value = await _in_unit(request, work)
        if isinstance(value, Response):
            return value
        return await in_thread(_convert, value, request)
    except (Exception, asyncio.CancelledError) as exc:
        _go_if_cancelled(exc)
        return await present(request, problem_of(exc))


def _go_if_cancelled(exc: BaseException) -> None:
    """Raise *exc* if it ends this request; what a handler awaited may be cancelled alone."""
    if isinstance(exc, asyncio.CancelledError) and not inline.get():
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise exc


async def _value_of(
    request: Request, handler: Callable[..., Any], params: Mapping[str, str]
) -> object:
    if inspect.iscoroutinefunction(handler):
        return await handler(request, **params)
    return await begin(request, await in_thread(handler, request, **params))


def _convert(value: object, request: Request) -> Response:
    return to_response_for_route(value, request)


async def _in_unit(request: Request, work: Callable[[], Awaitable[T]]) -> T:
    if request.is_safe:
        return await _reading(work, request)
    unit = current_unit() or open_unit()
    with acting(request.caller):
        try:
            result = await work()
            await unit.acommit()
        except BaseException:
            await unit.arollback()
            raise
    return result


async def _reading(work: Callable[[], Awaitable[T]], request: Request) -> T:
    with discarding() as unit:
        result = await work()
        if unit.dirty:
            log.warning("%s %s changed entities; a read never saves", request.method, request.path)
        return result


def _as_json(request: Request, outcome: Outcome | Problem) -> Response:
    if isinstance(outcome, Problem):
        return _problem_json(outcome)
    if isinstance(outcome, Ran):
        return to_response_for_route(outcome.result, request)
    if isinstance(outcome, Stepped):
        return empty() if request.is_datastar else json({"step": outcome.step})
    # Datastar would take the JSON of an entity for signals
    if isinstance(outcome, Deleted) or request.is_datastar:
        return empty()
    return json(jsonable(outcome.entity), status=201 if outcome.created else 200)


def _is_plain(outcome: Outcome | Problem) -> bool:
    """Tell whether nothing has to be read or rendered to write *outcome*."""
    if isinstance(outcome, Problem):
        return True
    result = outcome.result if isinstance(outcome, Ran) else outcome
    plain = result is None or isinstance(result, str | int | float | Response | Patch)
    return plain and not _is_converted(result) and not hasattr(type(result), "__html__")


def _is_data(result: object) -> bool:
    """Tell whether *result* is JSON as it is: a value, or a few of them in a dict."""
    kind = type(result)
    plain = kind in _DATA or (
        kind is dict
        and len(fields := cast("dict[object, object]", result)) <= MANY
        and all([type(name) is str and type(item) in _DATA for name, item in fields.items()])
    )
    return plain and not _is_converted(result)


def _is_converted(result: object) -> bool:
    # a registered converter may take any value, and take its time
    for converter in state.converters:  # noqa: SIM110 - a generator takes longer than its items
        if converter.matches(result):
            return True
    return False


def _problem_json(problem: Problem) -> Response:
    return json(
        problem.as_json(),
        status=problem.status,
        headers=problem.headers,
        content_type="application/problem+json",
    )
