"""Connects this module and its siblings where two of them are installed."""

from __future__ import annotations

import logging
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["GROUP", "connect"]

GROUP = "nitro.joints"

# Our own joints and the packages each needs, for a source tree where nothing is announced.
OWN = {
    "nitro_events.with_entities": ("nitro_events", "nitro_entities"),
    "nitro_templates.with_entities": ("nitro_templates", "nitro_entities"),
    "nitro_templates.with_events": ("nitro_templates", "nitro_events"),
}

log = logging.getLogger("nitro_events")


class Connected(set[str]):
    """The joints that were connected since the last reset."""


def connect() -> None:
    """Connect every joint whose packages are all here; a second call connects none twice.

    A joint is a module with a function ``connect()``, announced in the entry-point group
    ``nitro.joints``.
    """
    done = state.part(Connected)
    for module in (*OWN, *announced()):
        if module not in done and _is_here(module):
            done.add(module)
            _load(module)()


def announced() -> Iterator[str]:
    """Yield the modules of the joints that installed distributions announce."""
    for entry in entry_points(group=GROUP):
        yield entry.module


def _is_here(module: str) -> bool:
    needed = OWN.get(module, (module.partition(".")[0],))
    # the parent must be there before a part of it can be looked for
    return all(find_spec(package) for package in needed) and find_spec(module) is not None


def _load(module: str) -> Callable[[], None]:
    try:
        return cast("Callable[[], None]", import_module(module).connect)
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.partition(".")[0] == module.partition(".")[0]:
            raise
        log.debug("Joint %s is left out: %s is not installed", module, exc.name)
        return _nothing


def _nothing() -> None:
    """Connect nothing: what a joint with an absent package does."""
