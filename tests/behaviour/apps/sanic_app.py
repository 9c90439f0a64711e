"""The routes of `behaviour.things` in Sanic, for its own server and for ASGI servers."""

import base64
import hashlib
import hmac
import json as json_text
from typing import Any

from sanic import HTTPResponse, Request, Sanic, json
from sanic.exceptions import InvalidHeader, SanicException, Unauthorized
from sanic.handlers import ErrorHandler
from sanic.response import text

import nitro
from behaviour import things
from behaviour.things import Parcel
from nitro import Page, Patch, patch_signals
from nitro_events.http.request import current_request
from nitro_sanic import read_signals
from nitro_templates import Element


class CarefulErrorHandler(ErrorHandler):
    """Answers requests whose Accept header Sanic cannot read, on which its own pages fail."""

    def default(self, request: Request, exception: Exception) -> HTTPResponse:
        try:
            return super().default(request, exception)
        except InvalidHeader:
            return text("Bad request", 400)


app = Sanic("behaviour", error_handler=CarefulErrorHandler())
app.config.FALLBACK_ERROR_FORMAT = "json"


@app.route("/plain", methods=["GET", "POST"])
async def plain(_request: Request) -> HTTPResponse:
    return json({"plain": True})


@app.get("/drip")
async def drip(request: Request) -> None:
    response: Any = await request.respond(content_type="text/plain")
    for drop in things.DROPS:
        await response.send(drop)
    await response.eof()


if not things.plain_only():
    things.set_up()
    nitro.install(app)


def signature(value: str) -> str:
    return hmac.new(b"not a secret", value.encode(), hashlib.sha256).hexdigest()


# Sanic has no sessions of its own: a signed cookie, read and written by middleware
@app.on_request
def open_session(request: Request) -> None:
    value, _, signed = (request.cookies.get("session") or "").partition(".")
    known = hmac.compare_digest(signed.encode(), signature(value).encode())
    request.ctx.session = json_text.loads(base64.urlsafe_b64decode(value)) if known else {}


@app.on_response  # type: ignore[untyped-decorator]
def save_session(request: Request, response: Any) -> None:
    session = getattr(request.ctx, "session", {})
    if session:
        value = base64.urlsafe_b64encode(json_text.dumps(session).encode()).decode()
        response.add_cookie(
            "session", f"{value}.{signature(value)}", secure=False, httponly=True, samesite="Lax"
        )
    elif "session" in request.cookies:
        response.delete_cookie("session")


@app.get("/")
def front(_request: Request) -> Page:
    return things.front()


@app.get("/new")
def new(_request: Request) -> Page:
    return things.new()


@app.get("/one/<id>")
async def one(_request: Request, id: str) -> Parcel:
    return await Parcel.aget(id)


@app.get("/markup")
def markup(_request: Request) -> Element:
    return things.markup()


@app.get("/made")
async def made(request: Request) -> None:
    parcel: Any = things.made()  # Sanic's own annotation knows its responses only
    await request.respond(parcel, status=201)


@app.post("/add")
def add(request: Request) -> Patch:
    signals = read_signals(request)
    return patch_signals({"total": signals.a + signals.b})


@app.post("/count")
def count(_request: Request) -> HTTPResponse:
    return json({"count": things.count()})


@app.post("/acount")
async def acount(_request: Request) -> HTTPResponse:
    return json({"count": things.count()})


@app.post("/fail")
def fail(_request: Request) -> None:
    things.count()
    raise RuntimeError(things.SECRET)


@app.post("/refuse")
def refuse(_request: Request) -> None:
    things.count()
    raise SanicException("Not now", 409)


@app.post("/invalid")
def invalid(_request: Request) -> Parcel:
    return Parcel(name="")


@app.post("/stale")
def stale(_request: Request) -> HTTPResponse:
    things.change_twice()
    return json({})


async def count_later() -> None:
    things.count_later()


@app.post("/later")
async def later(request: Request) -> HTTPResponse:
    request.app.add_task(count_later())
    return json({"later": True})


@app.post("/login")
def login(request: Request) -> HTTPResponse:
    is_json = request.headers.get("content-type") == "application/json"
    sent: Any = request.json if is_json else request.form
    user = sent.get("user")
    if user not in things.NAMES:
        raise Unauthorized("Nobody of this name")
    request.ctx.session["user"] = user
    return json({"user": user})


@app.post("/logout")
def logout(request: Request) -> HTTPResponse:
    request.ctx.session.clear()
    return json({"user": None})


@app.get("/whoami")
async def whoami(_request: Request) -> HTTPResponse:
    asked = current_request.get()
    return json({"user": None if asked is None else (await asked.identify()).id})


@app.get("/patches")
def patches(request: Request) -> list[Patch]:
    return things.patches(read_signals(request))
