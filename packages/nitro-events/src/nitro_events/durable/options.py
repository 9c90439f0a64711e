"""How durable handlers are run: how often again, after which pause, by whom."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nitro_events.settings import SettingsError
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Durable", "Retry", "options", "options_from"]


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a handler that fails is run again: ``@on("order.placed", durable=Retry(3))``."""

    retries: int = 10
    backoff: float = 1.0
    """Seconds before the first retry; twice as many before each further one."""
    longest: float = 300.0
    """The longest pause in seconds."""

    def pause(self, attempts: int, chance: Callable[[], float] = random.random) -> float:
        """Return the seconds to wait after so many *attempts*.

        Up to half of it is left to chance, so that what failed together is not tried together.
        """
        doubled = self.backoff * 2.0 ** min(attempts - 1, 60)
        return min(self.longest, doubled) * (1 - chance() / 2)


@dataclass(frozen=True, slots=True)
class Durable:
    """What ``configure(durable={…})`` sets; times are in seconds."""

    retries: int = 10
    backoff: float = 1.0
    longest: float = 300.0
    inside: bool | None = None
    """Whether the application runs its handlers itself; None: in development only."""
    threads: int = 2
    """How many handlers the application itself runs at the same time."""
    poll: float = 0.5
    """How often a worker looks for messages of other processes."""
    lease: float = 15.0
    """How long a worker may show no sign of life before others take over what it does."""
    handover: float = 3600.0
    """How long a task queue may keep a message before it is handed over once more."""
    keep: float = 86400.0
    """How long it is remembered that a message was handled, to know a duplicate."""

    @property
    def retry(self) -> Retry:
        """How often a handler that says nothing else is run again."""
        return Retry(self.retries, self.backoff, self.longest)


def options() -> Durable:
    """Return what is configured."""
    return state.settings.durable


def options_from(values: Durable | Mapping[str, Any]) -> Durable:
    """Return the defaults with *values* in their place. Raises SettingsError."""
    if isinstance(values, Durable):
        return values
    try:
        return replace(Durable(), **values)
    except TypeError:
        known = ", ".join(Durable.__slots__)
        msg = f"Unknown option of durable= among {', '.join(values)}. Options: {known}"
        raise SettingsError(msg) from None
