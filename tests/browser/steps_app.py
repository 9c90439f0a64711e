"""Forms in steps, and saves that take their time, for tests in the browser."""

import time
from pathlib import Path
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import FastAPI
from pydantic import Field

import nitro
from nitro import Entity, Form, Page, Step, StoredFile, Table, action, call, ui
from nitro_templates import Button, P

nitro.configure(files="files")


class Voyage(Entity):
    id: str = Field(default_factory=lambda: uuid4().hex)
    name: str = Field(min_length=2)
    email: str = ""
    kind: Literal["ship", "train"] = "ship"
    papers: list[StoredFile] = []
    notes: Annotated[str, ui(rows=3)] = ""


class Slow(Entity):
    name: str = Field(min_length=2)
    count: int = 0

    @action
    def grow(self) -> None:
        """Take as long as the file says."""
        wait()
        self.count += 1
        self.save()


def wait() -> None:
    while Path("slow").exists():
        time.sleep(0.02)


app = FastAPI()
nitro.install(app)


@app.middleware("http")
async def slowly(request, call_next):  # type: ignore[no-untyped-def]
    """Keep saves from being quick."""
    import asyncio

    while request.method == "POST" and "/slows" in request.url.path and Path("slow").exists():
        await asyncio.sleep(0.02)
    return await call_next(request)


def steps() -> Form:
    form = Form.from_entity(Voyage).steps(
        Step("Who", "name", "email"),
        Step("What", "kind", "papers", help="Papers may come later"),
        Step("Notes", "notes"),
    )
    return form.on_saved("/voyages")


@app.get("/book")
def book() -> Page:
    return Page(steps(), title="Book a voyage")


@app.get("/voyages")
def voyages() -> Page:
    return Page(Table.from_entity(Voyage), title="Voyages")


@app.get("/slow/{id}")
def slow(id: str) -> Page:
    thing = Slow.upsert(id=id, name="Snail")
    return Page(
        Form.from_entity(thing).only("name"),
        Button("Grow", on_click=call(thing.grow)),
        P(str(thing.count), id="count"),
        title="Slow",
    )


@app.get("/count/{id}")
def count(id: str) -> int:
    return Slow.get(id).count
