"""The atlas on Starlette."""

from cities import list_of_cities, load, new_city
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

import nitro
from nitro import Page

load()


def index(request: Request) -> Page:
    return list_of_cities()


def new(request: Request) -> Page:
    return new_city()


app = Starlette(routes=[Route("/", index), Route("/new", new)])
nitro.install(app)
