"""A small shop as somebody would write it: products, categories, customers, and what is done."""

import time
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated

from fastapi import FastAPI, Request
from pydantic import BaseModel, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError
from sqlmodel import Field as SQLField
from sqlmodel import Relationship

import nitro
from nitro import (
    Caller,
    Cards,
    Column,
    Detail,
    Form,
    Frame,
    Page,
    Row,
    Section,
    SQLEntity,
    Tab,
    Table,
    Tabs,
    UnitOfWork,
    action,
    ui,
)
from nitro_templates import B, P


class State(Enum):
    NEW = "new"
    ON_SALE = "on sale"
    SOLD_OUT = "sold out"


class Kind(Enum):
    PERSON = "person"
    COMPANY = "company"


class Category(SQLEntity, table=True):
    name: str = Field(min_length=2)


class Product(SQLEntity, table=True):
    name: str = SQLField(min_length=2, max_length=80)
    price: Annotated[Decimal, ui(currency="EUR")] = SQLField(default=Decimal("9.50"), ge=0)
    stock: int = SQLField(default=0, ge=0)
    state: State = State.NEW
    since: date = date(2026, 1, 1)
    colour: Annotated[str, ui(widget="colour", hidden_in="table")] = ""
    category_id: str | None = SQLField(default=None, foreign_key="category.id")
    category: Category | None = Relationship()
    notes: Annotated[str, ui(widget="textarea", hidden_in="table")] = ""

    @action
    def restock(self, quantity: Annotated[int, Field(gt=0)]) -> None:
        """Put more on the shelf."""
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

    @action
    def look_over(self) -> None:
        """Takes its time, so that a bulk of them can be stopped in the middle."""
        time.sleep(0.004)
        self.stock += 1


class Address(BaseModel):
    street: str = ""
    city: str = ""


class Line(BaseModel):
    what: str = Field(min_length=2)
    quantity: int = Field(default=1, ge=1)


class Customer(SQLEntity, table=True):
    name: str = SQLField(min_length=2)
    email: str = SQLField(unique=True)
    kind: Kind = Kind.PERSON
    vat: Annotated[str, ui(label="VAT number", show_if={"kind": Kind.COMPANY})] = ""
    pin: Annotated[SecretStr, ui(widget="secret")] = SecretStr("")
    address: Address = Address()
    phones: list[str] = []
    lines: list[Line] = SQLField(default=[], max_length=5)
    likes_id: str | None = SQLField(default=None, foreign_key="category.id")

    @model_validator(mode="after")
    def _has_vat(self) -> "Customer":
        if self.kind is Kind.COMPANY and not self.vat:
            raise PydanticCustomError("vat", "A company has one", {"field": "vat"})
        return self


def who(request: Request | None) -> Caller | None:
    name = request.cookies.get("who") if request is not None else None
    return Caller(name, name.capitalize(), host="127.0.0.1") if name else None


app = FastAPI()
nitro.install(app)
places = [("Products", "/"), ("Customers", "/customers"), ("Two", "/two")]
nitro.configure(
    user=who, policy=lambda caller, operation, target: True, layout=Frame("Shop", places)
)

if Category.first() is None:
    with UnitOfWork():
        Category.create_many([{"id": f"c{n}", "name": f"Category {n:02}"} for n in range(30)])


def products(subject: object = Product) -> Table:
    return (
        Table.from_entity(subject)
        .columns(
            "name",
            "price",
            "stock",
            "state",
            "since",
            "category",
            Column("worth", lambda one: one.price * one.stock, label="Worth", numeric=True),
            Column("colour", hidden=True),
        )
        .cell(
            "state", lambda one: B(one.state.value) if one.state is State.SOLD_OUT else one.state
        )
        .with_search("name")
        .with_filters("name", "price", "stock", "state", "since", "category_id")
        .with_column_choice()
        .with_actions(["create", "edit", Product.sell, Product.restock, "delete"])
        .with_bulk(["delete", Product.restock, Product.look_over])
        .with_export("csv", "json")
        .editable("price", "stock", "state", "category_id", "notes")
        .rows_link(lambda one: f"/show/{one.id}")
        .row_class(lambda one: None if one.stock else "empty")
        .pages(10)
    )


@app.get("/")
def index() -> Page:
    return Page(products(), title="Products")


def customers() -> Table:
    return (
        Table.from_entity(Customer)
        .columns("name", "email", "kind", "likes_id", Column("city", lambda one: one.address.city))
        .with_search("name")
        .with_actions(["create", "edit", "delete"])
    )


@app.get("/customers")
def all_customers() -> Page:
    return Page(customers(), title="Customers")


@app.get("/two")
def two() -> Page:
    categories = (
        Table.from_entity(Category)
        .named("categories")
        .with_search()
        .with_actions(["edit", "delete"])
        .pages(5)
    )
    return Page(products(), categories, title="Two tables")


@app.get("/cards/{group}")
def cards(group: str) -> Page:
    found = Cards.from_entity(Product.where(category_id=f"{group}-c"))
    found = found.columns("price", "stock", "category").sorted_by("name").pages(20)
    return Page(found.with_actions(["edit", "delete", Product.sell]), title="Cards")


@app.get("/show/{id}")
def show(id: str) -> Page:
    one = Product.get(id)
    same = Table.from_entity(Product.where(category_id=one.category_id)).columns("name", "stock")
    detail = Detail.from_entity(one).with_actions(
        ["edit", "delete", Product.sell, Product.restock]
    )
    return Page(detail.related("Of the same category", same.named("same")), title=one.name)


@app.get("/customer/{id}")
def customer(id: str) -> Page:
    form = Form.from_entity(Customer.get(id)).layout(
        Row("name", "email"),
        Section("Business", Row("kind", "vat")),
        Tabs(
            Tab("Address", "address", "phones"),
            Tab("Order", "lines", "likes_id"),
            Tab("Secret", "pin"),
        ),
    )
    return Page(form, P("Down here. " * 600), title="Customer")


@app.get("/fill/{group}/{size}")
def fill(group: str, size: int) -> str:
    """Begin a test with products and a customer of its own."""
    with UnitOfWork():
        Category.create(id=f"{group}-c", name=f"{group} category")
        Product.create_many(
            [
                {
                    "id": f"{group}-{n}",
                    "name": f"Locked {group}" if n == 13 else f"{group} {n:02}",
                    "stock": n,
                    "price": Decimal(n),
                    "category_id": f"{group}-c",
                }
                for n in range(1, size + 1)
            ]
        )
        Customer.create(
            id=group,
            name=f"{group} Smith",
            email=f"{group}@example.org",
            phones=["1", "2"],
            lines=[Line(what="Tea"), Line(what="Pot", quantity=2)],
            likes_id=f"{group}-c",
        )
    return group


@app.get("/stored/{id}")
def stored(id: str) -> dict[str, object]:
    return Customer.get(id).model_dump(mode="json")


@app.get("/pin/{id}")
def pin(id: str) -> str:
    return Customer.get(id).pin.get_secret_value()
