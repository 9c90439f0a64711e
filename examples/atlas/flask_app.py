"""The atlas on Flask."""

from typing import Any

from cities import list_of_cities, load, new_city
from flask import Flask

from nitro_flask import Nitro

load()
app = Flask(__name__)
Nitro(app)


# `Any`: a page, which is not in Flask's list of what a view may return
@app.get("/")
def index() -> Any:
    return list_of_cities()


@app.get("/new")
def new() -> Any:
    return new_city()
