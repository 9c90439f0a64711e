"""The live hub, one topic for everybody."""

from measure import Board, lifespan

from nitro_events import Stream, configure, hub, patch_elements
from nitro_events.live.asgi import serve

configure(secret="a secret for the benchmark alone")
board = Board(lambda markup: hub.publish("news", patch_elements(markup)))


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif not await board(scope, receive, send):
        await serve(Stream(hub, [], ["news"]), send, receive)
