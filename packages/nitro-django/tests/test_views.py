"""What hand-written views return and read, under WSGI and ASGI."""

# mypy: disable-error-code="untyped-decorator"
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.views import View
from django.views.decorators.cache import never_cache

from nitro_django import aread_signals, guarded, read_signals, respond
from nitro_django.bodies import ChunksBody
from nitro_entities import Entity
from nitro_events import patch_signals


class Markup:
    """Anything with __html__."""

    def __html__(self) -> str:
        return "<b>bold</b>"


class Lorry(Entity):
    plate: str
    tons: int = 0


def test_an_object_with_html_is_served_as_html(site: Any) -> None:
    @site.view("page")
    def page(request: HttpRequest) -> object:
        return Markup()

    answer = site.get("/page")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.content == b"<b>bold</b>"


def test_an_async_view_may_return_the_same(site: Any) -> None:
    @site.view("page")
    async def page(request: HttpRequest) -> object:
        return Markup()

    assert site.get("/page").content == b"<b>bold</b>"


def test_a_class_based_view_may_return_the_same(site: Any) -> None:
    class Page(View):
        def get(self, request: HttpRequest) -> object:
            return Markup()

    site.view("page")(Page.as_view())

    assert site.get("/page").content == b"<b>bold</b>"


def test_patches_are_served_as_an_event_stream(site: Any) -> None:
    @site.view("patch")
    def patch(request: HttpRequest) -> object:
        return [patch_signals({"a": 1}), patch_signals({"b": 2})]

    answer = site.get("/patch")

    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.content.count(b"datastar-patch-signals") == 2


def test_an_entity_is_served_as_json(site: Any) -> None:
    @site.view("lorry")
    def lorry(request: HttpRequest) -> object:
        return Lorry(id="1", plate="B 12")

    assert site.get("/lorry").json() == {"id": "1", "plate": "B 12", "tons": 0}


def test_entities_in_a_list_are_served_as_json(site: Any) -> None:
    @site.view("lorries")
    def lorries(request: HttpRequest) -> object:
        return [Lorry(id="1", plate="B 12")]

    assert site.get("/lorries").json() == [{"id": "1", "plate": "B 12", "tons": 0}]


def test_respond_gives_a_status_and_is_a_response_for_decorators(site: Any) -> None:
    @site.view("made")
    @never_cache
    def made(request: HttpRequest) -> object:
        return respond(request, Lorry(id="1", plate="B 12"), status=201)

    answer = site.get("/made")

    assert answer.status_code == 201
    assert "no-cache" in answer.headers["cache-control"]
    assert answer.json()["plate"] == "B 12"


def test_a_view_reads_signals_of_a_body_with_attribute_access(site: Any) -> None:
    @site.view("add")
    def add(request: HttpRequest) -> object:
        signals = read_signals(request)
        return patch_signals({"total": signals.a + signals.b})

    answer = site.post("/add", {"a": 1, "b": 2}, content_type="application/json")

    assert b'"total":3' in answer.content


def test_an_async_view_reads_signals_of_the_query(site: Any) -> None:
    @site.view("add")
    async def add(request: HttpRequest) -> object:
        signals = await aread_signals(request)
        return patch_signals({"total": signals.a + signals.b})

    answer = site.get("/add", {"datastar": '{"a": 1, "b": 2}'})

    assert b'"total":3' in answer.content


def test_the_body_is_there_for_the_view_after_its_signals_were_read(site: Any) -> None:
    @site.view("both")
    def both(request: HttpRequest) -> object:
        read_signals(request)
        return HttpResponse(request.body)

    assert site.post("/both", {"a": 1}, content_type="application/json").content == b'{"a": 1}'


@pytest.mark.parametrize(
    ("body", "status"), [(b"[1]", 400), (b"{", 400), (b'{"a": "' + b"x" * 70_000 + b'"}', 413)]
)
def test_signals_that_are_none_are_refused(site: Any, body: bytes, status: int) -> None:
    @site.view("add")
    def add(request: HttpRequest) -> object:
        return HttpResponse(str(read_signals(request)))

    assert site.post("/add", body, content_type="application/json").status_code == status


def test_what_django_raises_in_a_view_stays_an_answer_of_django(site: Any) -> None:
    @site.view("missing")
    def missing(request: HttpRequest) -> object:
        raise Http404

    answer = site.get("/missing")

    assert answer.status_code == 404
    assert b"The requested resource was not found" in answer.content


def test_an_unforeseen_error_stays_an_answer_of_django(site: Any) -> None:
    @site.view("broken")
    def broken(request: HttpRequest) -> object:
        raise RuntimeError("secret detail")

    answer = site.get("/broken")

    assert answer.status_code == 500
    assert b"secret" not in answer.content


def test_an_entity_that_does_not_exist_is_404(site: Any) -> None:
    @site.view("lorry")
    def lorry(request: HttpRequest) -> object:
        return Lorry.get("nobody")

    answer = site.get("/lorry")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_values_that_an_entity_refuses_are_422_by_field(site: Any) -> None:
    @site.view("lorry")
    def lorry(request: HttpRequest) -> object:
        return Lorry(plate=None)

    answer = site.get("/lorry")

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["plate"]


def test_a_route_that_touches_nothing_of_nitro_answers_as_before(site: Any) -> None:
    @site.view("plain")
    def plain(request: HttpRequest) -> HttpResponse:
        return JsonResponse({"plain": True})

    for answer in (site.get("/plain"), site.post("/plain")):
        assert answer.content == b'{"plain": true}'
        assert dict(answer.headers) == {"Content-Type": "application/json", "Content-Length": "15"}


def test_a_streaming_answer_of_django_is_not_touched(site: Any) -> None:
    @site.view("drip")
    def drip(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(iter([b"one,", b"two"]), content_type="text/plain")

    assert site.get("/drip").getvalue() == b"one,two"


def test_a_guarded_view_is_called_from_this_site_without_a_token_of_django(site: Any) -> None:
    @site.view("act")
    @guarded
    def act(request: HttpRequest) -> object:
        return patch_signals({"done": True})

    site.start()
    site.client.handler.enforce_csrf_checks = True

    same = site.post("/act", headers={"sec-fetch-site": "same-origin"})
    other = site.post("/act", headers={"sec-fetch-site": "cross-site"})

    assert (same.status_code, other.status_code) == (200, 403)


def test_a_view_that_is_not_guarded_still_needs_the_token_of_django(site: Any) -> None:
    @site.view("act")
    async def act(request: HttpRequest) -> object:
        return patch_signals({"done": True})

    site.start()
    site.client.handler.enforce_csrf_checks = True

    assert site.post("/act", headers={"sec-fetch-site": "same-origin"}).status_code == 403


class Untaken(AsyncGenerator[bytes]):
    """What nobody has asked for a piece, and is closed all the same."""

    closed = False

    async def asend(self, value: None, /) -> bytes:
        raise StopAsyncIteration

    async def athrow(self, *_: Any) -> bytes:
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed = True


def test_an_answer_that_nobody_takes_is_closed() -> None:
    chunks = Untaken()
    ChunksBody(chunks, whole=True).close()

    assert chunks.closed
