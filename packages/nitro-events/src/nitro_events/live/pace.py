"""How often and how long: the times that all streams keep, in seconds."""

from __future__ import annotations

import random

__all__ = ["GRACE", "HEARTBEAT", "HOLD", "MAX_AGE", "RETRY", "SEND_TIMEOUT", "age", "interval"]

HEARTBEAT = 15.0
"""A stream that had nothing to send for so long gives a sign of life."""
SEND_TIMEOUT = 30.0
"""A client that takes nothing for so long is given up."""
MAX_AGE = 1800.0
"""About so long a stream lasts: then the client asks again, and who it is is checked again."""
HOLD = 2.0
"""Patches wait for the first state of the views, but not longer than this."""
GRACE = 0.5
"""How long a client may take the rest when its stream ends."""
RETRY = (300, 800)
"""After so many milliseconds a client asks again."""


def age() -> float:
    """Return how long a stream lasts; together opened ones do not end together."""
    return MAX_AGE * random.uniform(0.8, 1.2)


def interval() -> float:
    """Return how often the streams of a loop are looked after."""
    return min(HEARTBEAT, SEND_TIMEOUT, HOLD * 2) / 4
