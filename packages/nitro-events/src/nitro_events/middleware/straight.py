"""The chain that has nothing added to it, as one straight function: the way of nearly every call.

What tracing, retry, unit, permission and validation do one inside the other is done here one
after the other. `standard` says when this is the same: for the call of a request that may write,
with no middleware configured, nobody collecting spans and no idempotency key.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nitro_events.middleware.chain import Chain, acalled, called
from nitro_events.middleware.results import finished
from nitro_events.middleware.retry import is_tried_again, pause_after
from nitro_events.threads import in_thread, inline
from nitro_events.units import RequestUnit, acting, current_unit, open_unit

if TYPE_CHECKING:
    from nitro_events.middleware.work import Work

__all__ = ["Straight"]


@dataclass(frozen=True, slots=True)
class Straight:
    """Runs a call once; when somebody else was faster, *chain* goes on with it."""

    chain: Chain

    def run(self, work: Work) -> Any:
        """Run the call in this thread."""
        work.attempt = 1
        try:
            return _in_unit(work)
        except Exception as error:
            if not is_tried_again(work, error):
                raise
        time.sleep(pause_after(work))
        return self.chain.run(work)

    async def arun(self, work: Work) -> Any:
        """Await `run`: what may block runs in a worker thread, in one piece if it is all sync."""
        if inline.get():
            return self.run(work)
        work.attempt = 1
        try:
            if work.job.is_async:
                if work.caller.label is None:
                    return await _on_loop(work)
                with acting(work.caller):
                    return await _on_loop(work)
            work.loop = asyncio.get_running_loop()
            return await in_thread(_in_unit, work)
        except Exception as error:
            if not is_tried_again(work, error):
                raise
        await asyncio.sleep(pause_after(work))
        return await self.chain.arun(work)


def _in_unit(work: Work) -> object:
    unit = current_unit() or open_unit()
    if work.caller.label is None:
        return _committed(work, unit)
    with acting(work.caller):
        return _committed(work, unit)


def _committed(work: Work, unit: RequestUnit) -> object:
    job = work.job
    try:
        job.allow(work)
        job.read(work)
        result = finished(work, called(work))
        unit.commit()
    except BaseException:
        unit.rollback()
        raise
    return result


async def _on_loop(work: Work) -> object:
    job, unit = work.job, current_unit() or open_unit()
    try:
        if job.may_wait(work):
            await in_thread(job.allow, work)
        else:
            job.allow(work)
        job.read(work)
        result = await acalled(work)
        await unit.acommit()
    except BaseException:
        await unit.arollback()
        raise
    return result
