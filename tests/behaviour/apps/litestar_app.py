"""The routes of `behaviour.things` in Litestar."""

from collections.abc import Iterator
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.exceptions import HTTPException
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.params import FromPath
from litestar.plugins import PluginProtocol
from litestar.response import Stream

from behaviour import things
from behaviour.things import Parcel
from nitro import Page, Patch, patch_signals
from nitro_events.http.request import current_request
from nitro_litestar import NitroPlugin, ReadSignals
from nitro_templates import Element


@get("/plain", sync_to_thread=False)
def plain() -> dict[str, bool]:
    return {"plain": True}


@post("/plain", status_code=200, sync_to_thread=False)
def plain_post() -> dict[str, bool]:
    return {"plain": True}


@get("/drip", sync_to_thread=False)
def drip() -> Stream:
    def drops() -> Iterator[str]:
        yield from things.DROPS

    return Stream(drops(), media_type="text/plain")


@get("/", sync_to_thread=True)
def front() -> Page:
    return things.front()


@get("/new", sync_to_thread=True)
def new() -> Page:
    return things.new()


@get("/one/{id:str}", sync_to_thread=True)
def one(id: FromPath[str]) -> Parcel:
    return Parcel.get(id)


@get("/markup", sync_to_thread=False)
def markup() -> Element:
    return things.markup()


@get("/made", status_code=201, sync_to_thread=True)
def made() -> Parcel:
    return things.made()


@post("/add")
async def add(signals: ReadSignals) -> Patch:
    return patch_signals({"total": signals.a + signals.b})


@post("/count", status_code=200, sync_to_thread=True)
def count() -> dict[str, int]:
    return {"count": things.count()}


@post("/acount", status_code=200)
async def acount() -> dict[str, int]:
    return {"count": things.count()}


@post("/fail", sync_to_thread=True)
def fail() -> None:
    things.count()
    raise RuntimeError(things.SECRET)


@post("/refuse", sync_to_thread=True)
def refuse() -> None:
    things.count()
    raise HTTPException("Not now", status_code=409)


@post("/invalid", sync_to_thread=True)
def invalid() -> Parcel:
    return Parcel(name="")


@post("/stale", sync_to_thread=True)
def stale() -> None:
    things.change_twice()


@post("/later", sync_to_thread=True)
def later() -> Response[dict[str, bool]]:
    task = BackgroundTask(things.count_later)
    return Response({"later": True}, status_code=200, background=task)


@post("/login", status_code=200)
async def login(request: Request[Any, Any, Any]) -> dict[str, str]:
    is_json = request.content_type[0] == "application/json"
    user = (await request.json() if is_json else await request.form()).get("user")
    if user not in things.NAMES:
        raise HTTPException("Nobody of this name", status_code=401)
    request.set_session({"user": user})
    return {"user": user}


@post("/logout", status_code=200)
async def logout(request: Request[Any, Any, Any]) -> dict[str, None]:
    request.clear_session()
    return {"user": None}


@get("/whoami")
async def whoami() -> dict[str, str | None]:
    asked = current_request.get()
    return {"user": None if asked is None else (await asked.identify()).id}


@get("/patches")
async def patches(signals: ReadSignals) -> list[Patch]:
    return things.patches(signals)


HANDLERS = [
    *(plain, plain_post, drip, front, new, one, markup, made, add, count, acount, fail, refuse),
    *(invalid, stale, later, login, logout, whoami, patches),
]


def make() -> Litestar:
    """Return the application, with Nitro or without."""
    plugins: list[PluginProtocol] = []
    if not things.plain_only():
        things.set_up()
        plugins.append(NitroPlugin())
    sessions = CookieBackendConfig(secret=b"not a secret, but 32 bytes long.").middleware
    return Litestar(HANDLERS, plugins=plugins, middleware=[sessions], debug=False)


app = make()
