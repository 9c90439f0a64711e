"""The same entities in any framework, alone or side by side."""

import re

import flask
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from fasthtml.common import Article, Div, fast_app  # type: ignore[import-untyped]

import nitro
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


@pytest.mark.parametrize("installed", [False, True])
def test_the_flask_example_works_as_written(*, installed: bool) -> None:
    from flask import jsonify, request

    app = flask.Flask(__name__)
    if installed:
        nitro.install(app)

    class Order(Entity):
        customer_name: str

    @app.route("/orders", methods=["POST"])
    def create_order() -> flask.Response:
        order = Order(customer_name=request.json["customer_name"])
        order.save()
        return jsonify(order.model_dump())

    answer = app.test_client().post("/orders", json={"customer_name": "Alice"}).get_json()

    assert answer["customer_name"] == "Alice"
    assert Order.get(answer["id"]).customer_name == "Alice"


@pytest.mark.parametrize("installed", [False, True])
def test_the_fasthtml_example_works_as_written(*, installed: bool) -> None:
    app, rt = fast_app()
    if installed:
        nitro.install(app)

    class Order(Entity):
        customer_name: str

    def order_card(order: Order) -> object:
        return Article(order.customer_name)

    @rt("/orders")
    def orders():  # type: ignore[no-untyped-def]
        orders = Order.all()
        return Div(*[order_card(o) for o in orders])

    Order.create(customer_name="<Alice>")
    page = TestClient(app).get("/orders").text

    assert re.search(r"<article>\s*&lt;Alice&gt;\s*</article>", page)


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
