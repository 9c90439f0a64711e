"""Harbours in English, German, French and Arabic, for readers in any zone."""

from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI
from pydantic import AwareDatetime, Field

import nitro
from nitro import Card, Form, Page, SQLEntity, Table, action, ui


class Kind(Enum):
    OPEN = "open"
    CLOSED = "closed"


class Harbour(SQLEntity, table=True):
    name: str = Field(min_length=1, max_length=40)
    ships: Annotated[int, Field(ge=0, description="In a year")] = 0
    dues: Annotated[float, ui(currency="EUR")] = 0
    founded: AwareDatetime | None = None
    kind: Kind = Kind.OPEN

    @action
    def dredge(self, depth: Annotated[int, Field(gt=0)]) -> None:
        self.ships += depth


app = FastAPI()
nitro.install(app)
nitro.configure(
    languages=["en", "de", "fr", "ar"],
    zone="browser",
    translations=Path(__file__).with_name("languages"),
    policy=lambda caller, operation, target: True,
)

if Harbour.first() is None:
    seen = datetime(2026, 11, 21, 18, 5, tzinfo=UTC)
    Harbour.create(id="h1", name="Hamburg", ships=12345, dues=1234.5, founded=seen)
    Harbour.create(id="h2", name="Marseille", ships=980, dues=10, kind=Kind.CLOSED)
    for number in range(30):
        Harbour.create(name=f"Quay {number:02}", ships=number * 777)


@app.get("/")
def index() -> Page:
    table = Table.from_entity(Harbour).with_actions(["create", "edit", "delete", Harbour.dredge])
    table = table.with_search().with_filters().with_bulk(["delete"]).sorted_by("name")
    return Page(table, title="Harbours")


@app.get("/one")
def one() -> Page:
    harbour = Harbour.get("h1")
    return Page(Card.from_entity(harbour).reactive(), Form.from_entity(harbour), title="Hamburg")


@app.get("/deutsch")
def deutsch() -> Page:
    """For readers of every language in German."""
    table = Table.from_entity(Harbour).with_actions(["edit", "delete", Harbour.dredge])
    return Page(table.sorted_by("name"), title="Häfen", lang="de")
