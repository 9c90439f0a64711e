"""Forms with everything: layout, fields that apply at times, unique and cross-field errors."""

import asyncio
import os
from enum import Enum
from typing import Annotated

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlmodel import Field as Column
from starlette.middleware.base import RequestResponseEndpoint

import nitro
from nitro import Form, Page, SQLEntity, Table, action, ui
from nitro_templates import FormSection, P, Row, Tab, Tabs


class Kind(Enum):
    person = "person"
    company = "company"


class Customer(SQLEntity, table=True):
    name: str = Field(min_length=2, description="As on the contract")
    email: str = Column(unique=True)
    kind: Kind = Kind.person
    vat: Annotated[str, ui(label="VAT number", show_if={"kind": Kind.company})] = ""
    since: int = 2000
    until: int = 2030
    street: str = ""
    city: str = ""
    notes: Annotated[str, ui(widget="textarea")] = ""
    credit: int = Field(default=0, ge=0, le=1000)
    visits: Annotated[int, ui(hidden_in="form")] = 0

    @model_validator(mode="after")
    def _in_order(self) -> "Customer":
        if self.until < self.since:
            raise PydanticCustomError("order", "This is before the start", {"field": "until"})
        if self.kind is Kind.company and not self.vat:
            raise PydanticCustomError("vat", "A company has one", {"field": "vat"})
        return self

    @action
    def visit(
        self, times: int = 1, why: Annotated[str, ui(show_if={"times": 2})] = "no reason"
    ) -> None:
        self.visits += times
        self.notes = why
        self.save()


app = FastAPI()
nitro.install(app)
if Customer.first() is None:
    Customer.create(id="ann", name="Ann", email="ann@example.org")


def arranged(form: Form) -> Form:
    return form.layout(
        Row("name", "email"),
        Row("kind", "vat"),
        FormSection("Time", Row("since", "until"), help="Both as years"),
        Tabs(Tab("Address", "street", "city"), Tab("More", "notes", "credit")),
    ).slot("below", P("Asked for by law"))


@app.middleware("http")
async def troubles(request: Request, call_next: RequestResponseEndpoint) -> Response:
    trouble = request.cookies.get("trouble")
    if request.method == "POST" and "nitro-check" not in request.headers and trouble:
        if trouble == "slow":
            await asyncio.sleep(1.0)
        elif trouble == "lost":
            await call_next(request)
            return PlainTextResponse("lost", 502)
        else:
            return PlainTextResponse("trouble", int(trouble))
    if "nitro-check" in request.headers:
        await asyncio.sleep(float(os.environ.get("CHECK_DELAY", "0")))
    return await call_next(request)


@app.get("/")
def index() -> Page:
    table = Table.from_entity(Customer).with_actions(["create", "edit", "visit"]).reactive()
    return Page(table, title="Customers")


@app.get("/new")
def new() -> Page:
    return Page(arranged(Form.from_entity(Customer)), title="New customer")


@app.get("/edit/{id}")
def edit(id: str) -> Page:
    return Page(arranged(Form.from_entity(Customer.get(id))), title="Edit customer")


@app.get("/count")
def count() -> dict[str, int]:
    return {one.id: one.visits for one in Customer.all()}
