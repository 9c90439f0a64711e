"""Runs a chain of middlewares, in both colours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from nitro_events.middleware.results import afinished, finished, is_pending, wait_for
from nitro_events.middleware.work import Blocking, Middleware, Pause, Step, Work
from nitro_events.threads import in_thread, inline

__all__ = ["Chain"]


@dataclass(frozen=True, slots=True)
class Chain:
    """Middlewares from the outside to the inside; those from *inner* on may run in a thread."""

    layers: Sequence[Middleware]
    inner: int

    def run(self, work: Work, at: int = 0) -> Any:
        """Run the layers from *at* on, and the job in their middle."""
        if at == len(self.layers):
            return finished(work, _called(work))
        steps = self.layers[at](work)
        answer: object = None
        failure: BaseException | None = None
        try:
            while True:
                try:
                    asked = steps.send(answer) if failure is None else steps.throw(failure)
                except StopIteration as end:
                    return end.value
                answer = failure = None
                try:
                    answer = self.run(work, at + 1) if asked is None else _done(asked, work)
                except BaseException as exc:
                    failure = exc
        finally:
            failure = None  # it holds this frame, which would hold it

    async def arun(self, work: Work, at: int = 0) -> Any:
        """Await `run`: what may block runs in a worker thread, in one piece if it is all sync."""
        if inline.get():
            return self.run(work, at)
        if at == self.inner and not work.job.is_async:
            work.loop = asyncio.get_running_loop()
            return await in_thread(self.run, work, at)
        if at == len(self.layers):
            job = work.job
            result = await in_thread(job.call, work) if job.in_thread else _called(work)
            return await _settled(work, result) if is_pending(result) else result
        steps = self.layers[at](work)
        answer: object = None
        failure: BaseException | None = None
        try:
            while True:
                try:
                    asked = steps.send(answer) if failure is None else steps.throw(failure)
                except StopIteration as end:
                    return end.value
                answer = failure = None
                try:
                    if asked is None:
                        answer = await self.arun(work, at + 1)
                    else:
                        answer = await _adone(asked)
                except BaseException as exc:
                    failure = exc
        finally:
            failure = None


def _called(work: Work) -> object:
    try:
        return work.job.call(work)
    except (StopIteration, GeneratorExit) as exc:
        # to a generator they mean something else: it would end, and undo nothing
        msg = f"{work.name} raised {type(exc).__name__}"
        raise RuntimeError(msg) from exc


async def _settled(work: Work, result: object) -> object:
    try:
        return await afinished(work, result)
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
