"""The atlas' own list page."""

import sqlite3
import sys
from typing import Any

from fastapi import FastAPI
from measure import serve
from sqlmodel import Field

import nitro
from nitro import Page, SQLEntity, Table, action
from nitro_entities.conditions import Order
from nitro_entities.slices import Cursor, encode, full_order


class City(SQLEntity, table=True):
    """The city of examples/atlas."""

    name: str = Field(min_length=1, max_length=80, index=True)
    country: str
    region: str = ""
    population: int = 0
    latitude: float
    longitude: float
    timezone: str = "UTC"

    @action
    def grow(self, people: int) -> None:
        """Let more people move in."""
        self.population += people


sent = 0
connect = sqlite3.dbapi2.connect


def counting(*given: Any, **named: Any) -> sqlite3.Connection:
    """Open a connection that counts what it is asked."""

    def count(_statement: str) -> None:
        global sent
        sent += 1

    connection = connect(*given, **named)
    connection.set_trace_callback(count)
    return connection


def statements() -> int:
    """Return how much SQLite was asked so far."""
    return sent


sqlite3.connect = sqlite3.dbapi2.connect = counting
nitro.configure(database_url=f"sqlite:///{sys.argv[1]}")
app = FastAPI()
nitro.install(app)
COLUMNS = ["id", "name", "country", "region", "population", "latitude", "longitude", "timezone"]
cities = Table.from_entity(City).columns(*COLUMNS).with_actions(["edit", "delete", City.grow])
cities = cities.with_search("name").reactive()


@app.get("/")
async def index() -> Page:
    """Return the page that is measured."""
    return Page(cities, title="Cities of the world")


def last_page() -> str:
    """Return where the last page in the order of names is."""
    last = City.where().order_by("-name", "-id").first()
    assert last is not None
    cursor = Cursor((last.name, last.id), inclusive=True)
    return "/?sort=name&before=" + encode(full_order([Order("name")]), cursor)


serve(app, last_page() if sys.argv[2:] == ["last"] else "/", statements)
