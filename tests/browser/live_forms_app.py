"""A shop whose forms several people have open at once."""

from datetime import date
from typing import Annotated, Literal

from fastapi import FastAPI
from pydantic import Field

import nitro
from nitro import Form, Page, SQLEntity, Table, action, ui
from nitro_templates.tags import P


class Product(SQLEntity, table=True):
    name: str = Field(min_length=1)
    price: float = 0
    kind: Literal["lamp", "desk", "chair"] = "lamp"
    sold: bool = False
    since: date = date(2026, 1, 1)
    notes: Annotated[str, ui(widget="textarea")] = ""

    @action
    def raise_price(self, by: int) -> None:
        self.price += by
        self.save()


app = FastAPI()
nitro.configure(user=lambda request: request.cookies.get("who"))
nitro.install(app)


def the_lamp() -> Product:
    return Product.get_or_none("lamp") or Product.create(id="lamp", name="Lamp", price=30)


@app.get("/")
def shop() -> Page:
    the_lamp()
    table = Table.from_entity(Product).with_actions(["edit", "delete", Product.raise_price])
    return Page(table, title="Shop")


@app.get("/lamp")
def lamp() -> Page:
    return Page(
        P("Above the form. " * 40), Form.from_entity(the_lamp()), P("Below. " * 400), title="Lamp"
    )
