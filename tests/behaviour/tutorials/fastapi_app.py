"""A shop, of the shape that FastAPI's tutorial teaches."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from fastapi import (
    APIRouter,
    BackgroundTasks,
    Cookie,
    Depends,
    FastAPI,
    File,
    Form,
    Header,
    HTTPException,
    Query,
    Request,
    Response,
    UploadFile,
    WebSocket,
    status,
)
from fastapi import Path as PathParameter
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field, TypeAdapter

log: list[str] = []
released = asyncio.Event()
stock: dict[int, "Ware"] = {}
bearer = OAuth2PasswordBearer(tokenUrl="/token")


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Ware(BaseModel):
    name: str = Field(min_length=1, max_length=20)
    price: float = Field(gt=0)
    colour: Colour = Colour.RED
    tags: set[str] = set()
    secret: str = "kept here"


class ShownWare(BaseModel):
    name: str
    price: float
    colour: Colour
    tax: float | None = None


class SignUp(BaseModel):
    user: str = Field(min_length=2)
    age: int = 18


class SoldOut(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, str]]:
    log.append("opened")
    yield {"motto": "come in"}
    log.append("closed")


app = FastAPI(title="Shop", lifespan=lifespan)
app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
if "INSTALL_NITRO" in os.environ:
    from behaviour.tutorials.with_nitro import install

    install(app)
app.add_middleware(GZipMiddleware, minimum_size=2000)
app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example"], allow_methods=["PUT"])
Next = Callable[[Request], Awaitable[Response]]


@app.middleware("http")
async def served_by(request: Request, call_next: Next) -> Response:
    response = await call_next(request)
    response.headers["X-Served-By"] = f"shop {request.method}"
    return response


@app.exception_handler(SoldOut)
async def sold_out(_: Request, error: SoldOut) -> JSONResponse:
    return JSONResponse({"sold out": error.name}, 418, headers={"X-Why": "demand"})


def till() -> Iterator[str]:
    log.append("till open")
    try:
        yield "till"
    except ZeroDivisionError:
        log.append("till jammed")
        raise
    finally:
        log.append("till shut")


async def user(token: Annotated[str, Depends(bearer)]) -> str:
    if token != "token-of-ann":
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED, "Who is that?", {"WWW-Authenticate": "Bearer"}
        )
    return "ann"


def span(skip: int = 0, limit: Annotated[int, Query(le=50)] = 10) -> tuple[int, int]:
    return skip, limit


@app.get("/")
async def front(request: Request) -> dict[str, str]:
    return {"hello": "shop", "motto": request.state.motto}


@app.get("/wares/", response_model=list[ShownWare])
async def wares(between: Annotated[tuple[int, int], Depends(span)]) -> list[Ware]:
    return list(stock.values())[between[0] : between[0] + between[1]]


@app.get("/wares/{id}", response_model=ShownWare, response_model_exclude_unset=True)
def ware(id: Annotated[int, PathParameter(ge=1)], till: Annotated[str, Depends(till)]) -> Ware:
    if id == 13:
        raise SoldOut("ware 13")
    if id not in stock:
        raise HTTPException(404, {"no": id}, {"X-Looked": till})
    return stock[id]


@app.put("/wares/{id}", status_code=201, tags=["stock"])
async def put(id: int, ware: Ware, response: Response) -> ShownWare:
    stock[id] = ware
    response.headers["Location"] = f"/wares/{id}"
    return ShownWare(**ware.model_dump(), tax=ware.price / 5)


@app.patch("/wares/{id}")
def patch(id: int, change: dict[str, Any]) -> ShownWare:
    stock[id] = Ware.model_validate({**stock[id].model_dump(), **change})
    return ShownWare(**stock[id].model_dump())


@app.delete("/wares/{id}", status_code=204)
async def delete(id: int) -> None:
    stock.pop(id, None)


@app.post("/orders")
async def order(tasks: BackgroundTasks, lines: list[Annotated[int, Field(gt=0)]]) -> int:
    async def note() -> None:
        log.append(f"packed {len(lines)}")

    tasks.add_task(note)
    return sum(lines)


@app.post("/signup")
def sign_up(form: Annotated[SignUp, Form()]) -> dict[str, Any]:
    return form.model_dump()


@app.post("/files")
async def files(
    one: Annotated[bytes, File()], more: list[UploadFile], note: Annotated[str, Form()] = ""
) -> dict[str, Any]:
    sizes = {str(each.filename): len(await each.read()) for each in more}
    return {"one": len(one), "more": sizes, "note": note}


@app.post("/token")
async def token(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> dict[str, str]:
    if form.password != "tulip":
        raise HTTPException(400, "No")
    return {"access_token": f"token-of-{form.username}", "token_type": "bearer"}


@app.get("/me")
async def me(name: Annotated[str, Depends(user)]) -> dict[str, str]:
    return {"user": name}


@app.get("/echo")
def echo(
    seen: Annotated[str | None, Cookie()] = None,
    x_token: Annotated[list[str] | None, Header()] = None,
    q: Annotated[str, Query(pattern="^[a-z]*$")] = "",
) -> dict[str, Any]:
    return {"seen": seen, "x": x_token, "q": q}


@app.get("/remember")
def remember(response: Response) -> str:
    response.set_cookie("seen", "yes", max_age=100, httponly=True)
    response.set_cookie("tasted", "no", samesite="strict")
    return "a text"


@app.get("/go")
async def go() -> RedirectResponse:
    return RedirectResponse("/wares/?limit=1", status_code=303)


@app.get("/drip")
async def drip() -> StreamingResponse:
    async def drops() -> AsyncIterator[bytes]:
        for drop in range(5):
            yield f"drop {drop}\n".encode()

    return StreamingResponse(drops(), media_type="text/plain")


@app.get("/wait")
async def wait() -> StreamingResponse:
    async def drops() -> AsyncIterator[bytes]:
        yield b"first\n"
        await asyncio.wait_for(released.wait(), 10)
        yield b"second\n"

    return StreamingResponse(drops(), media_type="text/plain")


@app.post("/release")
async def release() -> None:
    released.set()


@app.get("/break")
async def broken(till: Annotated[str, Depends(till)]) -> float:
    return 1 / len(till[:0])


@app.api_route("/size", methods=["POST", "QUERY"])
async def size(request: Request) -> int:
    return len(await request.body())


@app.get("/raise/{kind}")
def fail(kind: str) -> None:
    if kind == "model":
        Ware.model_validate({"name": ""})
    if kind == "adapter":
        TypeAdapter(list[int]).validate_python("x")
    raise {"lookup": LookupError, "denied": PermissionError, "late": TimeoutError}.get(
        kind, ValueError
    )("a detail of the shop")


@app.get("/log")
async def read_log() -> list[str]:
    return log


admin = APIRouter(prefix="/admin", dependencies=[Depends(user)], responses={418: {}})


@admin.get("/report", name="report", deprecated=True)
async def report(request: Request) -> dict[str, str]:
    return {"at": str(request.url_for("report")), "log": str(len(log) > 0)}


app.include_router(admin)


@app.websocket("/talk/{room}")
async def talk(socket: WebSocket, room: str, q: int = 0) -> None:
    await socket.accept(headers=[(b"x-room", room.encode())])
    await socket.send_json({"room": room, "q": q})
    async for text in socket.iter_text():
        if text == "bye":
            await socket.close(4000, "bye")
            return
        await socket.send_text(text.upper())
