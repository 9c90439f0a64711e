"""A live table of twenty counters, one of which is counted up by a button."""

from fastapi import FastAPI

import nitro
from nitro import Page, SQLEntity, Table, action, call
from nitro_templates import Button


class Counter(SQLEntity, table=True):
    name: str
    number: int = 0

    @action
    def add(self) -> None:
        self.number += 1


app = FastAPI()
nitro.install(app)
if Counter.first() is None:
    for turn in range(20):
        Counter(id=f"{turn:02}", name=f"Counter {turn}").save()


@app.get("/")
def index() -> Page:
    counter = Counter.get("00")
    table = Table.from_entity(Counter).columns("name", nitro.Column("number", label="Count"))
    return Page(Button("Add", on_click=call(counter.add)), table, title="Counters")
