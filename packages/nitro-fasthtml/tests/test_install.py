"""Installing, and what it leaves as it was."""

# mypy: disable-error-code="import-untyped, untyped-decorator"

from typing import Any

import pytest
from fasthtml.common import (
    APIRouter,
    BackgroundTask,
    Beforeware,
    Div,
    FastHTML,
    HTTPException,
    P,
    RedirectResponse,
    Response,
    StreamingResponse,
    Titled,
    cookie,
    fast_app,
)
from starlette.applications import Starlette
from starlette.testclient import TestClient

from nitro_fasthtml import install


def tutorial() -> Any:
    """What the documentation of FastHTML shows, more or less."""

    def before(req, sess) -> Any:  # type: ignore[no-untyped-def]
        req.scope["auth"] = sess.get("auth")
        if req.url.path == "/closed":
            return RedirectResponse("/", status_code=303)
        return None

    app, rt = fast_app(
        secret_key="a secret",
        before=Beforeware(before, skip=[r"/favicon\.ico"]),
        exception_handlers={418: lambda req, exc: Titled("Teapot")},
    )

    @rt("/")
    def index() -> Any:
        return Titled("Hello", P("World <b>"))

    @rt("/hello/{name}")
    def get(name: str, times: int = 1) -> Any:
        return Div(*[P(name)] * times)

    @rt("/data")
    def data() -> Any:
        return {"plain": True}

    @rt("/text")
    def text() -> str:
        return "text"

    @rt("/nothing")
    def nothing() -> None: ...

    @rt("/both")
    def both(sess) -> Any:  # type: ignore[no-untyped-def]
        sess["seen"] = sess.get("seen", 0) + 1
        return P(str(sess["seen"])), cookie("a", "b"), BackgroundTask(int)

    @rt("/tags")
    def tags() -> Any:
        return [P("one"), P("two")]

    @rt("/generated")
    def generated() -> Any:
        yield P("one")
        yield P("two")

    @rt("/raw")
    def raw() -> Any:
        return Response("raw", status_code=202)

    @rt("/drip")
    def drip() -> Any:
        return StreamingResponse(iter(["one", "two"]))

    @rt("/tea")
    def tea() -> Any:
        raise HTTPException(418)

    @rt("/fail")
    def fail() -> Any:
        raise RuntimeError("on purpose")

    @rt("/closed")
    def closed() -> Any:
        return "never"

    more = APIRouter(prefix="/more")

    @more("/inside")
    def inside() -> Any:
        return P("inside")

    more.to_app(app)
    return app


PATHS = (
    *("/", "/hello/ann", "/hello/ann?times=x", "/data", "/text", "/nothing", "/both", "/tags"),
    *("/generated", "/raw", "/drip", "/tea", "/fail", "/closed", "/more/inside", "/nowhere"),
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_foreign_route_is_byte_for_byte_the_same(method: str, path: str) -> None:
    plain, with_nitro = tutorial(), install(tutorial())

    one, two = (
        TestClient(app, raise_server_exceptions=False, follow_redirects=False).request(
            method, path, headers={"hx-request": "1"}
        )
        for app in (plain, with_nitro)
    )

    assert (one.status_code, one.content) == (two.status_code, two.content)
    assert [pair for pair in one.headers.raw if b"session_" not in pair[1]] == [
        pair for pair in two.headers.raw if b"session_" not in pair[1]
    ]


def test_an_application_without_nitro_is_left_alone() -> None:
    install(tutorial())

    assert "World" in TestClient(tutorial()).get("/").text


def test_installing_returns_the_application_and_twice_is_once(app: Any) -> None:
    before = list(app.routes)

    assert install(app) is app
    assert app.routes == before


def test_installing_too_late_says_so() -> None:
    app = FastHTML(secret_key="a secret")
    TestClient(app).get("/")

    with pytest.raises(RuntimeError, match="where it is made"):
        install(app)


def test_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="FastHTML"):
        install(Starlette())


def test_it_is_told_from_plain_starlette() -> None:
    from nitro_starlette import install as install_on_starlette

    with pytest.raises(TypeError, match="pip install nitro-fasthtml"):
        install_on_starlette(FastHTML(secret_key="a secret"))
