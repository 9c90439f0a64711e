"""A list of what is to be done, of the shape that Litestar's tutorials teach."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from litestar import (
    Controller,
    Litestar,
    MediaType,
    Request,
    Response,
    Router,
    WebSocket,
    delete,
    get,
    patch,
    post,
    put,
    route,
    websocket,
    websocket_listener,
)
from litestar.background_tasks import BackgroundTask
from litestar.config.compression import CompressionConfig
from litestar.config.cors import CORSConfig
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, ResponseHeader, UploadFile
from litestar.di import Provide
from litestar.dto import DataclassDTO, DTOConfig, MsgspecDTO
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.params import Body, Parameter
from litestar.plugins import PluginProtocol
from litestar.response import File, Redirect, Stream
from litestar.static_files import create_static_files_router
from msgspec import Struct

STATIC = Path(__file__).parent / "static"
log: list[str] = []
released = asyncio.Event()


@dataclass
class Task:
    title: str
    done: bool = False
    secret: str = "kept here"


class Pet(Struct):
    name: str
    age: int = 1


class PetDTO(MsgspecDTO[Pet]):
    config = DTOConfig(exclude={"age"})


class ReadTask(DataclassDTO[Task]):
    config = DTOConfig(exclude={"secret"}, rename_strategy="camel")


class WriteTask(DataclassDTO[Task]):
    config = DTOConfig(exclude={"secret"}, partial=True)


class Jammed(Exception):
    pass


tasks: list[Task] = [Task("Start")]


def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    if connection.headers.get("authorization") != "Bearer ann":
        raise NotAuthorizedException("Who is that?")


async def most(limit: int = 10) -> AsyncIterator[int]:
    log.append("limit open")
    try:
        yield limit
    finally:
        log.append("limit shut")


class Tasks(Controller):
    path = "/tasks"
    return_dto = ReadTask
    dependencies = {"most": Provide(most)}
    response_headers = [ResponseHeader(name="X-Tasks", value="here")]

    @get()
    async def all(self, most: int, done: bool | None = None) -> list[Task]:
        return [task for task in tasks[:most] if done is None or task.done is done]

    @get("/{id:int}", sync_to_thread=True)
    def one(self, id: int) -> Task:
        if id >= len(tasks):
            raise NotFoundException(f"no task {id}")
        return tasks[id]

    @post(dto=DataclassDTO[Task])
    async def add(self, data: Task) -> Task:
        tasks.append(data)
        return data

    @put("/{id:int}", dto=DataclassDTO[Task])
    async def change(self, id: int, data: Task) -> Task:
        tasks[id] = data
        return data

    @delete("/{id:int}", guards=[guard])
    async def remove(self, id: int) -> None:
        del tasks[id]


@get("/", media_type=MediaType.HTML, sync_to_thread=False)
def front() -> str:
    return "<h1>To do</h1>"


@patch("/pets/{name:str}", return_dto=PetDTO, cache_control=None)
async def pet(name: str, data: Pet) -> Pet:
    return Pet(name + data.name, data.age)


@post("/form", sync_to_thread=False)
def form(data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]) -> Any:
    return data


@post("/upload")
async def upload(
    data: Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> dict[str, int]:
    return {data.filename: len(await data.read())}


@post("/size", status_code=200)
async def size(request: Request[Any, Any, Any]) -> int:
    return len(await request.body())


@get("/session")
async def seen(request: Request[Any, Any, Any]) -> dict[str, int]:
    count = request.session.get("seen", 0) + 1
    request.set_session({"seen": count})
    return {"seen": count}


@post("/forget")
async def forget(request: Request[Any, Any, Any]) -> Redirect:
    request.clear_session()
    return Redirect("/", status_code=303)


@get("/cookie", response_cookies=[Cookie(key="tasted", value="no")])
async def tasted(
    q: Annotated[str, Parameter(query="find", max_length=5)] = "",
    seen: Annotated[str | None, Parameter(cookie="tasted")] = None,
) -> Response[dict[str, str | None]]:
    return Response({"q": q, "seen": seen}, headers={"X-Own": "1"})


@get("/drip")
async def drip() -> Stream:
    async def drops() -> AsyncIterator[bytes]:
        for drop in range(4):
            yield f"drop {drop}\n".encode()

    return Stream(drops(), media_type="text/plain")


@get("/wait")
async def wait() -> Stream:
    async def drops() -> AsyncIterator[bytes]:
        yield b"first\n"
        await asyncio.wait_for(released.wait(), 10)
        yield b"second\n"

    return Stream(drops(), media_type="text/plain")


@post("/release")
async def release() -> None:
    released.set()


@get("/file")
async def file() -> File:
    return File(STATIC / "lines.txt", filename="lines.txt")


@post("/later", status_code=202)
async def later() -> Response[str]:
    async def note() -> None:
        log.append("later")

    return Response("ok", background=BackgroundTask(note))


@get("/log")
async def read_log() -> list[str]:
    return log


@get("/break/{kind:str}", sync_to_thread=False)
def broken(kind: str) -> None:
    kinds = {"lookup": LookupError, "denied": PermissionError, "jammed": Jammed}
    if kind == "teapot":
        raise HTTPException("short", status_code=418, extra={"and": "stout"})
    raise kinds.get(kind, ValueError)("a detail")


@route("/verbs", http_method=["GET", "POST", "DELETE"], status_code=200)
async def verbs(request: Request[Any, Any, Any]) -> str:
    return request.method


@get("/page", name="page", guards=[guard], media_type="text/plain")
async def guarded(request: Request[Any, Any, Any]) -> str:
    return request.url_for("page")


def jammed(_: Request[Any, Any, Any], error: Jammed) -> Response[dict[str, str]]:
    return Response({"jammed": str(error)}, status_code=409)


@websocket_listener("/talk/{room:str}")
async def talk(data: str, room: str) -> str:
    return f"{data} {room}"


@websocket("/once")
async def once(socket: WebSocket[Any, Any, Any]) -> None:
    await socket.accept()
    await socket.send_json({"heard": await socket.receive_text()})
    await socket.close(4000)


async def served_by(response: Response[Any]) -> Response[Any]:
    response.set_header("X-Served-By", "tasks")
    return response


@asynccontextmanager
async def lifespan(_: Litestar) -> AsyncIterator[None]:
    log.append("opened")
    yield


plugins: list[PluginProtocol] = []
if "INSTALL_NITRO" in os.environ:
    from behaviour.tutorials.with_nitro import declare
    from nitro_litestar import NitroPlugin

    declare()
    plugins.append(NitroPlugin())
sessions = CookieBackendConfig(secret=b"sixteen letters.", max_age=1000)
app = Litestar(
    route_handlers=[
        Tasks,
        front,
        pet,
        form,
        upload,
        size,
        seen,
        forget,
        tasted,
        drip,
        wait,
        release,
        file,
        later,
        read_log,
        broken,
        verbs,
        talk,
        once,
        Router("/admin", route_handlers=[guarded], after_request=served_by),
        create_static_files_router("/static", [STATIC], name="static"),
    ],
    middleware=[sessions.middleware],
    exception_handlers={Jammed: jammed},
    lifespan=[lifespan],
    compression_config=CompressionConfig("gzip", minimum_size=500, exclude=["/static"]),
    cors_config=CORSConfig(allow_origins=["https://shop.example"]),
    plugins=plugins,
)
