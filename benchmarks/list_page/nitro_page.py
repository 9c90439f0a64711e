"""The atlas' own list page."""

import sys

from fastapi import FastAPI
from measure import serve
from sqlmodel import Field

import nitro
from nitro import Page, SQLEntity, Table, action


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


def statements() -> int:
    """Count what SQLite was asked so far."""
    from nitro_entities.stores.sql import sqlite

    return sqlite.statements_sent()


serve(app, "/", statements)
