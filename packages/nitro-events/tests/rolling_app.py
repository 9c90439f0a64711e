"""One of several processes that serve the same streams; started by test_live_rolling.py."""

from typing import Any

from nitro_events import Stream, hub
from nitro_events.live.asgi import serve


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer /live with a stream and anything else with a page: its cursor."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["path"] == "/live":
        cursor = dict(scope["headers"]).get(b"last-event-id", b"").decode()
        return await serve(Stream(hub, [], ["news"], cursor), send, receive)
    body = hub.cursor().encode()
    head = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})
