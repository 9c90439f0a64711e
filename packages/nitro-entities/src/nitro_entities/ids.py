"""Ids that sort by the time they were made."""

import itertools
import os
import time

from nitro_entities.config import settings

# within one millisecond the counter keeps the order; it starts anywhere to be hard to guess
_counter = itertools.count(int.from_bytes(os.urandom(2), "big"))
_last = [0, 0]


def sortable_id() -> str:
    """Make 32 hex digits: 12 of milliseconds, 4 of a counter, 16 of chance."""
    millis = time.time_ns() // 1_000_000
    if millis <= _last[0]:  # the same millisecond, or the clock went back
        _last[1] += 1
        if _last[1] > 0xFFFF:
            _last[0] += 1
            _last[1] = 0
    else:
        _last[0] = millis
        _last[1] = next(_counter) & 0xFF
    return f"{_last[0]:012x}{_last[1]:04x}{os.urandom(8).hex()}"


def new_id() -> str:
    """Make an id for a new entity, from the configured source if there is one."""
    source = settings().new_id
    return sortable_id() if source is None else source()
