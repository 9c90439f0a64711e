"""Hand-written routes beside generated ones."""

import logging

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

import nitro
from nitro import Entity, Page, action


def test_a_hand_written_route_wins_whenever_it_was_added(app: FastAPI, http: TestClient) -> None:
    class Product(Entity):
        stock: int = 0

        @action
        def restock(self, quantity: int) -> None:
            self.stock += quantity

    Product(id="p1").save()

    @app.post("/products/{id}/restock")
    def by_hand(id: str) -> str:
        return f"by hand: {id}"

    assert http.post("/products/p1/restock", json={"quantity": 5}).json() == "by hand: p1"
    assert Product.get("p1").stock == 0


def test_a_hand_written_page_leaves_the_verbs_it_does_not_answer(
    app: FastAPI, http: TestClient
) -> None:
    class Product(Entity):
        name: str

    Product(id="p1", name="Lamp").save()

    @app.get("/products/{id}")
    def page(id: str) -> object:
        return Page(Product.get(id).name)

    assert "Lamp" in http.get("/products/p1").text
    assert http.patch("/products/p1", json={"name": "Desk"}).status_code == 200
    assert Product.get("p1").name == "Desk"


def test_a_page_that_nobody_will_see_is_told_at_the_start(
    app: FastAPI, http: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    class Product(Entity):
        name: str

    @app.get("/products/{id}")
    def page(id: str) -> str:
        return id

    with caplog.at_level(logging.WARNING, "nitro_fastapi"):
        http.get("/products/p1")

    assert "/products/new is the form for a new Product" in caplog.text
    assert "/products/{id}" in caplog.text


def test_a_prefix_moves_the_generated_routes_out_of_the_way() -> None:
    nitro.configure(prefix="/app")
    app = FastAPI()
    nitro.install(app)
    http = TestClient(app)

    class Product(Entity):
        name: str

    @app.get("/products/{id}")
    def page(id: str) -> str:
        return id

    form = http.get("/app/products/new")

    assert form.status_code == 200
    assert 'action="/app/products"' in form.text
    assert 'href="/app/_nitro/' in form.text
    assert http.get(form.text.partition('src="')[2].partition('"')[0]).status_code == 200
    assert http.get("/products/new").json() == "new"


def test_the_warning_names_the_route_inside_an_included_router(
    app: FastAPI, http: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    class Product(Entity):
        name: str

    router = APIRouter(prefix="/products")

    @router.get("/{id}")
    def page(id: str) -> str:
        return id

    app.include_router(router)

    with caplog.at_level(logging.WARNING, "nitro_fastapi"):
        http.get("/products/p1")

    assert "/products/{id}" in caplog.text
    assert len(caplog.text) < 600


def test_a_page_without_install_is_an_error_that_names_it() -> None:
    app = FastAPI()

    @app.get("/typed")
    def typed() -> Page:
        return Page("hello")

    @app.get("/untyped")
    def untyped():  # type: ignore[no-untyped-def]
        return Page("hello")

    for path in ("/typed", "/untyped"):
        with pytest.raises(Exception, match=r"nitro\.install\(app\)"):
            TestClient(app).get(path)
