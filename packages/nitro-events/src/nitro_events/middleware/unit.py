"""One call, one unit: what it changes is committed together, or not at all."""

from __future__ import annotations

import logging

from nitro_events.middleware.work import Blocking, Steps, Work
from nitro_events.state import state
from nitro_events.units import OneUnit, RequestUnit, Units, acting, current_unit, open_unit

__all__ = ["flush_around", "unit"]

log = logging.getLogger("nitro_events")


def unit(work: Work) -> Steps:
    """Run the rest in a unit and commit it; inside another unit it is a part of that one."""
    if work.job.reads:
        return (yield from _reading(work))
    if work.caller.label is None:
        return (yield from _writing(work))
    with acting(work.caller):
        return (yield from _writing(work))


def _writing(work: Work) -> Steps:
    if work.joins:
        return (yield from _committed(work, current_unit() or open_unit()))
    yield from flush_around()
    with OneUnit() as opened:
        return (yield from _committed(work, opened))


def _committed(work: Work, opened: RequestUnit) -> Steps:
    try:
        result = yield
        yield Blocking(opened.commit, opened.acommit)
    except BaseException:
        yield Blocking(opened.rollback, opened.arollback)
        raise
    return result


def _reading(work: Work) -> Steps:
    yield from flush_around()
    with OneUnit(read_only=True) as opened:
        result = yield
        changed = bool(opened.dirty)
        if changed:
            log.warning("%s changed entities; a read never saves", _described(work))
        if changed or state.part(Units).reader is None:
            yield Blocking(opened.rollback, opened.arollback)
        else:  # nothing could be written: what waits for the commit is told
            yield Blocking(opened.commit, opened.acommit)
        return result


def flush_around() -> Steps:
    """Write what is pending in the open unit."""
    around = state.part(Units).around
    outer = None if around is None else around()
    if outer is not None:
        yield Blocking(outer.flush, outer.aflush)


def _described(work: Work) -> str:
    request = work.request
    return work.name if request is None else f"{request.method} {request.path}"
