"""Products and orders: business methods, domain events and their side effects, all live."""

from blinker import signal
from fastapi import FastAPI
from pydantic import PositiveInt
from sqlmodel import Field

import nitro
from nitro import Entity, Page, SQLEntity, Table, action, on

order_placed = signal("order-placed")


class Product(SQLEntity, table=True):
    name: str = Field(min_length=1, max_length=80)
    price: float = Field(ge=0)
    stock: int = Field(0, ge=0)

    @action
    def restock(self, quantity: PositiveInt) -> None:
        self.stock += quantity

    @action
    def order(self, customer_name: str, quantity: PositiveInt = 1) -> None:
        order = Order(customer_name=customer_name, product_id=self.id, quantity=quantity)
        order.place_order(self)


class Order(SQLEntity, table=True):
    customer_name: str = Field(min_length=1)
    product_id: str
    quantity: int = 1
    total: float = 0.0
    status: str = "draft"

    def place_order(self, product: Product) -> None:
        if self.quantity > product.stock:
            raise ValueError(f"Only {product.stock} of {product.name} are left")
        self.update(total=self.quantity * product.price, status="placed")
        self.save()
        order_placed.send(self)


class AuditLog(Entity):
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
products = Table.from_entity(Product).with_actions(
    ["create", "edit", Product.order, Product.restock]
)
orders, log = (Table.from_entity(kind, name=kind.__name__.lower()) for kind in (Order, AuditLog))


@app.get("/")
def shop() -> Page:
    return Page(products.reactive(), orders.reactive(), log.reactive(), title="Catalogue")
