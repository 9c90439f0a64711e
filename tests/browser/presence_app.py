"""An application that shows who else is there."""

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

import nitro
from nitro import Caller, Form, Page, Presence, SQLEntity, Table


class Boat(SQLEntity):
    name: str
    home_port: str = ""


def who(request: Request) -> Caller | None:
    """Tell who has this browser: the login is a cookie."""
    name = request.cookies.get("name")
    return Caller(name, name.title()) if name else None


def may(caller: Caller, operation: str, target: object) -> bool:
    """Let everybody do everything, but nobody see Mallory."""
    return operation != "presence" or getattr(target, "id", None) != "mallory"


app = FastAPI()
nitro.configure(policy=may, user=who, presence=True)
nitro.install(app)


@app.get("/boats")
def boats() -> Page:
    table = Table.from_entity(Boat).with_search().with_actions(["edit"])
    return Page(Presence(), table, title="Boats")


@app.get("/boats/{id}/form")
def form(id: str) -> Page:
    boat = Boat.get(id)
    return Page(Presence(boat, editing=True), Form.from_entity(boat), title=boat.name)


@app.get("/boat")
def boat(name: str) -> str:
    return Boat(name=name).save().id


@app.get("/login/{name}")
def login(name: str, to: str) -> Response:
    response = RedirectResponse(to)
    response.set_cookie("name", name)
    return response
