"""The API, on FastAPI: programs order here, the pages of ``ui_app.py`` show it at once."""

from fastapi import FastAPI
from orders import Order

import nitro

app = FastAPI(title="Orders")
nitro.install(app)


@app.post("/api/orders", status_code=201)
def order(customer: str, product: str, quantity: int = 1) -> Order:
    return Order.create(customer=customer, product=product, quantity=quantity)


@app.get("/api/orders/waiting")
def waiting() -> list[Order]:
    return Order.where(Order.shipped == False).list()  # noqa: E712 - a condition
