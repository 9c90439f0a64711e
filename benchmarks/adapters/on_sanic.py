"""Sanic, as an ASGI application: its own server asks handlers in the same way."""

import asyncio
import sys
from typing import Any

from measure import serve_asgi
from orders import Touch, begin, touched
from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

import nitro

app = Sanic("bench", configure_logging=False)
app.config.MOTD = False


@app.route("/plain", methods=["GET", "POST"])
async def plain(request: Request[Any, Any]) -> HTTPResponse:
    """Touch nothing of Nitro."""
    return json({"plain": True})


@app.post("/ahand/<id:int>")
async def ahand(request: Request[Any, Any], id: int) -> HTTPResponse:
    """Do by hand what the async action does."""
    return json(touched(id, Touch.model_validate_json(request.body)))


async def start() -> None:
    """Go through the lifespan, which makes the routes final."""
    begun = asyncio.Event()
    asked = iter([{"type": "lifespan.startup"}])

    async def receive() -> dict[str, Any]:
        message = next(asked, None)
        return message if message is not None else await asyncio.Future()

    async def send(message: dict[str, Any]) -> None:
        assert message["type"] == "lifespan.startup.complete", message
        begun.set()

    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    running.append(asyncio.ensure_future(app(scope, receive, send)))
    await begun.wait()


running: list[Any] = []
begin()
if sys.argv[1] == "nitro":
    nitro.install(app)
serve_asgi(app, start)
