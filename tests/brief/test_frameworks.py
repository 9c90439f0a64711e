"""The same entities in any framework, alone or side by side."""

from fastapi import FastAPI
from fastapi.testclient import TestClient

from nitro import Entity, emit, on


def test_an_entity_is_an_answer_of_fastapi_even_without_install() -> None:
    app = FastAPI()

    class Order(Entity):
        customer_name: str
        total: float = 0.0

    @app.post("/orders")
    def create_order(customer_name: str) -> object:
        order = Order(customer_name=customer_name)
        order.save()
        return order

    answer = TestClient(app).post("/orders", params={"customer_name": "Alice"}).json()

    assert answer["customer_name"] == "Alice"
    assert Order.get(answer["id"]).total == 0.0


def test_events_coordinate_two_applications_over_one_entity() -> None:
    api, ui = FastAPI(), FastAPI()
    heard: list[str] = []

    class Order(Entity):
        customer_name: str

    @on("order_created")
    def log(sender: Order) -> None:
        heard.append(sender.customer_name)

    @api.post("/orders")
    def create_order(customer_name: str) -> object:
        order = Order.create(customer_name=customer_name)
        emit("order_created", order)
        return order

    @ui.get("/orders")
    def orders() -> list[str]:
        return [order.customer_name for order in Order.all()]

    TestClient(api).post("/orders", params={"customer_name": "Alice"})

    assert TestClient(ui).get("/orders").json() == ["Alice"]
    assert heard == ["Alice"]
