"""FastAPI."""

import sys
from typing import Any

from fastapi import FastAPI
from measure import serve_asgi
from orders import Touch, begin, touched

import nitro

app = FastAPI()


@app.get("/plain")
async def plain() -> dict[str, bool]:
    """Touch nothing of Nitro."""
    return {"plain": True}


@app.post("/plain")
async def posted() -> dict[str, bool]:
    """Touch nothing of Nitro."""
    return {"plain": True}


@app.post("/hand/{id}")
def hand(id: int, given: Touch) -> dict[str, Any]:
    """Do by hand what the action does."""
    return touched(id, given)


@app.post("/ahand/{id}")
async def ahand(id: int, given: Touch) -> dict[str, Any]:
    """Do by hand what the async action does."""
    return touched(id, given)


begin()
if sys.argv[1] == "nitro":
    nitro.install(app)
serve_asgi(app)
