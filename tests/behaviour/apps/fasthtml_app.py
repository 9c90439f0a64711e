"""The routes of `behaviour.things` in FastHTML."""

# mypy: disable-error-code="import-untyped, untyped-decorator"

from typing import Any

from fasthtml.common import BackgroundTask, FastHTML, HTTPException, StreamingResponse

import nitro
from behaviour import things
from behaviour.things import Parcel
from nitro import Page, Patch, patch_signals
from nitro_events.http.request import current_request
from nitro_fasthtml import NitroResponse, ReadSignals
from nitro_templates import Element

app: Any = FastHTML(secret_key="not a secret")


@app.route("/plain")  # GET and POST, as all routes without a verb
def plain() -> dict[str, bool]:
    return {"plain": True}


@app.get("/drip")
def drip() -> StreamingResponse:
    return StreamingResponse(iter(things.DROPS), media_type="text/plain")


if not things.plain_only():
    things.set_up()
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


@app.get("/markup")
def markup() -> Element:
    return things.markup()


@app.get("/made")
def made() -> NitroResponse:
    return NitroResponse(things.made(), status_code=201)


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
def later() -> tuple[dict[str, bool], BackgroundTask]:
    return {"later": True}, BackgroundTask(things.count_later)


@app.post("/login")
def login(user: str, session) -> dict[str, str]:  # type: ignore[no-untyped-def] # as FastHTML wants it
    if user not in things.NAMES:
        raise HTTPException(401, "Nobody of this name")
    session["user"] = user
    return {"user": user}


@app.post("/logout")
def logout(session) -> dict[str, None]:  # type: ignore[no-untyped-def]
    session.clear()
    return {"user": None}


@app.get("/whoami")
async def whoami() -> dict[str, str | None]:
    asked = current_request.get()
    return {"user": None if asked is None else (await asked.identify()).id}


@app.get("/patches")
def patches(signals: ReadSignals) -> list[Patch]:
    return things.patches(signals)
