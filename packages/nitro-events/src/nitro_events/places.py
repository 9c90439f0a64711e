"""Where in the code something is done, for those who ask which code to look at."""

from __future__ import annotations

import os
import sys

import blinker

__all__ = ["caller", "short"]

_OURS = (os.path.dirname(__file__) + os.sep, os.path.dirname(blinker.__file__) + os.sep, "<")


def caller() -> str:
    """Return the place that called us from outside, as ``file:line``."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def short(place: str) -> str:
    """Return *place* seen from the current folder, if it is below it."""
    here = os.getcwd() + os.sep
    return place.removeprefix(here)
