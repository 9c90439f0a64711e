"""What hand-written views return, in an application with Nitro."""

from typing import Any

import pytest
from flask import Blueprint, Flask, Response, abort, make_response
from flask.testing import FlaskClient
from flask.views import MethodView

from nitro_events import configure, patch_signals
from nitro_events.http.request import current_request
from nitro_flask import read_signals


class Markup:
    """Anything with __html__."""

    def __html__(self) -> str:
        return "<b>bold</b>"


def test_an_object_with_html_is_served_as_html(app: Flask, http: FlaskClient) -> None:
    @app.get("/page")
    def page() -> Any:
        return Markup()

    answer = http.get("/page")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text == "<b>bold</b>"
    assert http.head("/page").data == b""


def test_an_async_view_may_return_one_too(app: Flask, http: FlaskClient) -> None:
    pytest.importorskip("asgiref")

    @app.get("/page")
    async def page() -> Any:
        return Markup()

    assert http.get("/page").text == "<b>bold</b>"


def test_status_and_headers_beside_it_are_kept(app: Flask, http: FlaskClient) -> None:
    @app.get("/status")
    def status() -> Any:
        return Markup(), 201

    @app.get("/words")
    def words() -> Any:
        return Markup(), "418 I'M A TEAPOT"

    @app.get("/headers")
    def headers() -> Any:
        return Markup(), {"x-mine": "1"}

    @app.get("/both")
    def both() -> Any:
        return Markup(), 202, [("x-mine", "1")]

    assert http.get("/status").status_code == 201
    assert http.get("/words").status_code == 418
    assert http.get("/headers").headers["x-mine"] == "1"
    both_answer = http.get("/both")
    assert (both_answer.status_code, both_answer.headers["x-mine"]) == (202, "1")


def test_patches_are_served_as_an_event_stream(app: Flask, http: FlaskClient) -> None:
    @app.get("/one")
    def one() -> Any:
        return patch_signals({"a": 1})

    @app.get("/pair")
    def pair() -> Any:
        return patch_signals({"a": 1}), patch_signals({"b": 2})

    assert http.get("/one").headers["content-type"].startswith("text/event-stream")
    assert http.get("/pair").text.count("datastar-patch-signals") == 2


def test_views_of_blueprints_and_class_based_views_are_no_exception(
    app: Flask, http: FlaskClient
) -> None:
    inner = Blueprint("inner", "inner", url_prefix="/inner")

    @inner.get("/page")
    def page() -> Any:
        return Markup()

    class Paged(MethodView):
        def get(self) -> Any:
            return Markup()

    app.register_blueprint(inner)
    app.add_url_rule("/class", view_func=Paged.as_view("paged"))

    assert http.get("/inner/page").text == http.get("/class").text == "<b>bold</b>"


def test_make_response_and_error_handlers_take_one(app: Flask, http: FlaskClient) -> None:
    @app.get("/made")
    def made() -> Any:
        response = make_response(Markup())
        response.set_cookie("seen", "yes")
        return response

    @app.errorhandler(418)
    def teapot(_: Exception) -> Any:
        return Markup(), 418

    @app.get("/teapot")
    def pour() -> Any:
        abort(418)

    answer = http.get("/made")
    assert (answer.text, answer.headers["set-cookie"]) == ("<b>bold</b>", "seen=yes; Path=/")
    assert http.get("/teapot").text == "<b>bold</b>"


def test_what_is_answered_before_the_view_may_be_one(app: Flask, http: FlaskClient) -> None:
    @app.before_request
    def closed() -> Any:
        return Markup()

    assert http.get("/anything").text == "<b>bold</b>"


def test_a_page_is_run_again_with_what_the_caller_sent(app: Flask, http: FlaskClient) -> None:
    found: list[object] = []

    @app.get("/shown/<int:id>")
    def shown(id: int) -> Any:
        return Markup()

    @app.post("/act")
    def act() -> Any:
        request = current_request.get()
        assert request is not None
        assert request.rerun is not None
        from nitro_events.inline import run

        found.append(run(request.rerun("/shown/7?a=1")))  # type: ignore[arg-type]
        found.append(run(request.rerun("/nowhere")))  # type: ignore[arg-type]
        return "done"

    assert http.post("/act", json={"a": 1}).text == "done"
    assert isinstance(found[0], Markup)
    assert found[1] is None


def test_signals_are_read_from_body_and_query(app: Flask, http: FlaskClient) -> None:
    @app.route("/add", methods=["GET", "POST"])
    def add() -> Any:
        signals = read_signals()
        return {"total": signals.a + signals.b}

    assert http.post("/add", json={"a": 1, "b": 2}).json == {"total": 3}
    assert http.get("/add", query_string={"datastar": '{"a": 3, "b": 4}'}).json == {"total": 7}


def test_who_reads_the_body_before_or_after_finds_it(app: Flask, http: FlaskClient) -> None:
    from flask import request

    @app.post("/before")
    def before() -> Any:
        json = request.get_json()
        return {"same": read_signals().a == json["a"]}

    @app.post("/after")
    def after() -> Any:
        signals = read_signals()
        return {"same": signals.a == request.get_json()["a"]}

    assert http.post("/before", json={"a": 1}).json == {"same": True}
    assert http.post("/after", json={"a": 1}).json == {"same": True}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[1]", 400),
        (b"null", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 10_000, 400),
        (b'{"a": NaN}', 400),
        (b'{"a": "' + b"x" * 70_000 + b'"}', 413),
    ],
)
def test_what_is_no_signals_is_refused(
    app: Flask, http: FlaskClient, body: bytes, status: int
) -> None:
    @app.post("/read")
    def read() -> Any:
        return {"read": len(dict(read_signals()))}

    answer = http.post("/read", data=body, content_type="application/json")

    assert answer.status_code == status


def test_protect_all_guards_hand_written_views(app: Flask, http: FlaskClient) -> None:
    from flask import request

    configure(protect_all=True)

    @app.post("/change")
    def change() -> Any:
        return request.get_data(as_text=True)

    far = {"Sec-Fetch-Site": "cross-site", "Cookie": "a=1"}
    near = {"Sec-Fetch-Site": "same-origin", "Cookie": "a=1"}
    assert http.post("/change", headers=far, data="x", content_type="a/b").status_code == 403
    assert http.post("/change", headers=near, data="x", content_type="a/b").text == "x"


def test_a_location_that_a_hook_adds_is_written_as_werkzeug_writes_it(
    app: Flask, http: FlaskClient
) -> None:
    @app.get("/page")
    def page() -> Any:
        return Markup()

    @app.after_request
    def locate(response: Response) -> Response:
        response.headers["Content-Location"] = "/größe"
        return response

    assert http.get("/page").headers["Content-Location"] == "/gr%C3%B6%C3%9Fe"
