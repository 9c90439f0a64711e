"""From the first counter to commands and units of work, with the same classes."""

import asyncio

from blinker import signal
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from nitro import Entity, SQLEntity, UnitOfWork, action, command, event, query


def test_day_1_a_counter_behind_one_route_counts_on(app: FastAPI, http: TestClient) -> None:
    class Counter(Entity):
        count: int = 0

        def increment(self) -> None:
            self.count += 1

    @app.post("/counter/{id}/increment")
    def increment(id: str) -> object:
        counter = Counter.get(id)
        counter.increment()
        return counter

    Counter(id="c1").save()

    counts = [http.post("/counter/c1/increment").json()["count"] for _ in range(3)]
    assert counts == [1, 2, 3]
    assert http.post("/counter/none/increment").status_code == 404


def test_month_6_a_method_has_a_route_and_what_it_changed_is_stored(http: TestClient) -> None:
    inventory_changed = signal("inventory-changed")
    heard: list[int] = []
    inventory_changed.connect(lambda sender: heard.append(sender.stock), weak=False)

    class Product(SQLEntity, table=True):
        name: str
        price: float
        stock: int = 0

        @event(method="POST")
        def restock(self, quantity: int) -> None:
            self.stock += quantity
            inventory_changed.send(self)

    Product(id="p1", name="Lamp", price=9.5).save()

    answer = http.post("/products/p1/restock", json={"quantity": 3})

    assert answer.status_code < 300
    assert heard == [3]
    assert Product.get("p1").stock == 3
    assert http.get("/products/p1/restock").status_code in (200, 405)
    assert Product.get("p1").stock == 3


def test_year_2_a_command_saves_in_a_unit_of_work() -> None:
    order_placed = signal("order-placed")
    heard: list[str] = []
    order_placed.connect(lambda sender: heard.append(sender.status), weak=False)

    class Item(BaseModel):
        product_id: str
        quantity: int = 1

    class Order(SQLEntity):
        status: str = "draft"

        @command
        async def place_order(self, items: list[Item]) -> None:
            async with UnitOfWork() as uow:
                self.status = "placed"
                await uow.orders.save(self)
                await uow.commit()
            order_placed.send(self)

    order = Order()
    asyncio.run(order.place_order([Item(product_id="lamp")]))

    assert Order.get(order.id).status == "placed"
    assert heard == ["placed"]


def test_decorators_work_bare_and_called_and_leave_the_method_alone() -> None:
    class Counter(Entity):
        count: int = 0

        @action
        def increment(self, amount: int = 1) -> int:
            self.count += amount
            return self.count

        @action(method="POST")
        def decrement(self, amount: int = 1) -> int:
            self.count -= amount
            return self.count

        @command
        def reset(self) -> None:
            self.count = 0

        @query
        def total(self) -> int:
            return self.count

    counter = Counter()

    assert (counter.increment(3), counter.decrement(), counter.total()) == (3, 2, 2)
    counter.reset()
    assert counter.count == 0
