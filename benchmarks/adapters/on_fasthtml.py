"""FastHTML."""

import sys

from fasthtml.common import FastHTML
from measure import serve_asgi
from orders import Touch, begin, touched
from starlette.requests import Request
from starlette.responses import JSONResponse

import nitro

app = FastHTML(secret_key="for this alone")


@app.route("/plain", methods=["GET", "POST"])
async def plain() -> JSONResponse:
    """Touch nothing of Nitro."""
    return JSONResponse({"plain": True})


@app.route("/ahand/{id}", methods=["POST"])
async def ahand(request: Request, id: int) -> JSONResponse:
    """Do by hand what the async action does."""
    return JSONResponse(touched(id, Touch.model_validate_json(await request.body())))


begin()
if sys.argv[1] == "nitro":
    nitro.install(app)
serve_asgi(app)
