"""The usual way: a queue for each client, formatted for each client, a StreamingResponse."""

import asyncio

from datastar_py import ServerSentEventGenerator as Sse
from measure import Board, lifespan
from starlette.responses import StreamingResponse

queues: set[asyncio.Queue[str]] = set()


def publish(markup: str) -> None:
    for queue in queues:
        queue.put_nowait(markup)


board = Board(publish)


async def events():
    queue: asyncio.Queue[str] = asyncio.Queue()
    queues.add(queue)
    try:
        yield Sse.patch_signals({})
        while True:
            yield Sse.patch_elements(await queue.get())
    finally:
        queues.discard(queue)


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif not await board(scope, receive, send):
        answer = StreamingResponse(events(), media_type="text/event-stream")
        await answer(scope, receive, send)
