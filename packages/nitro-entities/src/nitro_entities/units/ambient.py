"""Which unit of work this context is in."""

import contextlib
import contextvars
import os
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nitro_entities.units.later import LaterUnit
    from nitro_entities.units.unit import Unit

    Token = contextvars.Token["Unit | LaterUnit | None"]

_ambient: "contextvars.ContextVar[Unit | LaterUnit | None]" = contextvars.ContextVar(
    "nitro_unit", default=None
)


def current_unit() -> "Unit | None":
    """Answer the innermost open unit of this context."""
    unit: Any = _ambient.get()
    while unit is not None and unit.closed:
        unit = unit.outer  # a closed unit is transparent
    found: Unit | None = unit
    return found


def enter(unit: "Unit | LaterUnit") -> "Token":
    """Let *unit* be that of this context."""
    return _ambient.set(unit)


def leave(token: "Token") -> None:
    """Undo `enter`, where this is the same context; elsewhere the closed unit is transparent."""
    try:  # noqa: SIM105 - on the path of every unit
        _ambient.reset(token)
    except ValueError:
        pass


@contextlib.contextmanager
def outside() -> Generator[None]:
    """Run what is inside in no unit."""
    token = _ambient.set(None)
    try:
        yield
    finally:
        _ambient.reset(token)


def _after_fork() -> None:
    """Leave the transactions of the parent process to it."""
    unit = _ambient.get()
    while unit is not None:
        unit.abandon()
        unit = unit.outer
    _ambient.set(None)


os.register_at_fork(after_in_child=_after_fork)
