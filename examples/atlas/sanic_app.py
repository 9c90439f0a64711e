"""The atlas on Sanic."""

from cities import list_of_cities, load, new_city
from sanic import Request, Sanic

import nitro
from nitro import Page

load()
app = Sanic("atlas")
nitro.install(app)


@app.get("/")
def index(_request: Request) -> Page:
    return list_of_cities()


@app.get("/new")
def new(_request: Request) -> Page:
    return new_city()
