"""Entities with stored files, for tests in the browser."""

from typing import Annotated
from uuid import uuid4

from fastapi import FastAPI
from pydantic import Field

import nitro
from nitro import Detail, Entity, FileRules, Form, ImageFile, Page, StoredFile, Table

nitro.configure(files="files")


class Exhibit(Entity):
    id: str = Field(default_factory=lambda: uuid4().hex)
    name: str = Field(min_length=2)
    photo: ImageFile | None = None
    papers: Annotated[list[StoredFile], FileRules(size=3_000_000)] = []


app = FastAPI()
nitro.install(app)


@app.get("/")
def everything() -> Page:
    return Page(Table.from_entity(Exhibit).with_actions(["edit"]), title="Exhibits")


@app.get("/new")
def add() -> Page:
    return Page(Form.from_entity(Exhibit), title="New")


@app.get("/show/{id}")
def show(id: str) -> Page:
    return Page(Detail.from_entity(Exhibit.get(id)), title="One")


@app.get("/edit/{id}")
def edit(id: str) -> Page:
    return Page(Form.from_entity(Exhibit.get(id)), title="Edit")


@app.get("/stored/{name}")
def stored(name: str) -> list[dict[str, object]]:
    found = list(Exhibit.where(Exhibit.name == name))
    return [
        {
            "id": one.id,
            "photo": one.photo and [one.photo.name, one.photo.read().hex()],
            "papers": [[paper.name, paper.size] for paper in one.papers],
        }
        for one in found
    ]
