"""A shop with a page for every state that people look at: tables, forms, fields, failures."""

import threading
from datetime import date, datetime
from datetime import time as clock
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal

from fastapi import FastAPI
from pydantic import BaseModel, SecretStr
from pydantic import Field as Limit
from sqlmodel import Field, Relationship

import nitro
from nitro import Column, Entity, Form, Page, SQLEntity, Table, UnitOfWork, action, ui
from nitro_templates import FormSection, P, Row, Tab, Tabs
from nitro_templates.sources import Asked, Rows
from nitro_templates.table.columns import bind
from nitro_templates.table.definition import Definition
from nitro_templates.with_entities import EntitySource

GO_ON = threading.Event()
"""Set when somebody has looked at the progress of a bulk action."""


class Colour(Enum):
    RED = "red"
    DARK_BLUE = "blue"
    GREEN = "green"


class Maker(SQLEntity, table=True):
    name: str = Field(min_length=1, index=True)


class Product(SQLEntity, table=True):
    name: str = Field(min_length=1, max_length=80)
    price: Annotated[Decimal, ui(currency="EUR")] = Decimal(1)
    stock: int = Field(default=0, ge=0)
    colour: Colour = Colour.RED
    sold: bool = False
    since: date = date(2026, 1, 1)
    maker_id: str | None = Field(default=None, foreign_key="maker.id")
    maker: Maker | None = Relationship()
    notes: Annotated[str, ui(widget="textarea", hidden_in="table")] = ""

    @action(icon="✚")
    def restock(self, quantity: Annotated[int, Limit(gt=0, description="Pieces")]) -> None:
        if self.name == "Lamp 0210":
            GO_ON.wait(30)
        if self.name == "Lamp 0003":
            msg = "This one is locked"
            raise ValueError(msg)
        self.stock += quantity

    @action(label="Sell one")
    def sell(self) -> None:
        self.stock -= 1

    @action(confirm="Customers see it at once.")
    def discount(self) -> None:
        self.price /= 2

    @action
    def mark_sold(self) -> None:
        self.sold = True


class Line(BaseModel):
    what: str = Limit(min_length=2)
    quantity: int = Limit(1, ge=1)
    marks: list[str] = []


class Address(BaseModel):
    street: str
    city: str = "Ulm"


class Order(Entity):
    customer: str = Limit(min_length=2, description="As on the contract")
    email: Annotated[str, ui(widget="email")] = ""
    kind: Literal["person", "company"] = "person"
    vat: Annotated[str, ui(label="VAT number", show_if={"kind": "company"})] = ""
    lines: list[Line] = Limit([], max_length=4)
    tags: list[Annotated[str, ui(label="Tag")]] = []
    ship_to: Address | None = None
    notes: Annotated[str, ui(widget="textarea")] = ""
    credit: int = Limit(0, ge=0, le=1000)


class Everything(Entity):
    text: Annotated[str, ui(placeholder="Anything", help="A line of it")] = ""
    long: Annotated[str, ui(widget="textarea", rows=4)] = ""
    whole: int = 1
    ratio: float = 0.5
    price: Annotated[Decimal, ui(currency="EUR")] = Decimal("1.50")
    weight: Annotated[float, ui(unit="kg")] = 2
    yes: bool = True
    maybe: bool | None = None
    colour: Colour = Colour.RED
    size: Literal["small", "large"] = "small"
    colours: set[Colour] = {Colour.RED}
    day: date = date(2026, 1, 1)
    moment: datetime = datetime(2026, 1, 1, 12, 30)
    hour: clock = clock(12, 30)
    zone: Annotated[str, ui(widget="timezone")] = "UTC"
    site: Annotated[str, ui(widget="url")] = ""
    mail: Annotated[str, ui(widget="email")] = ""
    phone: Annotated[str, ui(widget="phone")] = ""
    paint: Annotated[str, ui(widget="colour")] = "#1d4ed8"
    password: Annotated[SecretStr, ui(widget="secret")] = SecretStr("")
    tags: list[Annotated[str, ui(label="Tag")]] = ["first", "second"]
    address: Address = Address(street="Main Street 1")


