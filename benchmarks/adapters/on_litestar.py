"""Litestar."""

import sys
from typing import Any

from litestar import Litestar, get, post
from measure import serve_asgi
from orders import Touch, begin, touched


@get("/plain")
async def plain() -> dict[str, bool]:
    """Touch nothing of Nitro."""
    return {"plain": True}


@post("/plain", status_code=200)
async def posted() -> dict[str, bool]:
    """Touch nothing of Nitro."""
    return {"plain": True}


@post("/hand/{id:int}", status_code=200, sync_to_thread=True)
def hand(id: int, data: Touch) -> dict[str, Any]:
    """Do by hand what the action does."""
    return touched(id, data)


@post("/ahand/{id:int}", status_code=200)
async def ahand(id: int, data: Touch) -> dict[str, Any]:
    """Do by hand what the async action does."""
    return touched(id, data)


begin()
plugins: list[Any] = []
if sys.argv[1] == "nitro":
    from nitro_litestar import NitroPlugin

    plugins.append(NitroPlugin())
serve_asgi(Litestar([plain, posted, hand, ahand], plugins=plugins))
