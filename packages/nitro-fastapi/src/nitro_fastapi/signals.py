"""``ReadSignals``: what the browser's signals are, as an annotation of an endpoint's parameter."""

from typing import Annotated

from fastapi import Depends

from nitro_events import Signals
from nitro_starlette.signals import read_signals

__all__ = ["ReadSignals"]

ReadSignals = Annotated[Signals, Depends(read_signals)]
"""``signals: ReadSignals`` gives attribute access to what the browser sent."""
