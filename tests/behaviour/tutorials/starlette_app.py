"""Routes, mounts, middleware, templates and sockets, as Starlette's documentation teaches them."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypedDict

from jinja2 import DictLoader, Environment
from starlette.applications import Starlette
from starlette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    BaseUser,
    SimpleUser,
    requires,
)
from starlette.background import BackgroundTask
from starlette.endpoints import HTTPEndpoint, WebSocketEndpoint
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Host, Mount, Route, Router, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

STATIC = Path(__file__).parent / "static"
log: list[str] = []
released = asyncio.Event()
templates = Jinja2Templates(
    env=Environment(
        loader=DictLoader(
            {
                "page.html": "<title>{{ title }}</title>"
                "<link href=\"{{ url_for('static', path='/site.css') }}\">"
                "<p>{{ words }}, seen {{ request.session.get('seen', 0) }}"
            }
        ),
        autoescape=True,
    )
)


class Kept(TypedDict):
    motto: str


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[Kept]:
    log.append("opened")
    yield {"motto": "hello"}


class Named(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers["X-Named"] = request.url.path
        return response


class Bearer(AuthenticationBackend):
    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        told = conn.headers.get("authorization")
        if told is None:
            return None
        if told != "Bearer ann":
            raise AuthenticationError("Who is that?")
        return AuthCredentials(["authenticated"]), SimpleUser("ann")


def front(request: Request) -> Response:
    request.session["seen"] = request.session.get("seen", 0) + 1
    return templates.TemplateResponse(request, "page.html", {"title": "T", "words": "<b>"})


async def state(request: Request) -> Response:
    return JSONResponse({"motto": request.state.motto, "session": dict(request.session)})


async def forget(request: Request) -> Response:
    request.session.clear()
    return RedirectResponse(request.url_for("front"), status_code=303)


async def form(request: Request) -> Response:
    async with request.form() as given:
        told = {name: getattr(item, "filename", item) for name, item in given.multi_items()}
    return JSONResponse(told)


async def echo(request: Request) -> Response:
    return JSONResponse({"json": await request.json(), "q": dict(request.query_params)})


async def size(request: Request) -> Response:
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
    return PlainTextResponse(str(total))


@requires("authenticated", redirect="front")
async def mine(request: Request) -> Response:
    return PlainTextResponse(f"of {request.user.display_name}")


class Note(HTTPEndpoint):
    notes: dict[int, str] = {}

    async def get(self, request: Request) -> Response:
        id = request.path_params["id"]
        if id not in self.notes:
            raise HTTPException(404, f"no note {id}", {"X-Note": "none"})
        return HTMLResponse(self.notes[id])

    def put(self, request: Request) -> Response:
        self.notes[request.path_params["id"]] = f"<p>{request.query_params['text']}"
        return Response(status_code=204)

    async def delete(self, request: Request) -> Response:
        del self.notes[request.path_params["id"]]
        return Response(status_code=204)


async def later(_: Request) -> Response:
    async def note() -> None:
        log.append("later")

    return JSONResponse({"ok": True}, 202, background=BackgroundTask(note))


def drip(request: Request) -> Response:
    def drops() -> Iterator[str]:
        for drop in range(request.path_params["times"]):
            yield f"drop {drop}\n"

    return StreamingResponse(drops(), media_type="text/plain", headers={"X-Drip": "1"})


async def wait(_: Request) -> Response:
    async def drops() -> AsyncIterator[str]:
        yield "first\n"
        await asyncio.wait_for(released.wait(), 10)
        yield "second\n"

    return StreamingResponse(drops(), media_type="text/plain")


async def release(_: Request) -> Response:
    released.set()
    return Response(status_code=204)


async def file(_: Request) -> Response:
    return FileResponse(STATIC / "lines.txt", filename="lines.txt")


async def read_log(_: Request) -> Response:
    return JSONResponse(log)


async def broken(request: Request) -> Response:
    kinds = {"lookup": LookupError, "denied": PermissionError, "conflict": RuntimeError}
    raise kinds.get(request.path_params["kind"], ValueError)("a detail")


async def cookies(request: Request) -> Response:
    response = PlainTextResponse(",".join(sorted(request.cookies)))
    response.set_cookie("one", "1", path="/notes")
    response.delete_cookie("two")
    return response


async def raw(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(f"raw {scope['method']} {scope['path']}")(scope, receive, send)


async def missing(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return HTMLResponse(f"<h1>{error.detail}</h1>", error.status_code, error.headers)


async def conflict(_: Request, error: Exception) -> Response:
    return JSONResponse({"conflict": str(error)}, 409)


class Echo(WebSocketEndpoint):
    encoding = "text"

    async def on_connect(self, websocket: WebSocket) -> None:
        await websocket.accept(subprotocol="echo")

    async def on_receive(self, websocket: WebSocket, data: str) -> None:
        await websocket.send_text(f"{data} {websocket.path_params['room']}")
        if data == "bye":
            await websocket.close(4001)


async def refused(websocket: WebSocket) -> None:
    await websocket.close()


app = Starlette(
    routes=[
        Route("/", front, name="front"),
        Route("/state", state),
        Route("/forget", forget, methods=["POST"]),
        Route("/form", form, methods=["POST"]),
        Route("/echo", echo, methods=["POST", "PUT", "PATCH"]),
        Route("/size", size, methods=["POST"]),
        Route("/mine", mine),
        Route("/later", later, methods=["POST"]),
        Route("/drip/{times:int}", drip),
        Route("/wait", wait),
        Route("/release", release, methods=["POST"]),
        Route("/file", file),
        Route("/log", read_log),
        Route("/cookies", cookies),
        Route("/break/{kind}", broken),
        Mount(
            "/notes",
            routes=[
                Route("/{id:int}", Note),
                Mount("/raw", app=raw),
                Mount("/sub", app=Starlette(routes=[Route("/state", state)])),
            ],
        ),
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
        Host("api.localhost", Router([Route("/only", state)])),
        WebSocketRoute("/talk/{room}", Echo),
        WebSocketRoute("/refused", refused),
    ],
    middleware=[
        Middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "*.localhost", "127.0.0.1"]),
        Middleware(GZipMiddleware, minimum_size=500),
        Middleware(SessionMiddleware, secret_key="not a secret", max_age=1000),
        Middleware(AuthenticationMiddleware, backend=Bearer()),
        Middleware(Named),
    ],
    exception_handlers={404: missing, RuntimeError: conflict},
    lifespan=lifespan,
)
if "INSTALL_NITRO" in os.environ:
    from behaviour.tutorials.with_nitro import install

    install(app)
