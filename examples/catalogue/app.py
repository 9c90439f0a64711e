"""Products and orders: business methods, a domain event and its side effects, all live."""

from typing import Annotated

from blinker import signal
from fastapi import FastAPI
from pydantic import PositiveInt
from sqlmodel import Field

import nitro
from nitro import Page, SQLEntity, Table, action, on, ui

order_placed = signal("order-placed")


class Product(SQLEntity, table=True):
    name: str = Field(min_length=1, max_length=80)
    price: Annotated[float, ui(currency="EUR")] = Field(ge=0)
    stock: int = Field(0, ge=0)

    @action
    def restock(self, quantity: PositiveInt) -> None:
        self.stock += quantity

    @action
    def order(self, customer_name: str, quantity: PositiveInt = 1) -> None:
        if quantity > self.stock:
            raise ValueError(f"Only {self.stock} of {self.name} are left")
        order = Order(customer_name=customer_name, product_id=self.id, quantity=quantity)
        order.save()
        order_placed.send(order)


class Order(SQLEntity, table=True):
    customer_name: str = Field(min_length=1)
    product_id: str
    quantity: int


class AuditLog(SQLEntity, table=True):
    text: str


@on(order_placed)
def take_from_stock(order: Order) -> None:
    product = Product.get(order.product_id)
    product.stock -= order.quantity
    product.save()


@on(order_placed)
def write_audit_log(order: Order) -> None:
    AuditLog.create(text=f"{order.customer_name} ordered {order.quantity}")


app = FastAPI()
nitro.install(app)
if Product.first() is None:
    for name, price, stock in (("Lamp", 29.99, 12), ("Chair", 89.0, 4), ("Desk", 249.5, 2)):
        Product.create(name=name, price=price, stock=stock)


@app.get("/")
def shop() -> Page:
    products = Table.from_entity(Product).with_actions(["create", Product.order, Product.restock])
    orders = Table.from_entity(Order).named("orders").caption("Orders")
    log = Table.from_entity(AuditLog).named("log").caption("What happened")
    return Page(products.reactive(), orders.reactive(), log.reactive(), title="Catalogue")
