"""How much the server keeps for one caller at a time: for a login, else for an address.

An anonymous browser has a name of its own, but may take another one at each request. So who has
not logged in shares what is allowed with all others at the address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nitro_events.keeping import key_of
from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.policy import Caller

__all__ = ["Allowance", "drafts_of", "holder_of", "uploads_of"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much *holder*, a key that tells nobody who it is, may have kept."""

    holder: str
    most: int


def holder_of(caller: Caller) -> str:
    """Return a key for *caller*, or for the address where there is no login."""
    if caller.id is not None:
        return key_of("login", caller.id)
    return key_of("address", caller.host)


def uploads_of(caller: Caller) -> Allowance:
    """Return how many bytes of uploads that nothing holds yet are kept for *caller*."""
    limits = state.settings.limits
    most = limits.uploads if caller.id is not None else limits.uploads_of_address
    return Allowance(holder_of(caller), most)


def drafts_of(caller: Caller) -> Allowance:
    """Return how many drafts are kept for *caller*."""
    limits = state.settings.limits
    most = limits.drafts if caller.id is not None else limits.drafts_of_address
    return Allowance(holder_of(caller), most)
