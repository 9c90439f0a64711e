"""What hand-written handlers return, in an application with Nitro."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from litestar import Controller, Litestar, MediaType, Request, Response, Router, get, post
from litestar.background_tasks import BackgroundTask
from litestar.config.compression import CompressionConfig
from litestar.datastructures import ResponseHeader
from litestar.dto import DataclassDTO
from litestar.params import FromPath
from litestar.response import Redirect, Stream
from litestar.testing import TestClient

from nitro_events import Patch, patch_signals

Served = Callable[..., TestClient[Litestar]]


class Markup:
    """Anything with __html__."""

    def __html__(self) -> str:
        return "<b>bold</b>"


@dataclass
class Foreign:
    number: int


@get("/page", sync_to_thread=False)
def page() -> Markup:
    return Markup()


@get("/page", sync_to_thread=True)
def page_in_thread() -> Markup:
    return Markup()


@get("/page")
async def async_page() -> Markup:
    return Markup()


@pytest.mark.parametrize("handler", [page, page_in_thread, async_page])
def test_an_object_with_html_is_served_as_html(served: Served, handler: Any) -> None:
    answer = served(handler).get("/page")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text == "<b>bold</b>"


def test_a_handler_of_a_controller_may_return_one(served: Served) -> None:
    class Pages(Controller):
        path = "/pages"

        @get("/{name:str}")
        async def one(self, name: FromPath[str]) -> Markup:
            return Markup()

    assert served(Pages).get("/pages/first").text == "<b>bold</b>"


def test_a_handler_of_a_router_may_return_one(served: Served) -> None:
    router = Router("/pages", route_handlers=[page])

    assert served(router).get("/pages/page").text == "<b>bold</b>"


def test_a_handler_that_is_registered_later_may_return_one(served: Served) -> None:
    http = served()

    http.app.register(page)

    assert http.get("/page").text == "<b>bold</b>"


def test_a_patch_is_an_event_stream_of_status_200(served: Served) -> None:
    @post("/patch")
    async def patch() -> Patch:
        return patch_signals({"a": 1})

    answer = served(patch).post("/patch")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "datastar-patch-signals" in answer.text


def test_a_list_of_patches_is_one_stream(served: Served) -> None:
    @post("/patch")
    async def patch() -> list[Patch]:
        return [patch_signals({"a": 1}), patch_signals({"b": 2})]

    assert served(patch).post("/patch").text.count("event:") == 2


def test_an_async_generator_of_patches_is_a_stream_as_it_goes(served: Served) -> None:
    @get("/patches")
    async def patches() -> Any:
        async def some() -> AsyncIterator[Patch]:
            yield patch_signals({"a": 1})
            yield patch_signals({"b": 2})

        return some()

    answer = served(patches).get("/patches", headers={"accept": "text/event-stream"})

    assert answer.text.count("event:") == 2


def test_the_status_of_the_handler_is_that_of_the_page(served: Served) -> None:
    @post("/page")
    async def made() -> Markup:
        return Markup()

    assert served(made).post("/page").status_code == 201


def test_datastar_gets_status_200_as_it_reads_no_other(served: Served) -> None:
    @post("/page")
    async def made() -> Markup:
        return Markup()

    answer = served(made).post("/page", headers={"datastar-request": "true"})

    assert answer.status_code == 200


def test_a_response_around_a_page_says_more_of_it(served: Served) -> None:
    done: list[str] = []

    @get("/page")
    async def more() -> Response[Markup]:
        response = Response(
            Markup(),
            status_code=203,
            headers={"x-mine": "1"},
            background=BackgroundTask(done.append, "task"),
        )
        response.set_cookie("seen", "yes")
        return response

    answer = served(more).get("/page")

    assert (answer.status_code, answer.headers["x-mine"]) == (203, "1")
    assert (answer.cookies["seen"], answer.text, done) == ("yes", "<b>bold</b>", ["task"])


def test_what_the_layers_add_to_answers_is_added_to_a_page(served: Served) -> None:
    async def after(response: Response[Any]) -> Response[Any]:
        response.set_header("x-after", "1")
        return response

    @get("/page")
    async def own() -> Markup:
        return Markup()

    http = served(
        own, after_request=after, response_headers=[ResponseHeader(name="x-app", value="2")]
    )

    answer = http.get("/page")

    assert (answer.headers["x-after"], answer.headers["x-app"]) == ("1", "2")


def test_a_hook_before_the_handler_may_answer_with_a_page(served: Served) -> None:
    async def before(request: Request[Any, Any, Any]) -> Markup | None:
        return Markup() if "instead" in request.query_params else None

    @get("/plain")
    async def plain() -> str:
        return "plain"

    http = served(plain, before_request=before)

    assert http.get("/plain?instead=1").text == "<b>bold</b>"
    assert http.get("/plain").text == "plain"


def test_a_return_dto_is_left_to_litestar(served: Served) -> None:
    @get("/one", return_dto=DataclassDTO[Foreign])
    async def one() -> Foreign:
        return Foreign(1)

    assert served(one).get("/one").json() == {"number": 1}


def test_compression_of_the_application_compresses_pages_too(served: Served) -> None:
    http = served(page, compression_config=CompressionConfig(backend="gzip", minimum_size=1))

    answer = http.get("/page", headers={"accept-encoding": "gzip"})

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == "<b>bold</b>"


def test_a_page_is_not_kept_in_the_cache_of_answers(served: Served) -> None:
    asked: list[int] = []

    @get("/page", cache=True)
    async def cached() -> Markup:
        asked.append(1)
        return Markup()

    http = served(cached)

    assert [http.get("/page").text for _ in range(2)] == ["<b>bold</b>"] * 2
    assert len(asked) == 2


def test_answers_of_litestar_stay_as_they_are(served: Served) -> None:
    @get("/away")
    async def away() -> Redirect:
        return Redirect("/page")

    @get("/drip")
    async def drip() -> Stream:
        async def drops() -> AsyncIterator[str]:
            yield "one,"
            yield "two"

        return Stream(drops(), media_type=MediaType.TEXT)

    http = served(away, drip)

    assert http.get("/away", follow_redirects=False).headers["location"] == "/page"
    assert http.get("/drip").text == "one,two"


def test_a_foreign_route_is_byte_for_byte_the_same(served: Served) -> None:
    @post("/items/{id:int}")
    async def item(id: FromPath[int], request: Request[Any, Any, Any]) -> dict[str, object]:
        return {"id": id, "body": (await request.body()).decode()}

    plain = TestClient(Litestar([item], logging_config=None))
    with_nitro = served(item)

    for path in ("/items/1", "/items/x", "/nowhere", "/items/1/"):
        one, two = (http.post(path, content="hello") for http in (plain, with_nitro))
        assert (one.status_code, one.content) == (two.status_code, two.content)
        assert dict(one.headers) == dict(two.headers)


def test_an_application_without_nitro_is_left_alone(served: Served) -> None:
    served(page)

    assert TestClient(Litestar([page], logging_config=None)).get("/page").status_code == 500
