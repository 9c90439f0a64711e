"""The chain of every call: ours, with what the application adds."""

from __future__ import annotations

from types import EllipsisType
from typing import TYPE_CHECKING

from nitro_events.middleware.chain import Chain
from nitro_events.middleware.idempotency import idempotency, turn
from nitro_events.middleware.permission import permission
from nitro_events.middleware.retry import retry
from nitro_events.middleware.straight import Straight
from nitro_events.middleware.tracing import is_traced, tracing
from nitro_events.middleware.unit import unit
from nitro_events.middleware.validation import validation
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nitro_events.middleware.work import Middleware, Work

__all__ = ["standard"]


class Chains:
    """The chains that were made of the configured middlewares."""

    def __init__(self) -> None:
        self.given: Sequence[Middleware | EllipsisType] | None = None
        self.plain = self.keyed = Chain((), ())
        self.straight: Straight | None = None


def standard(work: Work) -> Chain | Straight:
    """Return the chain for *work*, with the configured middlewares in their places.

    Where there are none it is a straight one, unless the call is one of the unusual.
    """
    chains, given = state.part(Chains), state.settings.middleware
    if chains.given is not given:
        chains.plain, chains.keyed = _made(given, keyed=False), _made(given, keyed=True)
        chains.straight = None if given else Straight(chains.plain)
        chains.given = given
    job = work.job
    if work.key is not None or job.idempotent is True:
        return chains.keyed
    if chains.straight is None or not work.joins or job.reads or is_traced():
        return chains.plain
    return chains.straight


def _made(given: Sequence[Middleware | EllipsisType], *, keyed: bool) -> Chain:
    items = list(given)
    place = items.index(...) if ... in items else len(items)
    around: list[Middleware] = [item for item in items[:place] if callable(item)]
    inside: list[Middleware] = [item for item in items[place + 1 :] if callable(item)]
    outer = [tracing, *around, *([turn] if keyed else []), retry]
    inner = [unit, permission, validation, *([idempotency] if keyed else []), *inside]
    return Chain(tuple(outer), tuple(inner))
