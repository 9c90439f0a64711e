"""Taking back what was done: what there was before is kept on the server for some minutes.

What an operation has written is kept with it, in the same transaction and the same store. The
browser gets a ticket for it: a name, sealed for the caller, and none of the values.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from nitro_events.http.problems import HttpError
from nitro_events.seal import BadSeal
from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.policy import Caller

__all__ = [
    "LIFETIME",
    "MOST",
    "MOST_BYTES",
    "CannotUndo",
    "Memory",
    "Ticket",
    "Undoing",
    "most_of",
    "new_ticket",
    "remembered",
    "ticket_of",
]

PURPOSE = "undo"
LIFETIME = timedelta(minutes=10)
MOST = 20_000
"""How many entities one action may change that can be taken back."""
MOST_BYTES = 64 * 1024 * 1024
"""How much is kept for it at most, before it is packed."""
_LONGEST_TEXT = 200


class CannotUndo(HttpError, ValueError):
    """Something was changed since, is not kept any more, or cannot be as it was."""

    status = 409
    title = "Cannot be undone"


class Memory(Protocol):
    """Remembers what a unit of work has changed, and puts it back. All of it may block."""

    def may(self, kind: type, /) -> bool:
        """Tell whether the class lets it be undone, and its store is able to keep that."""
        ...

    def remember(self, key: str, part: int, owner: str | None, near: type, /) -> int:
        """Keep what the open unit has written until now, with it; return how many bytes.

        It is written to the store by then, so what the store refuses is raised here.
        """
        ...

    def weigh(self, things: Sequence[object], /) -> int:
        """Return about how many bytes these take."""
        ...

    def put_back(
        self,
        key: str,
        owner: str | None,
        near: type,
        allowed: Callable[[object, bool], bool],
        name: Callable[[object], str],
        /,
    ) -> int:
        """Make everything as it was before, in the open unit; return how many things that are.

        Raises CannotUndo where something has changed since, and PermissionError where *allowed*
        says no to one of the things; it is told whether that goes because it was created.
        """
        ...


class Undoing:
    """Who remembers in this process, as the joint with the data says."""

    def __init__(self) -> None:
        self.memory: Memory | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a browser holds to take something back: which, whose, and what it was in words."""

    key: str
    slug: str
    operation: str
    caller: str | None
    text: str = ""
    page: str = "/"

    def sealed(self, text: str, page: str) -> str:
        """Return it signed, with what was done in words and the page that it was done on."""
        made = replace(self, text=text[:_LONGEST_TEXT], page=page)
        payload: dict[str, object] = {
            "v": 1,
            "i": made.key,
            "c": made.slug,
            "o": made.operation,
            "u": made.caller,
            "t": made.text,
            "p": made.page,
        }
        return state.sealer.sign(PURPOSE, payload)


def ticket_of(sealed: str, caller: Caller) -> Ticket:
    """Open a ticket. Raises BadSeal for one that is not ours, or was given to somebody else."""
    said: Mapping[str, object] = state.sealer.open(PURPOSE, sealed)
    if said.get("v") != 1 or said.get("u") != caller.id:
        msg = "This was made for somebody else, or by another version"
        raise BadSeal(msg)
    key, slug, operation = str(said.get("i")), str(said.get("c")), str(said.get("o"))
    return Ticket(key, slug, operation, caller.id, str(said.get("t")), str(said.get("p")))


def most_of(kind: type) -> int:
    """Return how many of a class can be changed at once so that it can be undone; 0 for none."""
    memory = state.part(Undoing).memory
    return MOST if memory is not None and memory.may(kind) else 0


def new_ticket(slug: str, operation: str, caller: Caller) -> Ticket:
    """Return a ticket for what is about to be done."""
    return Ticket(secrets.token_urlsafe(18), slug, operation, caller.id)


def remembered(kind: type, slug: str, operation: str, caller: Caller) -> Ticket | None:
    """Keep what the open unit has written; None if it wrote nothing, or nothing is kept of it."""
    memory = state.part(Undoing).memory
    if memory is None or not memory.may(kind):
        return None
    ticket = new_ticket(slug, operation, caller)
    return ticket if memory.remember(ticket.key, 0, caller.id, kind) else None
