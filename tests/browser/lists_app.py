"""Forms with lists and nested models, for tests in the browser."""

from decimal import Decimal
from typing import Annotated

from fastapi import FastAPI
from pydantic import BaseModel, Field

import nitro
from nitro import Entity, Form, Page, ui


class Line(BaseModel):
    what: str = Field(min_length=2)
    quantity: int = Field(1, ge=1)
    price: Annotated[Decimal, ui(currency="EUR")] = Decimal("1.50")
    marks: list[str] = []


class Address(BaseModel):
    street: str
    city: str = "Ulm"


class Order(Entity):
    id: str
    customer: str
    lines: list[Line] = Field([], max_length=4)
    tags: list[str] = []
    ship_to: Address | None = None
    zone: Annotated[str, ui(widget="timezone")] = "UTC"
    paint: Annotated[str, ui(widget="colour")] = ""


app = FastAPI()
nitro.install(app)
if Order.first() is None:
    for number in range(1, 30):
        lines = [Line(what="Tea", quantity=2, marks=["hot"]), Line(what="Pot", quantity=1)]
        Order.create(id=str(number), customer="Ann", lines=lines, tags=["a", "b"])


@app.get("/{id}")
def show(id: str) -> Page:
    return Page(Form.from_entity(Order.get(id)), title=f"Order {id}")


@app.get("/stored/{id}")
def stored(id: str) -> dict[str, object]:
    return Order.get(id).model_dump(mode="json")
