"""What hand-written handlers return, in an application with Nitro."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sanic import Blueprint, HTTPResponse, Sanic, json, text
from sanic.exceptions import NotFound

from nitro_events import configure, patch_signals
from nitro_events.http.response import Response, streamed
from nitro_sanic import ReadSignals, aread_signals, install, read_signals


class Markup:
    """Anything with __html__."""

    def __html__(self) -> str:
        return "<b>bold</b>"


async def hello(_: Any) -> HTTPResponse:
    return text("hello")


def test_an_object_with_html_is_served_as_html(app: Sanic[Any, Any], http: Any) -> None:
    @app.get("/sync")
    def sync_page(_: Any) -> Markup:
        return Markup()

    @app.get("/async")
    async def async_page(_: Any) -> Markup:
        return Markup()

    for path in ("/sync", "/async"):
        answer = http.get(path)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.text == "<b>bold</b>"


def test_a_patch_is_served_as_an_event_stream(app: Sanic[Any, Any], http: Any) -> None:
    @app.get("/patch")
    def patch(_: Any) -> object:
        return patch_signals({"a": 1})

    answer = http.get("/patch")

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "datastar-patch-signals" in answer.text


def test_blueprints_middleware_and_exception_handlers_may_return_markup(
    app: Sanic[Any, Any], http: Any
) -> None:
    shop = Blueprint("shop", url_prefix="/shop")

    @shop.get("/page")
    def page(_: Any) -> Markup:
        return Markup()

    app.blueprint(shop)

    @app.on_request
    def early(request: Any) -> Markup | None:
        return Markup() if request.path == "/early" else None

    @app.get("/early")
    def late(_: Any) -> Any:
        return text("late")

    @app.exception(NotFound)
    def missing(_: Any, __: Exception) -> Markup:
        return Markup()

    assert [http.get(path).text for path in ("/shop/page", "/early", "/nowhere")] == [
        "<b>bold</b>"
    ] * 3


def test_respond_takes_a_status_and_headers(app: Sanic[Any, Any], http: Any) -> None:
    @app.get("/page")
    async def page(request: Any) -> None:
        await request.respond(Markup(), status=201, headers={"x-mine": "1"})

    answer = http.get("/page")

    assert (answer.status, answer.headers["x-mine"], answer.text) == (201, "1", "<b>bold</b>")


def test_response_middleware_sees_pages_too(app: Sanic[Any, Any], http: Any) -> None:
    @app.get("/page")
    def page(_: Any) -> Markup:
        return Markup()

    @app.on_response  # type: ignore[untyped-decorator]
    def replace(_: Any, response: Any) -> None:
        response.headers["x-mine"] = response.content_type
        response.body = b"<i>another</i>"

    answer = http.get("/page")

    assert answer.headers["x-mine"] == "text/html; charset=utf-8"
    assert answer.text == "<i>another</i>"


def test_chunks_are_sent_as_they_come(app: Sanic[Any, Any], http: Any) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"event: a\n\n"
        yield b"event: b\n\n"

    @app.get("/drip")
    def drip(_: Any) -> Response:
        return streamed(parts())  # type: ignore[arg-type]

    answer = http.get("/drip")

    assert answer.text == "event: a\n\nevent: b\n\n"


def test_what_is_nothing_to_us_stays_an_error_of_sanic(app: Sanic[Any, Any], http: Any) -> None:
    @app.get("/dict")
    def page(_: Any) -> dict[str, int]:
        return {"a": 1}

    assert http.get("/dict").status == 500


def test_a_foreign_route_is_byte_for_byte_the_same(
    client: Any, make: Callable[[], Sanic[Any, Any]], kind: str
) -> None:
    def fill(app: Sanic[Any, Any]) -> Any:
        @app.post("/items/<id:int>")
        async def item(request: Any, id: int) -> Any:
            return json({"id": id, "body": request.body.decode()})

        @app.get("/drip")
        async def drip(request: Any) -> None:
            response = await request.respond(content_type="text/plain")
            for part in ("one", "two"):
                await response.send(part)
            await response.eof()

        return app

    plain, with_nitro = client(fill(make()), kind), client(install(fill(make())), kind)
    asked = [("post", "/items/1"), ("post", "/items/x"), ("get", "/items/1"), ("get", "/drip")]

    for method, path in asked:
        given = {"content": "hello"} if method == "post" else {}
        one, two = plain(method, path, **given), with_nitro(method, path, **given)
        assert (one.status, one.content, one.headers.raw) == (
            two.status,
            two.content,
            two.headers.raw,
        )


def test_signals_are_read_with_attribute_access(app: Sanic[Any, Any], http: Any) -> None:
    @app.post("/read")
    def read(request: Any) -> Any:
        return json({"name": read_signals(request).name})

    assert http.post("/read", json={"name": "Lamp"}).json == {"name": "Lamp"}


def test_a_handler_that_reads_its_body_itself_reads_signals_too(
    app: Sanic[Any, Any], http: Any
) -> None:
    @app.post("/read", stream=True)
    async def read(request: Any) -> Any:
        return json({"name": (await aread_signals(request)).name})

    assert http.post("/read", json={"name": "Lamp"}).json == {"name": "Lamp"}


def test_sanic_ext_hands_over_signals(app: Sanic[Any, Any], http: Any) -> None:
    pytest.importorskip("sanic_ext")

    @app.post("/read")
    async def read(request: Any, signals: ReadSignals) -> Any:
        return json({"name": signals.name, "body": request.json})

    assert http.post("/read", json={"name": "Lamp"}).json["body"] == {"name": "Lamp"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[1]", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 10_000, 400),
        (b'{"a": NaN}', 400),
        (b'{"a": "' + b"x" * 70_000 + b'"}', 413),
    ],
)
def test_signals_that_are_rubbish_are_refused(
    client: Any, app: Sanic[Any, Any], body: bytes, status: int
) -> None:
    @app.post("/read")
    def read(request: Any) -> Any:
        return json(dict(read_signals(request)))

    @app.post("/aread", stream=True)
    async def aread(request: Any) -> Any:
        return json(dict(await aread_signals(request)))

    given = {"content": body, "headers": {"content-type": "application/json"}}
    answers = [client(app, "ASGI").post(path, **given).status for path in ("/read", "/aread")]
    assert answers == [status, status]


def test_a_signal_that_did_not_come_is_the_callers_mistake(
    app: Sanic[Any, Any], http: Any
) -> None:
    @app.post("/read")
    def read(request: Any) -> Any:
        return json({"a": read_signals(request).quantity})

    answer = http.post("/read", json={"name": "Lamp"})

    assert answer.status == 422
    assert "quantity" in answer.json["detail"]


def test_installing_twice_is_installing_once(app: Sanic[Any, Any]) -> None:
    made_of = type(app)

    assert install(app) is app
    assert type(app) is made_of


def test_an_application_says_of_itself_what_it_did_before(
    make: Callable[[], Sanic[Any, Any]],
) -> None:
    app = make()
    before = repr(app), repr(app.router), app.request_class.__name__

    install(app)

    assert (repr(app), repr(app.router), app.request_class.__name__)[::2] == before[::2]


def test_installing_too_late_says_so(client: Any, make: Callable[[], Sanic[Any, Any]]) -> None:
    app = make()
    app.add_route(hello, "/")
    client(app, "ASGI").get("/")

    with pytest.raises(RuntimeError, match="where it is made"):
        install(app)


def test_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="Sanic"):
        install(object())  # type: ignore[type-var]


def test_classes_of_the_application_keep_their_own_methods(client: Any) -> None:
    from sanic import Request
    from sanic.router import Router

    class OwnRequest(Request[Any, Any]):
        @property
        def shout(self) -> str:
            return self.path.upper()

    class OwnSanic(Sanic[Any, Any]):
        def hello(self) -> str:
            return "hello"

    app: Sanic[Any, Any] = OwnSanic("own", request_class=OwnRequest, router=Router())
    install(app)

    @app.get("/page")
    def page(request: Any) -> Any:
        return text(request.app.hello() + request.shout)

    assert client(app, "ASGI").get("/page").text == "hello/PAGE"


def test_production_without_a_secret_does_not_start(client: Any, app: Sanic[Any, Any]) -> None:
    configure(env="production")
    app.add_route(hello, "/")

    with pytest.raises(ValueError, match="NITRO_SECRET"):
        client(app, "server").get("/")
