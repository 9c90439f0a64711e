"""Series that stand on each other."""

from __future__ import annotations

from .data import Data, Series

__all__ = ["stacked"]


def stacked(data: Data) -> list[tuple[Series, Series]]:
    """Answer for each series where it begins and where it ends; ValueError below zero.

    A gap adds nothing.
    """
    if min(data.known) < 0:
        msg = f"Numbers that stand on each other cannot be below zero, as {min(data.known):g} is"
        raise ValueError(msg)
    floor = [0.0] * len(data.labels)
    layers: list[tuple[Series, Series]] = []
    for one in data.series:
        top = [below + (value or 0.0) for below, value in zip(floor, one.values, strict=True)]
        layers.append((Series(one.name, tuple(floor)), Series(one.name, tuple(top))))
        floor = top
    return layers
