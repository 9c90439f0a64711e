"""Forms with a file to choose, for tests in the browser."""

from typing import Annotated
from uuid import uuid4

from fastapi import FastAPI
from pydantic import Field

import nitro
from nitro import Entity, Form, Page, Table, action, ui


class Person(Entity):
    id: str = Field(default_factory=lambda: uuid4().hex)
    name: str = Field(min_length=2)
    photo: Annotated[
        bytes | None, ui(widget="file", accept="image/png"), Field(max_length=9000)
    ] = None

    @action
    def scan(self, sheet: bytes) -> str:
        return f"{len(sheet)} read"


app = FastAPI()
nitro.install(app)
if Person.first() is None:
    for number in range(1, 20):
        Person.create(id=str(number), name="Ann", photo=bytes(2000))


@app.get("/")
def everybody() -> Page:
    return Page(Table.from_entity(Person), title="People")


@app.get("/new")
def add() -> Page:
    return Page(Form.from_entity(Person), title="New")


@app.get("/{id}")
def show(id: str) -> Page:
    return Page(Form.from_entity(Person.get(id)), title=f"Person {id}")


@app.get("/stored/{name}")
def stored(name: str) -> list[str]:
    return [(one.photo or b"").hex() for one in Person.where(Person.name == name)]
