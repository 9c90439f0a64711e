"""The generated routes beside hand-written ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar, Request, get, post
from litestar.config.csrf import CSRFConfig
from litestar.connection import ASGIConnection
from litestar.exceptions import NoRouteMatchFoundException, NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.params import FromPath
from litestar.static_files import create_static_files_router
from litestar.testing import TestClient

from nitro_entities import Entity
from nitro_events import action, configure

Served = Callable[..., TestClient[Litestar]]


def declare_shout() -> None:
    @action
    def shout(text: str) -> str:
        return text.upper()


def declare_ring() -> None:
    @action(path="/bells/{id}/ring")
    def ring(id: int) -> str:
        return "ding" * id


def paths_of(app: Litestar) -> set[str]:
    return {route.path for route in app.routes}


def test_an_action_is_a_route(served: Served) -> None:
    declare_shout()

    answer = served().post("/shout", json={"text": "hello"})

    assert answer.json() == "HELLO"


def test_what_is_not_valid_is_refused_with_the_fields(served: Served) -> None:
    declare_shout()

    answer = served().post("/shout", json={})

    assert answer.status_code == 422
    assert "text" in answer.json()["errors"]


def test_another_verb_is_refused_with_those_that_there_are(served: Served) -> None:
    declare_shout()

    answer = served().put("/shout")

    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


def test_a_verb_that_litestar_has_not_is_refused_too(served: Served) -> None:
    declare_shout()

    assert served().request("PROPFIND", "/shout").status_code == 405


def test_what_is_declared_after_the_start_is_a_route(served: Served) -> None:
    with served() as http:
        assert http.post("/shout", json={"text": "hello"}).status_code == 404
        declare_shout()

        assert http.post("/shout", json={"text": "hello"}).json() == "HELLO"
        assert "/shout" in paths_of(http.app)


def test_a_hand_written_route_wins(served: Served) -> None:
    declare_shout()

    @post("/shout", status_code=200)
    async def own() -> str:
        return "mine"

    assert served(own).post("/shout").text == "mine"


def test_a_hand_written_route_wins_that_is_registered_later(served: Served) -> None:
    declare_shout()
    http = served()
    assert http.post("/shout", json={"text": "a"}).json() == "A"

    @post("/shout", status_code=200)
    async def own() -> str:
        return "mine"

    @get("/shout")
    async def own_form() -> str:
        return "my form"

    http.app.register(own)
    http.app.register(own_form)

    assert (http.post("/shout").text, http.get("/shout").text) == ("mine", "my form")


def test_a_hand_written_route_with_parameters_wins(served: Served) -> None:
    declare_ring()

    @post("/{kind:str}/{id:str}/ring", status_code=200)
    async def own(kind: FromPath[str], id: FromPath[str]) -> str:
        return f"my {kind}"

    assert served(own).post("/bells/7/ring").text == "my bells"


def test_a_hand_written_route_for_another_verb_leaves_ours(served: Served) -> None:
    declare_shout()

    @get("/shout")
    async def own() -> str:
        return "mine"

    http = served(own)

    assert http.get("/shout").text == "mine"
    assert http.post("/shout", json={"text": "hello"}).json() == "HELLO"
    assert http.delete("/shout").json()["status_code"] == 405  # as Litestar says it


def test_static_files_at_the_root_leave_what_is_sent_to_us(served: Served, tmp_path: Any) -> None:
    declare_shout()
    (tmp_path / "a.txt").write_text("file")

    http = served(create_static_files_router("/", [tmp_path]))

    assert http.get("/a.txt").text == "file"
    assert http.post("/shout", json={"text": "hello"}).json() == "HELLO"


def test_the_route_table_lists_them(served: Served) -> None:
    declare_ring()

    app = served().app

    route = next(route for route in app.routes if route.path == "/bells/{id:str}/ring")
    assert "POST" in route.methods


def test_the_prefix_stands_before_them(served: Served) -> None:
    declare_shout()
    configure(prefix="/app")

    http = served()

    assert http.post("/app/shout", json={"text": "hello"}).json() == "HELLO"
    assert http.post("/shout", json={"text": "hello"}).status_code == 404
    assert http.app.route_reverse("nitro:shout") == "/app/shout"


def test_a_url_is_made_of_a_name(served: Served) -> None:
    declare_ring()

    app = served().app

    assert app.route_reverse("nitro:ring", id=7) == "/bells/7/ring"
    assert app.route_reverse("nitro:ring", id="x") == "/bells/x/ring"


@pytest.mark.parametrize(("name", "given"), [("nitro:ring", {}), ("nitro:nothing", {"id": 1})])
def test_a_name_or_a_parameter_that_is_missing_is_an_error(
    served: Served, name: str, given: dict[str, object]
) -> None:
    declare_ring()

    with pytest.raises(NoRouteMatchFoundException):
        served().app.route_reverse(name, **given)


def test_what_is_declared_later_has_a_name_too(served: Served) -> None:
    app = served().app
    declare_ring()

    assert app.route_reverse("nitro:ring", id=7) == "/bells/7/ring"


def test_guards_of_the_application_guard_them(served: Served) -> None:
    declare_shout()

    async def nobody(
        connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        raise NotAuthorizedException("Not you")

    answer = served(guards=[nobody]).post("/shout", json={"text": "hello"})

    assert (answer.status_code, answer.json()["detail"]) == (401, "Not you")


def test_middleware_of_the_application_is_around_them(served: Served) -> None:
    declare_shout()
    seen: list[tuple[str, str]] = []

    class Reads(ASGIMiddleware):
        async def handle(self, scope: Any, receive: Any, send: Any, next_app: Any) -> None:
            request: Request[Any, Any, Any] = Request(scope, receive)
            seen.append((scope["path"], (await request.body()).decode()))
            await next_app(scope, receive, send)

    answer = served(middleware=[Reads()]).post("/shout", content=b'{"text":"hi"}', headers=JSON)

    assert answer.json() == "HI"
    assert seen == [("/shout", '{"text":"hi"}')]


def test_middleware_that_changes_the_body_is_heard(served: Served) -> None:
    declare_shout()

    class Answers(ASGIMiddleware):
        async def handle(self, scope: Any, receive: Any, send: Any, next_app: Any) -> None:
            async def other() -> Any:
                return {**(await receive()), "body": b'{"text":"other"}'}

            await next_app(scope, other, send)

    answer = served(middleware=[Answers()]).post("/shout", content=b'{"text":"hi"}', headers=JSON)

    assert answer.json() == "OTHER"


def test_the_csrf_token_of_litestar_is_not_asked_for(served: Served) -> None:
    declare_shout()

    http = served(csrf_config=CSRFConfig(secret="not a secret"))

    assert http.post("/shout", json={"text": "hello"}).json() == "HELLO"


def test_another_origin_is_refused(served: Served) -> None:
    declare_shout()

    answer = served().post(
        "/shout", json={"text": "hello"}, headers={"sec-fetch-site": "cross-site"}
    )

    assert answer.status_code == 403


def test_an_id_with_a_slash_in_it_is_no_other_path(served: Served) -> None:
    declare_ring()

    assert served().post("/bells%2F7/ring").status_code == 404


def test_a_mounted_application_keeps_its_routes(served: Served) -> None:
    declare_ring()

    http = TestClient(served().app, root_path="/below")

    assert http.post("/bells/2/ring").json() == "dingding"


def test_a_page_that_a_hand_written_route_hides_is_told_of(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    class HiddenBehindLitestar(Entity):
        name: str = ""

    @get("/hidden-behind-litestars/{id:str}")
    async def own(id: FromPath[str]) -> str:
        return id

    with served(own):
        pass

    assert "/hidden-behind-litestars/new" in caplog.text


JSON = {"content-type": "application/json"}


def test_a_long_address_is_answered_and_not_remembered(served: Served) -> None:
    @action(path="/bells/{name}/ring")
    def ring(name: str) -> int:
        return len(name)

    client = served()
    assert client.post(f"/bells/{'x' * 2000}/ring", json={}).json() == 2000
    assert client.post("/bells/big/ring", json={}).json() == 3

    router: Any = client.app.asgi_router
    assert [path for path, _ in router._missing] == ["/bells/big/ring"]
