"""What was done to many is remembered batch by batch, so that all of it can be taken back."""

from __future__ import annotations

from collections.abc import Sequence

from nitro_events.policy import Caller
from nitro_events.resources import Target
from nitro_events.state import state
from nitro_events.undoing import MOST_BYTES, Memory, Ticket, Undoing, new_ticket
from nitro_templates.undo import UndoOffer

__all__ = ["Recorder", "recorder_for"]


class Recorder:
    """Keeps what each batch changes with the batch: a stop in between loses none of it."""

    def __init__(self, memory: Memory, ticket: Ticket, target: Target, page: str) -> None:
        self._memory, self._ticket, self._target = memory, ticket, target
        self._page = page
        self._part = self._kept = 0
        self._whole = True

    def has_room_for(self, things: Sequence[object]) -> bool:
        """Tell whether these may be changed too; asked before that is done."""
        return self._kept + self._memory.weigh(things) <= MOST_BYTES

    def keep(self, changed: int) -> None:
        """Keep what the open unit has written: this is called once for each batch."""
        ticket = self._ticket
        kept = self._memory.remember(ticket.key, self._part, ticket.caller, self._target.kind)
        self._kept += kept
        self._part += kept > 0
        self._whole = self._whole and (kept > 0 or not changed)

    def offer(self, text: str) -> UndoOffer | None:
        """Answer what is offered by now; None if nothing was done that could be taken back."""
        if not (self._part and self._whole):
            return None
        return UndoOffer(text, self._ticket.sealed(text, self._page))


def recorder_for(target: Target, operation: str, caller: Caller, page: str) -> Recorder | None:
    """Answer what remembers; None where nothing does."""
    memory = state.part(Undoing).memory
    if memory is None or not memory.may(target.kind):
        return None
    return Recorder(memory, new_ticket(target.slug, operation, caller), target, page)
