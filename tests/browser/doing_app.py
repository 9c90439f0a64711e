"""A shop of 2,000 products for the tests of what is done in tables."""

from enum import Enum
from typing import Annotated

from fastapi import FastAPI, Request
from pydantic import Field

import nitro
from nitro import Caller, Column, Page, SQLEntity, Table, action
from nitro_entities import UnitOfWork

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "+1-1",
    "<img src=x onerror=alert(1)>",
    "'); alert(1)",
]


class Colour(Enum):
    RED = "red"
    DARK_BLUE = "blue"


class Product(SQLEntity, table=True):
    name: str = Field(min_length=1)
    price: float = Field(default=1.0, ge=0)
    stock: int = Field(default=0, ge=0)
    colour: Colour = Colour.RED
    sold: bool = False

    @action(icon="✚")
    def restock(self, quantity: Annotated[int, Field(gt=0)]) -> None:
        if self.name.startswith("Locked"):
            msg = "Locked products are not restocked"
            raise ValueError(msg)
        self.stock += quantity

    @action(label="Sell one")
    def sell(self) -> None:
        if not self.stock:
            msg = "There is none left"
            raise ValueError(msg)
        self.stock -= 1

    @action(confirm="Customers see it at once.")
    def discount(self) -> None:
        self.price = round(self.price / 2, 2)

    @action
    def mark_sold(self) -> None:
        self.sold = True


def who(request: Request | None) -> Caller | None:
    name = request.cookies.get("who") if request is not None else None
    return Caller(name, name.capitalize(), host="127.0.0.1") if name else None


def may(caller: Caller, operation: str, target: object) -> bool:
    if operation == "delete" and isinstance(target, Product):
        return not target.name.startswith("Locked")
    if operation == "export":
        return caller.id != "eve"
    return True


app = FastAPI()
nitro.install(app)
nitro.configure(user=who, policy=may)

if Product.first() is None:
    with UnitOfWork():
        for number, name in enumerate(HOSTILE):
            Product.create(id=f"h{number}", name=name, price=-0.0, stock=1)
        for number in range(1, 1996):
            locked = "Locked " if number % 500 == 0 else ""
            Product.create(id=f"p{number:04}", name=f"{locked}Lamp {number:04}", price=number)


def products() -> Table:
    return (
        Table.from_entity(Product)
        .columns("name", "price", "stock", "colour", "sold")
        .with_search("name")
        .with_actions(
            ["create", "edit", Product.sell, Product.restock, Product.discount, "delete"]
        )
        .with_bulk([Product.restock, Product.sell, "delete"])
        .with_export("csv", "xlsx", "json")
        .editable("name", "price", "stock", "colour", "sold")
        .reactive()
    )


@app.get("/")
def index() -> Page:
    return Page(products(), title="Products")


@app.get("/looked-at")
def looked_at() -> Page:
    return Page(Table.from_entity(Product).columns("name", "stock"), title="Only looked at")


def fails_late(product: Product) -> str:
    if product.name == "Lamp 1501":
        msg = "this row cannot be shown"
        raise RuntimeError(msg)
    return product.name


@app.get("/fails-late")
def late() -> Page:
    table = Table.from_entity(Product).columns("name", Column("late", fails_late))
    return Page(table.sorted_by("name").with_export("csv", "json"), title="Fails late")
