"""Starlette."""

import sys

from measure import serve_asgi
from orders import Touch, begin, touched
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

import nitro


async def plain(request: Request) -> JSONResponse:
    """Touch nothing of Nitro."""
    return JSONResponse({"plain": True})


async def ahand(request: Request) -> JSONResponse:
    """Do by hand what the async action does."""
    given = Touch.model_validate_json(await request.body())
    return JSONResponse(touched(request.path_params["id"], given))


app = Starlette(
    routes=[
        Route("/plain", plain, methods=["GET", "POST"]),
        Route("/ahand/{id:int}", ahand, methods=["POST"]),
    ]
)
begin()
if sys.argv[1] == "nitro":
    nitro.install(app)
serve_asgi(app)
