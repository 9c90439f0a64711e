"""The way of a request through one of Nitro's own routes.

Origin, input, policy, work inside the unit, commit, presentation: the same for every framework.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import random
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from nitro_events.http import csrf
from nitro_events.http.inputs import Input, read_input
from nitro_events.http.operations import Operation, told_as_refusal
from nitro_events.http.problems import MethodNotAllowed, Problem, problem_of
from nitro_events.http.request import current_request
from nitro_events.http.rerun import deliver
from nitro_events.http.response import Response, empty, json
from nitro_events.http.results import jsonable, to_response_for_route
from nitro_events.outcomes import Conflict, Deleted, Invalid, Outcome, Ran
from nitro_events.resources import FORM_PURPOSE, Seal
from nitro_events.state import state
from nitro_events.threads import in_thread
from nitro_events.units import acting, current_unit, discarding, open_unit

if TYPE_CHECKING:
    from nitro_events.http.request import Request
    from nitro_events.http.routes import Matched

__all__ = ["answer", "dispatch", "present", "present_problem"]

log = logging.getLogger("nitro_events")

T = TypeVar("T")

ATTEMPTS = 4
"""The first try, and three more when somebody else was faster."""
PAUSE = 0.02
"""Seconds, at most, before the second try; longer before each one after."""


async def answer(request: Request) -> Response | None:
    """Answer *request* if its path is one of Nitro's own, else return None.

    A path that is ours with a verb that is not is answered with 405.
    """
    matched = state.routes.match(request.method, request.path)
    if matched is not None:
        return await dispatch(request, matched)
    verbs = ", ".join(sorted(state.routes.allowed(request.path)))
    if not verbs:
        return None
    refusal = MethodNotAllowed(f"Use {verbs}", headers=[("allow", verbs)])
    return await present_problem(request, refusal)


async def dispatch(request: Request, matched: Matched) -> Response:
    """Answer *request* by the route that `Routes.match` found. Never raises an Exception."""
    token = current_request.set(request)
    try:
        handler = matched.handler
        if isinstance(handler, Operation):
            return await _operate(request, handler)
        return await _call(request, handler, matched.params)
    finally:
        current_request.reset(token)


async def present(
    request: Request, outcome: Outcome | Problem, seal: Mapping[str, object] | None = None
) -> Response:
    """Return the response of the first presenter that has one; JSON is always possible."""
    try:
        for presenter in state.presenters:
            response = await presenter.present(request, outcome, seal)
            if response is not None:
                return response
        return await in_thread(_as_json, request, outcome)
    except Exception as exc:
        return _problem_json(problem_of(exc))


async def present_problem(request: Request, failure: Exception) -> Response:
    """Return the response that tells of *failure*."""
    return await present(request, problem_of(failure))


async def _operate(request: Request, operation: Operation) -> Response:
    payload: dict[str, object] | None = None
    seal: Seal | None = None
    given = Input()
    try:
        csrf.check(request)
        await request.identify()
        given = await read_input(request)
        if given.seal is not None:
            payload = state.sealer.open(FORM_PURPOSE, given.seal)
        seal = None if payload is None else Seal.from_payload(payload)
        outcome = await _in_unit(
            request, lambda: _run(request, operation, given, seal), operation.retry_on
        )
    except Exception as exc:
        problem = problem_of(exc)
        if seal is not None and problem.refused is None and problem.status in (409, 422):
            problem = _form_problem(problem, operation, given, seal)
        return await present(request, problem, payload)
    return await present(request, outcome, payload)


def _form_problem(problem: Problem, operation: Operation, given: Input, seal: Seal) -> Problem:
    """Say of a failed commit what the form needs to be shown again."""
    values, digests = operation.typed(given, seal)
    kind = Conflict if problem.status == 409 else Invalid
    errors = problem.errors or {"": problem.detail or problem.title}
    return replace(problem, refused=kind(errors, values, digests=digests))


async def _run(request: Request, operation: Operation, given: Input, seal: Seal | None) -> Outcome:
    with told_as_refusal(operation, given):
        outcome = await in_thread(operation.run, request, given, seal)
        if isinstance(outcome, Ran):
            return replace(outcome, result=await _finished(outcome.result))
        return outcome


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
        csrf.check(request)
        await request.identify()
        value = await _in_unit(request, work)
        if isinstance(value, Response):
            return value
        return await in_thread(_convert, value, request)
    except Exception as exc:
        return await present(request, problem_of(exc))


async def _value_of(
    request: Request, handler: Callable[..., Any], params: Mapping[str, str]
) -> object:
    if inspect.iscoroutinefunction(handler):
        return await handler(request, **params)
    return await _finished(await in_thread(handler, request, **params))


def _convert(value: object, request: Request) -> Response:
    return to_response_for_route(value, request)


async def _in_unit(
    request: Request,
    work: Callable[[], Awaitable[T]],
    retry_on: tuple[type[Exception], ...] = (),
) -> T:
    if request.is_safe:
        return await _reading(work, request)
    unit = current_unit() or open_unit()
    with acting(request.caller):
        for left in reversed(range(ATTEMPTS)):
            try:
                result = await work()
                await unit.acommit()
            except retry_on:
                if not left:
                    await unit.arollback()
                    raise
                await unit.arenew()
                # apart, or those who met here would meet again
                await asyncio.sleep(random.uniform(0, PAUSE * (ATTEMPTS - left)))
            except BaseException:
                await unit.arollback()
                raise
            else:
                return result
    raise AssertionError  # pragma: no cover - the last attempt returns or raises


async def _reading(work: Callable[[], Awaitable[T]], request: Request) -> T:
    with discarding() as unit:
        result = await work()
        if unit.dirty:
            log.warning("%s %s changed entities; a read never saves", request.method, request.path)
        return result


async def _finished(result: object) -> object:
    """Return what an async function or generator comes to."""
    if inspect.isawaitable(result):
        return await cast("Awaitable[object]", result)
    if inspect.isasyncgen(result):
        return [item async for item in cast("AsyncIterable[object]", result)]
    return result


def _as_json(request: Request, outcome: Outcome | Problem) -> Response:
    if isinstance(outcome, Problem):
        return _problem_json(outcome)
    if isinstance(outcome, Ran):
        return to_response_for_route(outcome.result, request)
    # Datastar would take the JSON of an entity for signals
    if isinstance(outcome, Deleted) or request.is_datastar:
        return empty()
    return json(jsonable(outcome.entity), status=201 if outcome.created else 200)


def _problem_json(problem: Problem) -> Response:
    return json(
        problem.as_json(),
        status=problem.status,
        headers=problem.headers,
        content_type="application/problem+json",
    )
