"""The atlas on Litestar."""

from cities import list_of_cities, load, new_city
from litestar import Litestar, get

from nitro import Page
from nitro_litestar import NitroPlugin

load()


@get("/", sync_to_thread=True)
def index() -> Page:
    return list_of_cities()


@get("/new", sync_to_thread=True)
def new() -> Page:
    return new_city()


app = Litestar([index, new], plugins=[NitroPlugin()])
