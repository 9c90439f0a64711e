"""Pages: shown, live, and shown again with what was wrong in their form."""

# mypy: disable-error-code="untyped-decorator"
import asyncio
import re
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpRequest
from django.test import AsyncClient, Client

from nitro_django import respond
from nitro_entities import Entity
from nitro_events import action
from nitro_events.state import state
from nitro_templates import Form, Page, Table

LIVE = {"nitro-live": "", "datastar-request": "true", "sec-fetch-site": "same-origin"}


class Kayak(Entity):
    name: str
    seats: int = 1


def table(request: HttpRequest) -> Page:
    return Page(Table.from_entity(Kayak).reactive(), title="Kayaks")


def test_a_page_is_a_document_with_our_files(site: Any) -> None:
    site.view("boats")(table)

    answer = site.get("/boats")
    (script,) = re.findall(r'src="(/_nitro/[^"]+nitro\.js)"', answer.content.decode())

    assert answer.content.startswith(b"<!doctype html>")
    assert site.get(script).status_code == 200


def test_a_stream_sends_what_changes_and_ends_when_it_is_closed(site: Any) -> None:
    site.view("boats")(table)
    Kayak(id="1", name="Otter").save()
    site.start()

    if site.looped:
        chunks = asyncio.run(looped_stream(site.client))
    else:
        chunks = threaded_stream(site.client)

    assert b"Otter" in chunks[0]
    assert b"Beaver" in chunks[1]
    deadline = time.monotonic() + 5
    while state.hub.stats()["streams"] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert state.hub.stats()["streams"] == 0


def threaded_stream(client: Client) -> list[bytes]:
    answer = client.get("/boats", headers=LIVE)
    parts = iter(answer)
    first = b""
    while b"Otter" not in first:
        first += next(parts)
    Kayak(id="2", name="Beaver").save()
    second = next(parts)
    answer.close()
    return [first, second]


async def looped_stream(client: AsyncClient) -> list[bytes]:
    answer: Any = await client.get("/boats", headers=LIVE)
    parts = aiter(answer)
    first = b""
    while b"Otter" not in first:
        first += await anext(parts)
    await Kayak(id="2", name="Beaver").asave()
    second = await anext(parts)
    answer.close()
    await asyncio.sleep(0.05)
    return [first, second]


def test_a_stream_is_not_compressed(site: Any) -> None:
    from django.middleware.gzip import GZipMiddleware

    site.view("boats")(table)
    answer = site.get("/boats", headers={**LIVE, "accept-encoding": "gzip"})

    asked = answer.asgi_request if site.looped else answer.wsgi_request
    zipped: Any = GZipMiddleware(lambda _: answer)(asked)

    assert zipped.headers["content-encoding"] == "identity"
    answer.close()


@pytest.mark.parametrize("way", ["returned", "responded", "async"])
def test_a_refused_form_comes_back_on_the_page_it_came_from(site: Any, way: str) -> None:
    def page() -> Page:
        return Page(Form.from_entity(Kayak).on_saved(redirect="/"), title="My own page")

    if way == "async":

        @site.view("new")
        async def new(request: HttpRequest) -> object:
            return page()

    elif way == "responded":

        @site.view("new")
        def new_response(request: HttpRequest) -> object:
            return respond(request, page())

    else:

        @site.view("new")
        def new_page(request: HttpRequest) -> object:
            return page()

    shown = site.get("/new").content.decode()
    fields = dict(re.findall(r'name="(_\w+)"[^>]* value="([^"]*)"', shown))
    answer = site.post(
        "/kayaks",
        urlencode({**fields, "name": "Long one", "seats": "many"}),
        content_type="application/x-www-form-urlencoded",
        headers={"referer": "http://testserver/new", "accept": "text/html"},
    )
    text = answer.content.decode()

    assert answer.status_code == 422
    assert "My own page" in text
    assert "Long one" in text


def test_a_generator_streams_its_patches(site: Any) -> None:
    from nitro_events import patch_signals

    @action
    async def count_down() -> Any:
        for number in (2, 1):
            yield patch_signals({"n": number})

    headers = {"datastar-request": "true"}
    text = site.read("/count_down", {}, content_type="application/json", headers=headers)

    assert re.findall(rb'"n":(\d)', text) == [b"2", b"1"]
