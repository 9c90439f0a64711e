"""Tries once more when somebody else was faster."""

from __future__ import annotations

import random

from nitro_events.middleware.work import Pause, Steps, Work
from nitro_events.state import state
from nitro_events.units import Units, is_open

__all__ = ["is_tried_again", "pause_after", "retry"]

FIRST, LONGEST = 0.01, 0.4
"""Seconds, at most, before the second try and before a late one."""
KEY_RETRIES = 8
"""How often a call is tried again whose idempotency key somebody else used meanwhile."""


def retry(work: Work) -> Steps:
    """Begin anew, in a new unit, when the commit says that what was read has changed.

    So what a handler does beside changing data may be done more than once: such things belong
    into handlers with ``after_commit=True`` or ``durable=True``.
    """
    if not work.joins and is_open():
        return (yield)  # whoever commits the unit around has to begin anew
    keys = 0
    while True:
        work.attempt += 1
        try:
            return (yield)
        except Exception as error:
            if work.key is not None and _is_taken(error) and keys < KEY_RETRIES:
                keys += 1
            elif not is_tried_again(work, error):
                raise
        yield Pause(pause_after(work))


def is_tried_again(work: Work, error: Exception) -> bool:
    """Tell whether *error* says that somebody else was faster, and there is a try left."""
    return work.attempt <= work.job.retries and work.job.is_stale(error)


def pause_after(work: Work) -> float:
    """Return how many seconds to wait before the next try."""
    # apart, or those who met here would meet again
    return random.uniform(0, min(LONGEST, FIRST * 2**work.attempt))


def _is_taken(error: BaseException) -> bool:
    replies = state.part(Units).replies
    return replies is not None and replies.is_taken(error)
