"""An application whose pages are opened in many tabs, and which counts the streams it serves."""

import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from itertools import count
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

import nitro
from nitro import Caller, Entity, Page, Table, emit_elements
from nitro_events.state import state
from nitro_templates import Component, Li, Ol, P, Safe
from nitro_templates.context import RenderContext
from nitro_templates.html import Element

Scope = MutableMapping[str, Any]


class Raindrop(Entity):
    name: str


def who(request: Request) -> Caller | None:
    """Tell who has this browser: the login is a cookie."""
    name = request.cookies.get("name")
    return Caller(name, name.title()) if name else Caller(host="testclient")


class Count:
    key = "count"
    topics = frozenset({"Raindrop"})

    def render(self) -> str:
        return f'<p id="count">{Raindrop.count()} drops</p>'


class LiveCount(Component):
    def build(self, context: RenderContext) -> Element:
        return Li(Safe(Count().render()))

    def views(self, context: RenderContext) -> list[Count]:
        return [Count()]


inner = FastAPI()
nitro.configure(policy=lambda caller, operation, target: True, user=who)
nitro.install(inner)
numbers = count()


@inner.get("/feed/{name}")
def feed(name: str) -> Page:
    return Page(Ol(id="feed"), LiveCount(), title=name, topics=["feed"])


@inner.get("/drops")
def drops() -> Page:
    return Page(Table.from_entity(Raindrop).with_search().with_actions(["edit"]), title="Drops")


@inner.get("/own", response_model=None)
def own(request: Request) -> Response | Page:
    caller = who(request)
    if caller is None or caller.id is None:
        return Response("Not yours", status_code=403)
    return Page(P("Nothing yet", id="news"), title=caller.id, topics=[f"inbox:{caller.id}"])


@inner.get("/login/{name}")
def login(name: str) -> Response:
    response = RedirectResponse("/own")
    response.set_cookie("name", name)
    return response


@inner.get("/logout")
def logout(request: Request) -> Response:
    response = Response("Gone")
    response.delete_cookie("name")
    state.hub.close_streams(request.cookies.get("name", ""))
    return response


@inner.get("/tell/{name}/{text}")
def tell(name: str, text: str) -> str:
    emit_elements(P(text, id="news"), topic=f"inbox:{name}")
    return "told"


@inner.get("/drop")
def drop(name: str = "Drop") -> str:
    return Raindrop(name=name).save().id


@inner.get("/rain")
def rain(drops: int, pause: float = 0.004) -> int:
    """Send so many numbers to every feed, and answer the first."""
    first = next(numbers)

    def fall() -> None:
        number = first
        for _ in range(drops):
            emit_elements(Li(str(number)), topic="feed", selector="#feed", mode="append")
            number = next(numbers)
            time.sleep(pause)

    threading.Thread(target=fall).start()
    return first


counted = {"open": 0, "streams": 0, "tabs": 0}


@inner.get("/counted")
def tell_counted() -> dict[str, int]:
    return {**counted, "followed": state.hub.stats()["streams"]}


async def app(scope: Scope, receive: Callable[[], Awaitable[Scope]], send: Any) -> None:
    """Count what is open: event streams, and how many there ever were."""
    is_stream = False

    async def noted(message: Scope) -> None:
        nonlocal is_stream
        headers = dict(message.get("headers", ()))
        if headers.get(b"content-type", b"").startswith(b"text/event-stream") and not is_stream:
            is_stream = True
            counted["open"] += 1
            counted["streams"] += 1
        await send(message)

    counted["tabs"] += scope["type"] == "http" and scope["path"] == "/_nitro/tabs"
    try:
        await inner(scope, receive, noted)
    finally:
        counted["open"] -= is_stream
