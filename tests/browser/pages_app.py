"""A small application with every kind of page: frame, cards, detail, errors, toasts, Jinja2."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import jinja2
from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import Field

import nitro
from nitro import (
    Card,
    Cards,
    Detail,
    Entity,
    Failure,
    Form,
    Frame,
    Page,
    Patch,
    Table,
    action,
    call,
    error_page,
    go_to,
    social,
    toast,
)
from nitro_events.http.problems import Forbidden
from nitro_templates import H1, Button, Div, P
from nitro_templates.jinja import JinjaPage
from nitro_templates.toasts import Kind

POLICY = (
    "script-src 'nonce-{}' 'unsafe-eval'; style-src 'self'; object-src 'none'; base-uri 'none'"
)


class Town(Entity):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    people: Annotated[int, Field(ge=0)] = 0
    motto: str = ""

    @action
    def grow(self, people: int = 10) -> None:
        """Let more people move in."""
        self.people += people

    @action
    def greet(self, kind: Kind = "success") -> Patch:
        return toast(f"Hello from {self.name}", kind=kind)

    @action
    def leave(self) -> Patch:
        return go_to("/towns", message=f"You left {self.name}", kind="info")


class Street(Entity):
    name: str
    town_id: str


app = FastAPI()
nitro.install(app)
frame = Frame(
    "Atlas",
    [("Start", "/"), ("Towns", "/towns"), ("Cards", "/cards"), ("Template", "/template")],
    beside=P("Signed in as Ann"),
    footer="Made with Nitro",
)
nitro.configure(
    policy=lambda caller, operation, target: True,
    layout=frame,
    nonce=lambda request: request.state.nonce,
)
for number in range(1, 6):
    Town(id=f"t{number}", name=f"Town {number}", people=number * 1000).save()
    for name in ("High Street", "Low Street"):
        Street(name=f"{name} {number}", town_id=f"t{number}").save()
Town(id="evil", name="<img src=x onerror=alert(1)>\"'", motto="{{7*7}}</script>").save()

templates = jinja2.Environment(
    autoescape=True,
    extensions=["nitro_templates.jinja.NitroExtension"],
    loader=jinja2.DictLoader(
        {
            "base.html": (
                "<!doctype html><html {{ nitro.html }}><head><meta charset=utf-8>"
                '<meta name=viewport content="width=device-width, initial-scale=1">'
                "<title>{{ nitro.title }}</title>{{ nitro.head }}</head><body>{{ nitro.start }}"
                '<header class="nitro-header"><div><a class="nitro-brand" href="/">Atlas</a>'
                '{{ nitro.navigation(("Towns", "/towns"), ("Template", "/template")) }}</div>'
                '</header><main id="nitro-main" tabindex="-1"><h1>{{ nitro.title }}</h1>'
                "{% block content %}{% endblock %}</main>{{ nitro.end }}</body></html>"
            ),
            "towns.html": (
                '{% extends "base.html" %}{% block content %}<p id="said">{{ said }}</p>'
                "{{ towns }}{% endblock %}"
            ),
        }
    ),
)


@app.middleware("http")
async def strict(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    request.state.nonce = nonce = "n" + str(id(request))
    response = await call_next(request)
    if request.url.path != "/docs":
        response.headers["content-security-policy"] = POLICY.format(nonce)
    return response


@error_page(403)
def forbidden(failure: Failure) -> Page:
    return Page(P("Ask the mayor for a key."), title="Members only")


def towns_table() -> Table:
    return (
        Table.from_entity(Town).with_actions(["create", "edit", "delete", Town.grow]).with_search()
    )


@app.get("/")
def start() -> Page:
    buttons = [
        Button(kind, on_click=call(Town.get("t1").greet, kind=kind))
        for kind in ("success", "info", "warning", "error")
    ]
    leave = Button("Leave", on_click=call(Town.get("t1").leave))
    return Page(
        P("A few towns to look at."),
        Div(buttons, leave, cls="nitro-buttons"),
        title="Start",
        description="A few towns",
        head=[social("Atlas", "A few towns")],
    )


@app.get("/towns")
def towns() -> Page:
    return Page(towns_table(), title="Towns")


@app.get("/hello")
def hello() -> Page:
    return Page(P("Hi."), title="Hello").toasting("Welcome back", kind="info")


@app.get("/cards")
def cards() -> Page:
    shown = [
        Card.from_entity(town).columns("people", "motto").with_actions(["edit", "delete"])
        for town in Town.where().order_by("name").list()
    ]
    return Page([card.reactive() for card in shown], title="Cards")


@app.get("/grid")
def grid() -> Page:
    return Page(
        Cards.from_entity(Town)
        .columns("people", "motto")
        .with_actions(["edit", "delete", Town.grow])
        .sorted_by("name")
        .pages(4),
        title="Many cards",
    )


@app.get("/towns/{id}/show")
def show(id: str) -> Page:
    town = Town.get(id)
    streets = Table.from_entity(Street.where(town_id=id)).columns("name")
    detail = (
        Detail.from_entity(town)
        .with_actions(["edit", "delete", Town.grow])
        .related("Streets", streets)
    )
    return Page(detail, title=town.name)


@app.get("/add")
def add() -> Page:
    return Page(Form.from_entity(Town).on_saved(redirect="/towns"), title="New town")


@app.get("/template")
def template() -> Page:
    said = "<b>not bold</b>"
    made = templates.get_template("towns.html")
    return JinjaPage(made, title="From a template", said=said, towns=towns_table())


@app.get("/bare")
def bare() -> Page:
    return Page(H1("Nothing around"), title="Bare").within(None)


@app.get("/dark")
def dark() -> Page:
    return Page(towns_table(), title="Dark", theme="dark")


@app.get("/secret")
def secret() -> Page:
    raise Forbidden


@app.get("/broken")
def broken() -> Page:
    raise RuntimeError("the password is 1234")
