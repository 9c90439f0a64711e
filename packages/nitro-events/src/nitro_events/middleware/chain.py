"""Runs a chain of middlewares, in both colours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, cast

from nitro_events.middleware.results import (
    afinished,
    finished,
    is_generator,
    is_pending,
    wait_for,
)
from nitro_events.middleware.work import Blocking, Middleware, Pause, Step, Steps, Work
from nitro_events.threads import in_thread, inline

__all__ = ["Chain", "acalled", "called"]


@dataclass(frozen=True, slots=True)
class Chain:
    """Middlewares from the outside to the inside; the *inner* ones may run in a thread."""

    outer: tuple[Middleware, ...]
    inner: tuple[Middleware, ...]

    def run(self, work: Work) -> Any:
        """Run all layers, and the job in their middle."""
        return _run((*self.outer, *self.inner), work)

    async def arun(self, work: Work) -> Any:
        """Await `run`: what may block runs in a worker thread, in one piece if it is all sync."""
        if inline.get():
            return self.run(work)
        is_async = work.job.is_async
        walk = _walk((*self.outer, *self.inner) if is_async else self.outer, work)
        answer: object = None
        failure: BaseException | None = None
        try:
            while True:
                try:
                    asked = walk.send(answer) if failure is None else walk.throw(failure)
                except StopIteration as end:
                    return end.value
                answer = failure = None
                try:
                    if asked is not None:
                        answer = await _adone(asked)
                    elif is_async:
                        answer = await acalled(work)
                    else:
                        work.loop = asyncio.get_running_loop()
                        answer = await in_thread(_run, self.inner, work)
                except BaseException as exc:
                    failure = exc
        finally:
            failure = None  # it holds this frame, which would hold it


def _run(layers: Sequence[Middleware], work: Work) -> Any:
    walk = _walk(layers, work)
    answer: object = None
    failure: BaseException | None = None
    try:
        while True:
            try:
                asked = walk.send(answer) if failure is None else walk.throw(failure)
            except StopIteration as end:
                return end.value
            answer = failure = None
            try:
                answer = finished(work, called(work)) if asked is None else _done(asked, work)
            except BaseException as exc:
                failure = exc
    finally:
        failure = None


def _walk(layers: Sequence[Middleware], work: Work) -> Steps:
    """Take the steps of *layers*; yields what they ask for, and None where the middle is.

    In one loop, as a call for each layer would be most of what a call costs.
    """
    running: list[Steps] = [layers[0](work)]
    answer: object = None
    failure: BaseException | None = None
    try:
        while running:
            steps = running[-1]
            try:
                asked = steps.send(answer) if failure is None else steps.throw(failure)
            except StopIteration as end:
                running.pop()
                answer, failure = end.value, None
                continue
            except BaseException as exc:
                running.pop()
                answer, failure = None, exc
                continue
            answer = failure = None
            if asked is None and len(running) < len(layers):
                running.append(layers[len(running)](work))
                continue
            try:
                answer = yield asked
            except BaseException as exc:
                failure = exc
        if failure is not None:
            raise failure
        return answer
    finally:
        failure = None


async def acalled(work: Work) -> object:
    """Return what the job of *work* comes to, called on the event loop or in a thread."""
    job = work.job
    result = await in_thread(job.call, work) if job.in_thread else called(work)
    return await _settled(work, result) if is_pending(result) else result


def called(work: Work) -> object:
    """Call the job of *work*; what comes back may have to be awaited."""
    try:
        return work.job.call(work)
    except (StopIteration, GeneratorExit) as exc:
        # to a generator they mean something else: it would end, and undo nothing
        msg = f"{work.name} raised {type(exc).__name__}"
        raise RuntimeError(msg) from exc


async def _settled(work: Work, result: object) -> object:
    try:
        if not isinstance(result, CoroutineType):
            return await afinished(work, result)
        made = await cast("Awaitable[object]", result)
        # an async function may have made a generator
        return await afinished(work, made) if is_generator(made) else made
    except SystemExit as exc:  # it would end the loop, and every other request with it
        msg = f"{work.name} asked for the end of the process"
        raise RuntimeError(msg) from exc


def _done(asked: Step, work: Work) -> object:
    if isinstance(asked, Blocking):
        return asked.call()
    if isinstance(asked, Pause):
        time.sleep(asked.seconds)
        return None
    return wait_for(_awaitable(asked), work)


async def _adone(asked: Step) -> object:
    if isinstance(asked, Blocking):
        return await in_thread(asked.call) if asked.acall is None else await asked.acall()
    if isinstance(asked, Pause):
        await asyncio.sleep(asked.seconds)
        return None
    return await _awaitable(asked)


def _awaitable(asked: object) -> Awaitable[object]:
    if isinstance(asked, Awaitable):
        return cast("Awaitable[object]", asked)
    msg = (
        f"A middleware yields nothing (to go on), Blocking(…), Pause(…) or an awaitable, "
        f"got {asked!r}"
    )
    raise TypeError(msg)
