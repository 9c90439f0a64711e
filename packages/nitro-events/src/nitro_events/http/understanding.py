"""What a form sent, understood by others before it is read: a joint may know more of a field."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.http.inputs import Input
    from nitro_events.http.request import Request

__all__ = ["Readers", "understood"]

Reader: TypeAlias = "Callable[[Request, Input, Mapping[str, object]], Awaitable[Input]]"


class Readers(list[Reader]):
    """Who looks at the input of sealed forms first, with the payload of the seal, in turn.

    A reader answers the input with other values, or with `refused`: messages by field.
    """


async def understood(request: Request, given: Input, payload: Mapping[str, object]) -> Input:
    """Return *given* as the readers understand it."""
    for reader in state.part(Readers):
        given = await reader(request, given, payload)
    return given
