"""The atlas on FastAPI: what one browser saves, all the others show."""

from cities import list_of_cities, load, new_city
from fastapi import FastAPI

import nitro
from nitro import Page

load()
app = FastAPI()
nitro.install(app)


@app.get("/")
def index() -> Page:
    return list_of_cities()


@app.get("/new")
def new() -> Page:
    return new_city()
