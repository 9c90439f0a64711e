"""sse-starlette, a queue for each client."""

import asyncio

from measure import Board, lifespan
from sse_starlette import EventSourceResponse, ServerSentEvent

queues: set[asyncio.Queue[str]] = set()


def publish(markup: str) -> None:
    for queue in queues:
        queue.put_nowait(markup)


board = Board(publish)


async def events():
    queue: asyncio.Queue[str] = asyncio.Queue()
    queues.add(queue)
    try:
        yield ServerSentEvent("signals {}", event="datastar-patch-signals")
        while True:
            markup = "elements " + await queue.get()
            yield ServerSentEvent(markup, event="datastar-patch-elements", sep="\n")
    finally:
        queues.discard(queue)


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif not await board(scope, receive, send):
        await EventSourceResponse(events())(scope, receive, send)
