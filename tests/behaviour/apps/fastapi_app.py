"""The routes of `behaviour.things` in FastAPI."""

from typing import Any

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse
from starlette.middleware.sessions import SessionMiddleware

import nitro
from behaviour import things
from behaviour.things import Parcel
from nitro import Page, Patch, ReadSignals, patch_signals
from nitro_events.http.request import current_request
from nitro_templates import Element

app = FastAPI()


@app.get("/plain")
@app.post("/plain")
def plain() -> dict[str, bool]:
    return {"plain": True}


@app.get("/drip")
def drip() -> StreamingResponse:
    return StreamingResponse(iter(things.DROPS), media_type="text/plain")


if not things.plain_only():
    things.set_up()
    app.add_middleware(SessionMiddleware, secret_key="not a secret")
    nitro.install(app)


@app.get("/")
def front() -> Page:
    return things.front()


@app.get("/new")
def new() -> Page:
    return things.new()


@app.get("/one/{id}")
def one(id: str) -> Parcel:
    return Parcel.get(id)


@app.get("/markup", response_model=None)
def markup() -> Element:
    return things.markup()


@app.get("/made", status_code=201)
def made() -> Parcel:
    return things.made()


@app.post("/add")
def add(signals: ReadSignals) -> Patch:
    return patch_signals({"total": signals.a + signals.b})


@app.post("/count")
def count() -> dict[str, int]:
    return {"count": things.count()}


@app.post("/acount")
async def acount() -> dict[str, int]:
    return {"count": things.count()}


@app.post("/fail")
def fail() -> None:
    things.count()
    raise RuntimeError(things.SECRET)


@app.post("/refuse")
def refuse() -> None:
    things.count()
    raise HTTPException(409, "Not now")


@app.post("/invalid")
def invalid() -> Parcel:
    return Parcel(name="")


@app.post("/stale")
def stale() -> None:
    things.change_twice()


@app.post("/later")
def later(background: BackgroundTasks) -> dict[str, bool]:
    background.add_task(things.count_later)
    return {"later": True}


@app.post("/login")
async def login(request: Request) -> dict[str, str]:
    is_json = request.headers.get("content-type") == "application/json"
    sent: Any = await request.json() if is_json else await request.form()
    user = sent.get("user")
    if user not in things.NAMES:
        raise HTTPException(401, "Nobody of this name")
    request.session["user"] = user
    return {"user": user}


@app.post("/logout")
async def logout(request: Request) -> dict[str, None]:
    request.session.clear()
    return {"user": None}


@app.get("/whoami")
async def whoami() -> dict[str, str | None]:
    asked = current_request.get()
    return {"user": None if asked is None else (await asked.identify()).id}


@app.get("/patches")
def patches(signals: ReadSignals) -> list[Patch]:
    return things.patches(signals)
