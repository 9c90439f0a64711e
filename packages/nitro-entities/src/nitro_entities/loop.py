"""The guard of the event loop: a call that waits must not freeze it unseen.

A call that waits for a disk or a network, made on a running event loop, is warned about once for
each place in the code, and the twin to await is named. In strict mode it is an error; so is a
write while another unit of work of the same loop holds the store, because each would wait for
the other for ever.
"""

import contextlib
import os
import sys
import warnings
from types import FrameType
from typing import Any

from nitro_entities.config import strict_loop
from nitro_entities.definition import CLASS_VERBS
from nitro_entities.errors import BlockingCall, BlockingCallWarning
from nitro_entities.state import state


def running_loop() -> object | None:
    """Answer the event loop that runs in this thread, or None."""
    # without asyncio, which is slow to load, no loop can run
    events = sys.modules.get("asyncio.events")
    return None if events is None else events._get_running_loop()


_HERE = os.path.dirname(__file__) + os.sep
_OURS = (_HERE, contextlib.__file__)  # through which our context managers are called

_UNIT = "async with UnitOfWork()"


class Guard:
    """Who holds which store for which loop, and which places were warned about."""

    def __init__(self) -> None:
        self.warned: set[tuple[str, int]] = set()
        self.holders: list[tuple[object, object, object]] = []  # loop, store, unit

    def reset(self) -> None:
        """Forget them."""
        self.warned, self.holders = set(), []


_guard = state.part(Guard)  # which stays, see `State`: it is asked many times a call


def may_wait(repo: Any) -> bool:
    """Say whether a call of *repo* may wait: also for a unit that holds a store in memory."""
    if repo.blocking:
        return True
    holders = _guard.holders
    return bool(holders) and any(held is repo.store for _, held, _ in holders)


def hold(loop: object, store: object, unit: object) -> None:
    """Take note that a *unit* of an event loop holds a transaction in *store*."""
    _guard.holders.append((loop, store, unit))


def release(unit: object) -> None:
    """Take note that *unit* holds nothing any more."""
    if _guard.holders:
        _guard.holders = [held for held in _guard.holders if held[2] is not unit]


def refuse_to_wait_for_ever(cls: type[Any], store: object, unit: object) -> None:
    """Raise BlockingCall if another unit of the running loop holds *store*.

    That unit cannot go on before the call returns that is about to wait for it.
    """
    if not _guard.holders:
        return
    loop = running_loop()
    if loop is None:
        return
    for other, held, holder in _guard.holders:
        if other is loop and held is store and holder is not unit:
            _, asked = _call_site()
            msg = (
                f"{_advice(cls, asked)} Here it would wait for ever: a unit of work of the same "
                f"event loop has written to {store!r} and cannot go on before this call returns"
            )
            raise BlockingCall(msg)


def refuse_to_block(cls: type[Any], store: object, unit: object, *, writes: bool) -> None:
    """Warn about a call that is about to stop the running loop; the caller saw that one runs.

    Raises BlockingCall in strict mode, and for a write that another unit of this loop would
    keep waiting.
    """
    if writes:
        refuse_to_wait_for_ever(cls, store, unit)
    place, asked = _call_site()
    if place is None:
        return
    text = _advice(cls, asked)
    if strict_loop():
        raise BlockingCall(text)
    site = (place.f_code.co_filename, place.f_lineno)
    if site not in _guard.warned:
        _guard.warned.add(site)
        warnings.warn_explicit(
            text,
            BlockingCallWarning,
            filename=site[0],
            lineno=site[1],
            module=place.f_globals.get("__name__"),
            registry=None,
        )


def _call_site() -> tuple[FrameType | None, FrameType]:
    """Answer the frame outside of this package that called us, and the one of ours it called."""
    asked = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    frame = asked.f_back
    while frame is not None and frame.f_code.co_filename.startswith(_OURS):
        asked, frame = frame, frame.f_back
    return frame, asked


def _advice(cls: type[Any], asked: FrameType) -> str:
    name, verb = cls.__name__, asked.f_code.co_name
    return (
        f"{name}: {verb}() waits for its store and stops the event loop meanwhile. In async code "
        f"write: {_twin(name, verb, os.path.relpath(asked.f_code.co_filename, _HERE))}."
    )


def _twin(name: str, verb: str, file: str) -> str:
    if file.startswith("units"):
        return _UNIT
    if verb == "__iter__":
        return f"async for … in {name}.where(…)"
    if file == "query.py":
        return f"await {name}.where(…).a{verb}(…)"
    owner = name if verb in CLASS_VERBS else name.lower()
    return f"await {owner}.a{verb}(…)"