def load() -> None:
    with UnitOfWork():
        Maker.create_many([{"id": f"m{n}", "name": f"Maker {n:03}"} for n in range(60)])
        Product.create_many(
            [
                {
                    "id": f"p{n:04}",
                    "name": f"Lamp {n:04}",
                    "price": n * Decimal("7.25"),
                    "stock": n % 40,
                    "colour": list(Colour)[n % 3],
                    "sold": n % 5 == 0,
                    "maker_id": f"m{n % 60}" if n % 7 else None,
                }
                for n in range(1, 421)
            ]
        )
    Everything(id="one").save()
    lines = [Line(what="Tea", quantity=2, marks=["hot"]), Line(what="Pot", quantity=1)]
    Order(id="one", customer="Ann", lines=lines, tags=["new"], ship_to=Address(street="A")).save()


app = FastAPI()
nitro.install(app)
if Maker.first() is None:
    load()


def products() -> Table:
    return (
        Table.from_entity(Product)
        .columns("name", "maker", "price", "stock", "colour", "sold", Column("since", hidden=True))
        .with_search("name")
        .with_filters("name", "price", "colour", "sold", "since", "maker_id")
        .with_column_choice()
        .with_actions(
            ["create", "edit", Product.sell, Product.restock, Product.discount, "delete"]
        )
        .with_bulk([Product.restock, Product.sell, "delete"])
        .with_export("csv", "xlsx", "json")
        .editable("name", "price", "stock", "colour", "sold")
        .sorted_by("name")
        .reactive()
    )


@app.get("/")
def index() -> Page:
    return Page(products(), title="Products")


@app.get("/go-on")
def go_on() -> bool:
    GO_ON.set()
    return True


@app.get("/wide")
def wide() -> Page:
    more = [Column(f"column_{n}", lambda product: product.name * 2) for n in range(8)]
    table = Table.from_entity(Product.where(Product.stock == 1)).columns("name", "price", *more)
    return Page(table.with_actions(["edit", "delete"]).caption("In stock"), title="A wide table")


@app.get("/none")
def none() -> Page:
    table = Table.from_entity(Product.where(Product.stock == -1)).with_actions(["create"])
    return Page(table.with_search().when_empty("Nothing is sold out."), title="Sold out")


@app.get("/ticking")
def ticking() -> Page:
    return Page(Table.from_entity(Maker).with_search().reactive(), title="Makers")


class Fragile(EntitySource):
    """A store that is never there."""

    def slice(self, asked: Asked, *, size: int, after: str | None, before: str | None) -> Rows:
        msg = "the store is down"
        raise ConnectionError(msg)


@app.get("/down")
def down() -> Page:
    source = Fragile(Maker, Maker.where())
    table = Table()
    table._definition = Definition(source, bind(None, source.fields), name="down")
    return Page(table.with_search(), title="A store that fails")


def arranged(form: Form) -> Form:
    return form.layout(
        Row("customer", "email"),
        Row("kind", "vat"),
        FormSection("What", "lines", "tags", help="At most four lines"),
        Tabs(Tab("Address", "ship_to"), Tab("More", "notes", "credit")),
    ).slot("below", P("Asked for by law"))


@app.get("/order")
def order() -> Page:
    return Page(arranged(Form.from_entity(Order)), title="New order")


@app.get("/order/{id}")
def change(id: str) -> Page:
    return Page(arranged(Form.from_entity(Order.get(id))), title="Change an order")


@app.get("/everything")
def everything() -> Page:
    return Page(Form.from_entity(Everything.get("one")), title="Every widget")


@app.get("/product/{id}")
def product(id: str) -> Page:
    return Page(Form.from_entity(Product.get(id)), title="Change a product")
