"""By hand: one ring of formatted events, a number for each client, nothing else.

No topics, no resuming, no limits, no heartbeat, no end: what is left when all that is left out.
"""

import asyncio

from measure import Board, lifespan

SIZE = 1024
ring: list[bytes] = [b""] * SIZE
head = 0
waiting: list[asyncio.Future[None]] = []


def publish(markup: str) -> None:
    global head
    ring[head % SIZE] = f"event: datastar-patch-elements\ndata: elements {markup}\n\n".encode()
    head += 1
    awake = waiting[:]
    waiting.clear()
    for future in awake:
        if not future.done():
            future.set_result(None)


board = Board(publish)
HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]


async def follow(send) -> None:
    loop = asyncio.get_running_loop()
    seen = head
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    first = b"event: datastar-patch-signals\ndata: signals {}\n\n"
    await send({"type": "http.response.body", "body": first, "more_body": True})
    while True:
        if seen == head:
            future = loop.create_future()
            waiting.append(future)
            await future
        seen = max(seen, head - SIZE)
        chunk = b"".join([ring[n % SIZE] for n in range(seen, head)])
        seen = head
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif not await board(scope, receive, send):
        sending = asyncio.ensure_future(follow(send))
        while (await receive())["type"] != "http.disconnect":
            pass
        sending.cancel()
