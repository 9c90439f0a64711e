"""What the server keeps for people: files, drafts, imports, undo, views; to be attacked."""

from typing import Annotated, Any

from fastapi import FastAPI, Request
from sqlmodel import Field

import nitro
from nitro import (
    Caller,
    Command,
    Entity,
    Event,
    FileRules,
    Form,
    ImageFile,
    Page,
    SQLEntity,
    Step,
    StoredFile,
    Table,
    action,
    command,
    expose,
    ui,
)

DENIED: set[str] = set()
"""What the policy refuses: "read", or "read:ben"."""


class Pier(SQLEntity):
    name: str
    open: bool = True


class Scroll(Entity):
    title: str = "untitled"
    picture: ImageFile | None = None
    papers: Annotated[list[StoredFile], FileRules(size=300_000)] = []

    @action
    def file(self, paper: StoredFile) -> str:
        self.papers = [*self.papers, paper]
        return paper.read().decode()

    @action
    def look(self, papers: dict[str, StoredFile]) -> list[str]:
        return [paper.read().decode() for paper in papers.values()]


class ReadScroll(Command):
    paper: StoredFile


@command(path="/read-scroll")
def read_scroll(asked: ReadScroll) -> str:
    return asked.paper.read().decode()


class ScrollRead(Event):
    paper: StoredFile


expose(ScrollRead)


class Voyage(SQLEntity):
    name: str = Field(min_length=2)
    pier_id: Annotated[str | None, ui(relation=Pier)] = None
    kind: str = "person"
    vat: Annotated[str, ui(show_if={"kind": "company"})] = ""
    note: str = ""
    price: int = 100


class Barrel(SQLEntity):
    name: str = Field(min_length=1)
    note: str = ""
    price: Annotated[int, ui(editable=False)] = 100


def who(request: Request) -> Caller | None:
    """Tell who asks; the name is that of the tenant."""
    user = request.headers.get("x-user")
    return None if user is None else Caller(user, request.headers.get("x-tenant"))


class Policy:
    def __call__(self, caller: Caller, operation: str, target: object) -> bool:
        return not DENIED & {operation, f"{operation}:{caller.id}"}

    def tenant(self, caller: Caller) -> str | None:
        return caller.name


app = FastAPI()
nitro.install(app)
nitro.configure(user=who, policy=Policy())


@app.post("/deny")
async def deny(request: Request) -> None:
    DENIED.clear()
    DENIED.update(await request.json())


@app.post("/piers-made")
def make_piers() -> dict[str, str]:
    return {"open": Pier.create(name="A").id, "closed": Pier.create(name="B", open=False).id}


@app.get("/voyage")
def voyage() -> Page:
    form = (
        Form.from_entity(Voyage)
        .options("pier_id", Pier.where(open=True))
        .steps(Step("Who", "name", "pier_id"), Step("Kind", "kind", "vat"), Step("What", "note"))
    )
    return Page(form.on_saved("/voyage"), title="Voyage")


@app.get("/barrel-table")
def barrels() -> Page:
    table = Table.from_entity(Barrel).columns("name", "note").with_search("name")
    table = table.with_actions(["edit", "delete"]).with_saved_views().with_export("csv")
    return Page(table.with_import("name", "note", key="name"), title="Barrels")


@app.get("/barrel-many")
def many_barrels() -> Page:
    table = Table.from_entity(Barrel).named("plain").with_import("name", "note")
    return Page(table, title="All new")


@app.get("/stored")
def stored() -> dict[str, Any]:
    return {
        "voyages": [one.model_dump(mode="json") for one in Voyage.all()],
        "barrels": [one.model_dump(mode="json") for one in Barrel.all()],
        "scrolls": [one.model_dump(mode="json") for one in Scroll.all()],
    }
