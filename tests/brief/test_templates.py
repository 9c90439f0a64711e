"""Forms, tables and cards from entities, as pages and as helpers."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nitro import Card, Entity, Form, Page, Table


@pytest.fixture
def product_class() -> type[Entity]:
    class Product(Entity):
        name: str
        price: float = 0.0

    return Product


def test_a_form_and_a_live_table_are_pages_of_a_plain_route(
    app: FastAPI, http: TestClient, product_class: type[Entity]
) -> None:
    Product = product_class  # noqa: N806

    @app.get("/products/new")
    def new_product() -> object:
        return Page(Form.from_entity(Product), title="New Product")

    @app.get("/products")
    def product_list() -> object:
        return Page(
            Table.from_entity(Product).with_actions(["edit", "delete"]).with_search().reactive(),
            title="Products",
        )

    Product(id="p1", name="Lamp", price=9.5).save()

    form, table = http.get("/products/new"), http.get("/products")

    assert form.headers["content-type"].startswith("text/html")
    for piece in ("<form", "<input", 'name="name"', 'name="price"', "New Product"):
        assert piece in form.text
    for piece in ("<table", "Lamp", "9.5", "edit", "delete", "search", "@get("):
        assert piece in table.text


def test_helpers_come_in_both_spellings(product_class: type[Entity]) -> None:
    Product = product_class  # noqa: N806
    product = Product.create(id="p1", name="Lamp", price=9.5)

    assert "Lamp" in str(Card.from_entity(product))
    assert str(product.to_card()) == str(Card.from_entity(product))
    assert "<form" in str(product.to_form())
    assert "Lamp" in str(product.to_form())
    assert "<tr" in str(product.to_row())
    assert "Lamp" in str(product.to_row())
    assert "<table" in str(Table.from_entity(Product))
