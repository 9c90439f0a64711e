"""How much is tried: a few of each kind here, all of them in a proof run (``NITRO_PROOF=1``)."""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
PROOF = bool(os.environ.get("NITRO_PROOF"))


def some(values: Sequence[T], most: int) -> list[T]:
    """Answer *most* of the values, from all over; all of them in a proof run."""
    if PROOF or len(values) <= most:
        return list(values)
    return [values[number * len(values) // most] for number in range(most)]
