"""Blueprints, middleware, listeners, streams and sockets, as Sanic's guide teaches them."""

# mypy: disable-error-code="untyped-decorator"

import asyncio
import os
from pathlib import Path
from typing import Any

from sanic import Blueprint, HTTPResponse, Request, Sanic, Websocket
from sanic.exceptions import NotFound, SanicException, Unauthorized
from sanic.response import empty, file, file_stream, html, json, raw, redirect, text
from sanic.response.types import BaseHTTPResponse
from sanic.views import HTTPMethodView

STATIC = Path(__file__).parent / "static"
log: list[str] = []
released = asyncio.Event()
notes: dict[int, str] = {}
app = Sanic("guide")
app.config.FALLBACK_ERROR_FORMAT = "auto"
app.static("/static", STATIC, name="static", use_content_range=True)
if "INSTALL_NITRO" in os.environ:
    from behaviour.tutorials.with_nitro import install

    install(app)


class Jammed(SanicException):
    status_code = 409
    message = "Jammed"


@app.before_server_start
async def opened(app: Sanic[Any, Any]) -> None:
    app.ctx.motto = "come in"
    log.append("opened")


@app.on_request
async def who(request: Request) -> HTTPResponse | None:
    request.ctx.user = request.headers.get("x-user")
    return text("Not you", 403) if request.ctx.user == "eve" else None


@app.on_response
async def served_by(request: Request, response: BaseHTTPResponse) -> None:
    response.headers["X-Served-By"] = f"guide {request.ctx.user}"


@app.exception(Jammed)
async def jammed(request: Request, error: Exception) -> HTTPResponse:
    return json({"jammed": str(error)}, 409, headers={"X-Path": request.path})


@app.get("/")
async def front(request: Request) -> HTTPResponse:
    return html(f"<h1>{request.app.ctx.motto}</h1>")


@app.get("/where/<id:int>", name="where")
def where(request: Request, id: int) -> HTTPResponse:
    told = {"url": request.app.url_for("where", id=id + 1), "args": request.args}
    return json({**told, "route": str(request.route and request.route.name)})


@app.post("/echo")
async def echo(request: Request) -> HTTPResponse:
    return json({"json": request.json, "token": request.token})


@app.post("/form")
async def form(request: Request) -> HTTPResponse:
    given: Any = request.files or {}
    sizes = {name: len(request.files.get(name).body) for name in given}  # type: ignore[union-attr]
    return json({"form": dict(request.form or {}), "files": sizes})


@app.post("/size")
async def size(request: Request) -> HTTPResponse:
    return text(str(len(request.body)))


@app.post("/flow", stream=True)
async def flow(request: Request) -> None:
    response: Any = await request.respond(content_type="text/plain")
    total = 0
    async for chunk in request.stream:  # type: ignore[union-attr]
        total += len(chunk)
    await response.send(str(total))
    await response.eof()


@app.get("/drip")
async def drip(request: Request) -> None:
    response: Any = await request.respond(headers={"X-Drip": "1"}, content_type="text/plain")
    for drop in range(4):
        await response.send(f"drop {drop}\n")
    await response.eof()


@app.get("/wait")
async def wait(request: Request) -> None:
    response: Any = await request.respond(content_type="text/plain")
    await response.send("first\n")
    await asyncio.wait_for(released.wait(), 10)
    await response.send("second\n")
    await response.eof()


@app.post("/release")
async def release(_: Request) -> HTTPResponse:
    released.set()
    return empty()


@app.get("/file")
async def whole(_: Request) -> HTTPResponse:
    return await file(STATIC / "site.css", filename="site.css")


@app.get("/parts")
async def parts(_: Request) -> Any:
    return await file_stream(STATIC / "lines.txt", chunk_size=4096)


@app.get("/cookie")
async def cookie(request: Request) -> HTTPResponse:
    response = json({"seen": request.cookies.get("seen")})
    response.add_cookie("seen", "yes", max_age=50, httponly=True, secure=False)
    response.delete_cookie("old")
    return response


@app.get("/go")
async def go(request: Request) -> HTTPResponse:
    return redirect(request.app.url_for("notes.Note", id=1), status=303)


@app.get("/raw")
async def as_raw(_: Request) -> HTTPResponse:
    return raw(b"\x00\x01", headers={"X-Raw": "1"})


@app.get("/break/<kind:str>")
async def broken(_: Request, kind: str) -> HTTPResponse:
    kinds = {"lookup": LookupError, "denied": PermissionError, "jammed": Jammed}
    if kind == "none":
        return None  # type: ignore[return-value]
    if kind == "missing":
        raise NotFound("not here", context={"looked": 1})
    if kind == "who":
        raise Unauthorized("Who?", scheme="Bearer", realm="guide")
    raise kinds.get(kind, ValueError)("a detail")


@app.get("/log")
async def read_log(_: Request) -> HTTPResponse:
    return json(log)


@app.post("/later")
async def later(request: Request) -> HTTPResponse:
    async def note() -> None:
        log.append("later")

    request.app.add_task(note())
    return json({"ok": True}, 202)


@app.websocket("/talk/<room:str>")
async def talk(_: Request, socket: Websocket, room: str) -> None:
    message: Any = None
    while message != "bye":
        message = await socket.recv()
        await socket.send(f"{message} {room}")


pages = Blueprint("notes", url_prefix="/notes", version=1)


@pages.middleware("response")
async def of_notes(_: Request, response: BaseHTTPResponse) -> None:
    response.headers["X-Notes"] = str(len(notes))


class Note(HTTPMethodView):
    async def get(self, _: Request, id: int) -> HTTPResponse:
        if id not in notes:
            raise NotFound(f"no note {id}")
        return text(notes[id])

    def put(self, request: Request, id: int) -> HTTPResponse:
        notes[id] = request.args.get("text", "")
        return text("put", 201)

    async def delete(self, _: Request, id: int) -> HTTPResponse:
        del notes[id]
        return empty()


pages.add_route(Note.as_view(), "/<id:int>")
app.blueprint(pages)
