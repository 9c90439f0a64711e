"""How Nitro is added to an application."""

from typing import Any

import pytest
from flask import Flask, Response, request

from nitro_flask import Nitro, install


class Markup:
    """Anything with __html__."""

    def __html__(self) -> str:
        return "<b>bold</b>"


def with_page(app: Flask) -> Flask:
    @app.get("/page")
    def page() -> Any:
        return Markup()

    return app


@pytest.mark.parametrize("how", [Nitro, install, lambda app: Nitro().init_app(app)])
def test_all_ways_to_add_it_are_one(how: object) -> None:
    app = with_page(Flask("shop"))

    how(app)  # type: ignore[operator]

    assert app.test_client().get("/page").text == "<b>bold</b>"
    assert isinstance(app.extensions["nitro"], Nitro)


def test_install_returns_the_application() -> None:
    app = Flask("shop")

    assert install(app) is app


def test_a_second_time_does_nothing() -> None:
    app = Flask("shop")
    Nitro(app)
    wrapped = app.wsgi_app

    Nitro(app)

    assert app.wsgi_app is wrapped


def test_anything_else_is_refused() -> None:
    with pytest.raises(TypeError, match="Flask application, got str"):
        install("app")  # type: ignore[arg-type]


def test_an_application_that_answers_already_is_refused() -> None:
    app = Flask("shop")
    app.test_client().get("/")

    with pytest.raises(RuntimeError, match="where it is made"):
        Nitro(app)


def test_an_application_without_nitro_is_left_alone() -> None:
    Nitro(with_page(Flask("shop")))
    other = with_page(Flask("other"))

    assert other.test_client().get("/page").status_code == 500


def test_what_touches_nothing_of_nitro_is_byte_for_byte_the_same() -> None:
    def make() -> Flask:
        app = Flask("shop")
        app.secret_key = "a secret for these tests alone"

        @app.route("/items/<int:id>", methods=["GET", "POST"])
        def item(id: int) -> Any:
            return {"id": id, "body": request.get_data(as_text=True)}, 201, {"x-mine": "1"}

        @app.get("/drip")
        def drip() -> Response:
            return Response(iter(["one", "two"]), mimetype="text/plain")

        @app.get("/broken")
        def broken() -> Any:
            raise ValueError("secret detail")

        return app

    plain, with_nitro = make(), install(make())
    asked = [
        *(("GET", path) for path in ("/items/1", "/drip", "/broken", "/nowhere", "/items/1/")),
        *(("POST", path) for path in ("/items/1", "/drip", "/nowhere")),
        *(("OPTIONS", "/items/1"), ("HEAD", "/items/1"), ("PUT", "/items/1")),
    ]

    for method, path in asked:
        one, two = (
            app.test_client().open(path, method=method, data=b"hello")
            for app in (plain, with_nitro)
        )
        assert (one.status, one.data) == (two.status, two.data)
        assert list(one.headers) == list(two.headers)
