"""Runs a page of the application again to see what its handler returns, such as a Page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["Awaited", "awaiting", "deliver", "is_rerun"]


class Awaited:
    """The value that a rerun waits for."""

    value: object | None = None


_awaited: ContextVar[Awaited | None] = ContextVar("nitro_awaited", default=None)


@contextmanager
def awaiting() -> Iterator[Awaited]:
    """Take what a handler returns inside the ``with`` block in place of an answer."""
    awaited = Awaited()
    token = _awaited.set(awaited)
    try:
        yield awaited
    finally:
        _awaited.reset(token)


def is_rerun() -> bool:
    """Tell whether a page is being run again here, for the request around it."""
    return _awaited.get() is not None


def deliver(value: object) -> bool:
    """Hand *value*, which a handler returned, to the rerun that waits for it, if one does."""
    awaited = _awaited.get()
    if awaited is None:
        return False
    awaited.value = value
    return True
