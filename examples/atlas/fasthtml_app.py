"""The atlas on FastHTML."""

# mypy: disable-error-code="import-untyped, untyped-decorator"

from typing import Any

from cities import list_of_cities, load, new_city
from fasthtml.common import FastHTML

import nitro
from nitro import Page

load()
app: Any = FastHTML()
nitro.install(app)


@app.get("/")
def index() -> Page:
    return list_of_cities()


@app.get("/new")
def new() -> Page:
    return new_city()
