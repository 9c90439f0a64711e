"""A stable of horses for the tests of saved views, files that are imported, and undo."""

from datetime import date

from fastapi import FastAPI, Request
from pydantic import Field

import nitro
from nitro import Caller, Page, SQLEntity, Table, action
from nitro_entities import Unique, UnitOfWork


class Horse(SQLEntity, table=True):
    name: Unique[str] = Field(min_length=2)
    age: int = Field(default=3, ge=0, le=40)
    tall: bool = False
    born: date | None = None

    @action
    def feed(self) -> None:
        self.age += 1


def who(request: Request | None) -> Caller | None:
    name = request.cookies.get("who") if request is not None else None
    return Caller(name, name.capitalize(), host="127.0.0.1") if name else None


app = FastAPI()
nitro.install(app)
nitro.configure(user=who, policy=lambda caller, operation, target: True)

if Horse.first() is None:
    with UnitOfWork():
        for number in range(60):
            Horse.create(id=f"h{number:02}", name=f"Horse {number:02}", age=number % 20)


@app.get("/")
def index() -> Page:
    return Page(
        Table.from_entity(Horse)
        .columns("name", "age", "tall", "born")
        .with_search("name")
        .with_filters("age", "tall")
        .with_column_choice()
        .with_actions(["create", "edit", "delete"])
        .with_bulk(["delete", Horse.feed])
        .with_saved_views()
        .with_import(key="name")
        .editable("age"),
        title="Horses",
    )
