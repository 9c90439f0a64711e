"""Where numbers stand between two ends, and the round numbers that are written beside."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Scale", "percent", "scale_for"]

_NOTHING = 1e-300
"""What is nearer to zero counts as zero: there are no steps between the two."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A stretch of numbers, with round *ticks* at equal distances from end to end."""

    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """Answer how far *value* is on the way from the low end to the high one, from 0 to 1."""
        low, high = self.ticks[0], self.ticks[-1]
        return (value - low) / (high - low)


def scale_for(values: list[float], *, from_zero: bool, about: int = 4) -> Scale:
    """Answer the scale that shows all *values* in *about* so many round steps."""
    ends = min(values, default=0.0), max(values, default=0.0)
    low, high = (0.0 if abs(end) < _NOTHING else end for end in ends)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:  # all the same: some room on the side where there is none
        low, high = (low, low + (abs(low) or 1.0)) if low >= 0 else (2 * low, 0.0)
    step = _round_step((high - low) / about)
    if all(float(value).is_integer() for value in values):
        step = max(step, 1.0)  # nobody counts half a thing
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = max(0, 1 - math.floor(math.log10(step)))
    return Scale(tuple(round(number * step, digits) for number in range(first, last + 1)))


def _round_step(rough: float) -> float:
    """Answer 1, 2 or 5 times a power of ten, not less than *rough*."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next((n * power for n in (1, 2, 5) if n * power >= rough * (1 - 1e-9)), 10 * power)


def percent(share: float) -> str:
    """Write a share as SVG takes it: "12.5%"."""
    return f"{share * 100:.3f}".rstrip("0").rstrip(".") + "%"
