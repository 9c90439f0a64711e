"""How durable handlers are run: how often again, after which pause, by whom."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from nitro_events.expecting import expect, is_a
from nitro_events.settings import SettingsError, expect_dict
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

    def __post_init__(self) -> None:
        """Refuse what is no number. Raises TypeError."""
        _check(self, "Retry", TypeError)

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

    def __post_init__(self) -> None:
        """Refuse what is no number. Raises SettingsError."""
        _check(self, "durable", SettingsError)
        is_one = self.inside is None or is_a(bool)(self.inside)
        expect(is_one, "durable: inside", "True, False or None", self.inside, SettingsError)

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
    expect_dict("durable", values, "{'retries': 3}")
    try:
        return replace(Durable(), **values)
    except TypeError:
        known = ", ".join(Durable.__slots__)
        msg = f"Unknown option of durable= among {', '.join(values)}. Options: {known}"
        raise SettingsError(msg) from None


def _check(given: Retry | Durable, option: str, error: type[Exception]) -> None:
    for one in fields(given):
        value, whole = getattr(given, one.name), one.type == "int"
        if one.type not in ("int", "float"):
            continue
        wanted = "a whole number, 0 or more" if whole else "a number, 0 or more"
        fits = is_a(int)(value) if whole else is_a(int, float)(value)
        expect(fits and value >= 0, f"{option}: {one.name}", wanted, value, error)
