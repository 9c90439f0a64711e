"""A part of a page asked for at the page's own URL."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from nitro_entities import Entity
from nitro_entities import state as entities
from nitro_events import Caller, Request, Response, configure
from nitro_events.http.dispatch import answer
from nitro_events.joints import connect
from nitro_events.state import state as events
from nitro_templates import Div, Element, P, Page
from nitro_templates.asking import Ask, Download, ask_in, ask_url
from nitro_templates.component import Component
from nitro_templates.context import RenderContext
from nitro_templates.with_events import context_of

HTML = {"accept": "text/html", "host": "testserver", "sec-fetch-site": "same-origin"}
DATASTAR = {**HTML, "datastar-request": "true"}
BOB = Caller("bob", "Bob", host="testclient")
ANN = Caller("ann", "Ann", host="testclient")


@pytest.fixture(autouse=True)
def _fresh_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NITRO_SECRET", "a secret that is long enough")
    monkeypatch.chdir(tmp_path)
    entities.state.reset()
    events.reset()
    connect()
    events.routes.add("GET", "/clocks", clocks, "clocks")
    events.routes.add("GET", "/clock", lambda request: Clock("alone"), "clock")
    events.routes.add("GET", "/closed", closed, "closed")
    yield
    events.reset()
    entities.state.reset()


class Clock(Component):
    """Knows the time, and nothing of the page around it."""

    def __init__(self, key: str) -> None:
        self.key = key

    def build(self, context: RenderContext) -> Element:
        return P("tick", id=self.key)

    def answer(self, ask: Ask, context: RenderContext) -> Element | Download | None:
        if ask.kind == "time":
            return P(f"{ask.rest} {ask.param('_q')} {context.url}", id=f"{self.key}-time")
        if ask.kind == "log":
            return Download("text/csv; charset=utf-8", iter([b"a,", b"", b"b"]), "Zürich 1.csv")
        return None


class Around(Component):
    """Holds what only building it shows."""

    def build(self, context: RenderContext) -> Element:
        return Div(Clock("inside"))


def clocks(request: Request) -> Page:
    return Page(Div(Clock("first"), Clock("second")), Around(), title="Clocks")


def closed(request: Request) -> Page:
    raise PermissionError if request.caller.id == "bob" else LookupError


def get(
    path: str, headers: dict[str, str] = HTML, caller: Caller = BOB, method: str = "GET"
) -> Response:
    where, _, query = path.partition("?")
    request = Request(
        method, where, query_string=query, headers=headers, client="testclient", caller=caller
    )
    response = asyncio.run(answer(request))
    assert response is not None
    return response


def test_a_part_is_answered_alone() -> None:
    response = get("/clocks?_ask=time:second")
    assert response.status == 200
    assert response.body.startswith(b'<p id="second-time">')


def test_datastar_gets_the_part_as_a_patch() -> None:
    response = get("/clocks?_ask=time:first", DATASTAR)
    assert dict(response.headers)["content-type"] == "text/event-stream"
    assert b'elements <p id="first-time">' in response.body


def test_a_component_that_only_building_shows_is_found() -> None:
    assert b"inside-time" in get("/clocks?_ask=time:inside").body


def test_a_component_that_is_no_page_is_asked_too() -> None:
    assert b"alone-time" in get("/clock?_ask=time:alone").body


def test_what_stands_behind_the_key_and_the_parameters_arrive() -> None:
    body = get("/clocks?_ask=time:first:a:b&_q=%3Cb%3E&datastar=%7B%7D&page=2").body.decode()
    assert "(&#39;a&#39;, &#39;b&#39;) &lt;b&gt; /clocks?page=2" in body


@pytest.mark.parametrize(
    "asked", ["time:third", "year:first", "time", "", ":", "time:", f"time:first:{'x' * 600}"]
)
def test_what_is_not_there_is_not_found(asked: str) -> None:
    assert get(f"/clocks?_ask={asked}").status == 404
    assert get(f"/clocks?_ask={asked}", {"host": "testserver"}).status == 404


def test_datastar_is_told_of_a_missing_part_in_a_toast() -> None:
    response = get("/clocks?_ask=time:third", DATASTAR)
    assert response.status == 200
    assert b"nitro-toasts" in response.body


def test_a_page_that_is_closed_answers_for_no_part() -> None:
    configure(policy=lambda caller, operation, target: caller.id == "ann")

    class Vault(Entity):
        name: str = ""

    Vault(name="gold").save()
    assert get("/vaults/new?_ask=options:form-vaults-new:name").status == 403
    assert get("/vaults/new?_ask=options:form-vaults-new:name", caller=ANN).status == 404


def test_only_get_asks() -> None:
    events.routes.add("POST", "/clocks", clocks, "post")
    response = get("/clocks?_ask=time:first", method="POST")
    assert b"<!doctype html>" in response.body


def test_a_download_is_streamed_under_its_name() -> None:
    response = get("/clocks?_ask=log:first")
    headers = dict(response.headers)
    assert headers["content-type"] == "text/csv; charset=utf-8"
    assert headers["content-disposition"] == (
        "attachment; filename=\"Zurich 1.csv\"; filename*=UTF-8''Z%C3%BCrich%201.csv"
    )
    assert response.chunks is not None

    async def read() -> bytes:
        chunks = response.chunks
        assert chunks is not None
        return b"".join([chunk async for chunk in chunks])

    assert asyncio.run(read()) == b"a,b"


def test_the_url_that_asks_is_read_back() -> None:
    request = Request("GET", "/a b", query_string="q=1&_q=2", headers=HTML, caller=BOB)
    url = ask_url(context_of(request), "options", "form-1", "country_id", q="é&")
    assert url == "/a%20b?q=1&_ask=options%3Aform-1%3Acountry_id&_q=%C3%A9%26"
    query = Request("GET", "/", query_string=url.partition("?")[2], caller=BOB).query
    assert ask_in(query) == Ask("options", "form-1", ("country_id",), {"_q": ["é&"]})
