"""The cities of the atlas in a table with all that a view of it can be told."""

from pathlib import Path

from fastapi import FastAPI
from pydantic import PositiveInt
from sqlmodel import Field

import nitro
from nitro import Column, Page, SQLEntity, Table, action
from nitro_templates.sources import Asked, Rows
from nitro_templates.table.columns import bind
from nitro_templates.table.definition import Definition
from nitro_templates.with_entities import EntitySource


class City(SQLEntity, table=True):
    name: str = Field(min_length=1, max_length=80, index=True)
    country: str = Field(regex="^[A-Z]{2}$", description="Two capital letters, such as FR")
    region: str = Field("", max_length=20)
    population: int = Field(0, ge=0)
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    timezone: str = Field("UTC", max_length=40)

    @action
    def grow(self, people: PositiveInt) -> None:
        """Let more people move in."""
        self.population += people


app = FastAPI()
nitro.install(app)
cities = (
    Table.from_entity(City)
    .columns(
        "name",
        "country",
        "population",
        Column("latitude", hidden=True),
        Column("north", lambda city: "north" if city.latitude > 0 else "south"),
        "timezone",
    )
    .with_actions(["create", "edit", "delete"])
    .with_search()
    .with_filters("name", "country", "population", "latitude", "timezone")
    .with_column_choice()
    .row_class(lambda city: "big" if city.population > 1_000_000 else None)
)
DOWN = Path("down")


@app.get("/")
def index() -> Page:
    return Page(cities, title="Cities of the world")


@app.get("/few")
def few() -> Page:
    table = Table.from_entity(City.where(country="LI")).named("few").when_empty("Nobody here.")
    table = table.with_filters().with_search().with_actions(["edit"])
    return Page(table, title="Liechtenstein")


@app.get("/clock")
def clock() -> Page:
    ticks = Column("tick", lambda _: len(list(Path("ticks").iterdir())))
    table = Table.from_entity(City.where(country="LI")).columns("name", ticks)
    Path("ticks").mkdir(exist_ok=True)
    return Page(table.reactive(every="1s"), title="Clock")


class Fragile(EntitySource):
    """Cannot be read while there is a file called "down"."""

    def slice(self, asked: Asked, *, size: int, after: str | None, before: str | None) -> Rows:
        """Read one page, or fail."""
        if DOWN.exists():
            msg = "the store is down"
            raise ConnectionError(msg)
        return super().slice(asked, size=size, after=after, before=before)


@app.get("/down")
def down() -> Page:
    source = Fragile(City, City.where(country="LI"))
    table = Table()
    table._definition = Definition(source, bind(None, source.fields), name="down")
    return Page(table.with_search(), title="A store that fails")
