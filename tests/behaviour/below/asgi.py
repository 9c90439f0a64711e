"""One application for each framework, each below a path of its own, under an ASGI server.

``whole``: the path holds the root path, as the specification says, or the framework itself mounts
the application. ``cut``: it does not hold it, as older servers and proxies have it.
"""

import copy
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import include, path, reverse
from fastapi import FastAPI
from fasthtml.common import FastHTML  # type: ignore[import-untyped, unused-ignore]
from litestar import Litestar, get
from litestar import Request as LitestarRequest
from sanic import Sanic
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

import nitro
from behaviour.below import towns
from nitro_litestar import NitroPlugin
from nitro_templates import Page


def link(request: Request) -> PlainTextResponse:
    """A link made by the framework."""
    return PlainTextResponse(str(request.url_for("nitro:towns.grow", id="7")))


def fastapi(**options: Any) -> FastAPI:
    made = nitro.install(FastAPI(**options))
    made.get("/", response_model=None)(lambda: towns.listed())
    made.get("/add", response_model=None)(lambda: towns.added())
    made.get("/link", response_model=None)(link)
    return made


def starlette() -> Starlette:
    pages: list[Any] = [lambda _: towns.listed(), lambda _: towns.added()]
    routes = [Route("/", pages[0]), Route("/add", pages[1]), Route("/link", link)]
    return nitro.install(Starlette(routes=routes))


def fasthtml() -> Any:
    made: Any = FastHTML()
    nitro.install(made)
    made.get("/")(lambda: towns.listed())
    made.get("/add")(lambda: towns.added())
    made.get("/link")(link)
    return made


def litestar() -> Litestar:
    @get("/", sync_to_thread=False)
    def listed() -> Page:
        return towns.listed()

    @get("/add", sync_to_thread=False)
    def added() -> Page:
        return towns.added()

    @get("/link", sync_to_thread=False, media_type="text/plain")
    def link(request: LitestarRequest[Any, Any, Any]) -> str:
        return request.url_for("nitro:towns.grow", id="7")

    return Litestar([listed, added, link], plugins=[NitroPlugin()])


def sanic() -> Any:
    made: Any = Sanic("below")
    nitro.install(made)
    made.get("/", name="listed")(lambda _: towns.listed())
    made.get("/add", name="added")(lambda _: towns.added())
    return made


settings.configure(
    SECRET_KEY="not a secret",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["nitro_django"],
    MIDDLEWARE=["nitro_django.middleware.NitroMiddleware"],
)
django.setup()
views: list[Any] = [lambda _: towns.listed(), lambda _: towns.added()]
urlpatterns = [
    path("", views[0]),
    path("add", views[1]),
    path("link", lambda _: HttpResponse(reverse("nitro:towns.grow", kwargs={"id": "7"}))),
    path("", include("nitro_django.urls")),
]

top = fastapi()
asgi_of_sanic = sanic()
whole: dict[str, Any] = {
    "/fastapi": top,
    "/a/b/fastapi": top,
    "/straße": top,
    "/fasthtml": fasthtml(),
    "/litestar": litestar(),
    "/django": get_asgi_application(),
    "/mount": Starlette(routes=[Mount("/mount/starlette", app=starlette())]),
    "/both": Starlette(routes=[Mount("/inner", app=starlette())]),
}
cut: dict[str, Any] = {
    "/cut/fastapi": top,
    "/cut/litestar": whole["/litestar"],
    "/cut/sanic": asgi_of_sanic,
    "/cut/said": fastapi(root_path="/cut/said"),
}


async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Hand a request to who is at the beginning of its path."""
    if scope["type"] == "lifespan":
        await asgi_of_sanic(scope, receive, send)
        return
    asked = scope["path"]
    scope = copy.copy(scope)
    for root, inner in (*cut.items(), *whole.items()):
        if asked.startswith(f"{root}/"):
            if root in cut:
                scope["path"] = asked.removeprefix(root)
                scope["raw_path"] = quote(scope["path"]).encode()
            if root not in ("/mount", "/cut/said"):
                scope["root_path"] = root
            await inner(scope, receive, send)
            return
    await top(scope, receive, send)
