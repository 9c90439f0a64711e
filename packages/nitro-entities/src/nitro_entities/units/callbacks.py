"""What is called when a unit of work was committed."""

from collections.abc import Callable, Sequence

from nitro_entities.log import log_exception
from nitro_entities.units.ambient import outside


def call_outside(callbacks: Sequence[Callable[[], object]]) -> None:
    """Call each, in no unit; when one raises, that is logged: the commit stands."""
    with outside():
        for callback in callbacks:
            try:
                callback()
            except Exception:
                log_exception("A function to call after the commit failed: %r", callback)
