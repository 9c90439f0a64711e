"""A body that was looked at on the way is there for who reads it next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from nitro_events.http.request import Request

__all__ = ["again"]

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]


def again(request: Request, receive: Receive) -> Receive:
    """Return what gives a body that was read already once more; *receive* if it was not."""
    body = request.read_body
    if body is None:
        return receive
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return left.pop() if left else await receive()

    return receive_again
