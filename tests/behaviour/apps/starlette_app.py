"""The routes of `behaviour.things` in Starlette."""

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

import nitro
from behaviour import things
from behaviour.things import Parcel
from nitro import Page, Patch, patch_signals
from nitro_events.http.request import current_request
from nitro_starlette import NitroResponse, read_signals
from nitro_templates import Element


def plain(request: Request) -> JSONResponse:
    return JSONResponse({"plain": True})


def drip(request: Request) -> StreamingResponse:
    return StreamingResponse(iter(things.DROPS), media_type="text/plain")


def front(request: Request) -> Page:
    return things.front()


def new(request: Request) -> Page:
    return things.new()


def one(request: Request) -> Parcel:
    return Parcel.get(request.path_params["id"])


def markup(request: Request) -> Element:
    return things.markup()


def made(request: Request) -> NitroResponse:
    return NitroResponse(things.made(), status_code=201)


async def add(request: Request) -> Patch:
    signals = await read_signals(request)
    return patch_signals({"total": signals.a + signals.b})


def count(request: Request) -> dict[str, int]:
    return {"count": things.count()}


async def acount(request: Request) -> dict[str, int]:
    return {"count": things.count()}


def fail(request: Request) -> None:
    things.count()
    raise RuntimeError(things.SECRET)


def refuse(request: Request) -> None:
    things.count()
    raise HTTPException(409, "Not now")


def invalid(request: Request) -> Parcel:
    return Parcel(name="")


def stale(request: Request) -> JSONResponse:
    things.change_twice()
    return JSONResponse({"stale": False})  # which the commit does not let through


def later(request: Request) -> JSONResponse:
    return JSONResponse({"later": True}, background=BackgroundTask(things.count_later))


async def login(request: Request) -> JSONResponse:
    is_json = request.headers.get("content-type") == "application/json"
    user = (await request.json() if is_json else await request.form()).get("user")
    if user not in things.NAMES:
        raise HTTPException(401, "Nobody of this name")
    request.session["user"] = user
    return JSONResponse({"user": user})


async def logout(request: Request) -> JSONResponse:
    request.session.clear()
    return JSONResponse({"user": None})


async def whoami(request: Request) -> JSONResponse:
    asked = current_request.get()
    return JSONResponse({"user": None if asked is None else (await asked.identify()).id})


async def patches(request: Request) -> list[Patch]:
    return things.patches(await read_signals(request))


READ = (front, markup, made, new, one, patches, whoami)
SENT = (acount, add, count, fail, invalid, later, login, logout, refuse, stale)
PATHS = {front: "/", one: "/one/{id}"}

foreign = [
    Route("/plain", plain, methods=["GET", "POST"]),
    Route("/drip", drip),
]
routes = [
    *(Route(PATHS.get(read, f"/{read.__name__}"), read) for read in READ),
    *(Route(f"/{sent.__name__}", sent, methods=["POST"]) for sent in SENT),
]

if things.plain_only():
    app = Starlette(routes=foreign)
else:
    things.set_up()
    sessions = Middleware(SessionMiddleware, secret_key="not a secret")
    app = Starlette(routes=[*foreign, *routes], middleware=[sessions])
    nitro.install(app)
