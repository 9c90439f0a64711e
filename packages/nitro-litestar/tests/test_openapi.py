"""The generated routes stand in the application's own description."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar, get, post
from litestar.openapi.config import OpenAPIConfig
from litestar.testing import TestClient

from nitro_entities import Entity, Secret
from nitro_events import Patch, action, patch_signals

Served = Callable[..., TestClient[Litestar]]


class Markup:
    def __html__(self) -> str:
        return "<b>bold</b>"


def document_of(http: TestClient[Litestar]) -> Any:
    return http.get("/schema/openapi.json").json()


def test_generated_routes_are_described_beside_hand_written_ones(served: Served) -> None:
    @action(path="/orders/{number}/ship")
    def ship(number: int) -> int:
        return number

    @post("/place")
    async def own() -> int:
        return 1

    document = document_of(served(own))

    assert "post" in document["paths"]["/place"]
    assert document["paths"]["/orders/{number}/ship"]["post"]["operationId"] == "ship_post"
    assert "Problem" in document["components"]["schemas"]


def test_what_the_application_says_of_itself_stays(served: Served) -> None:
    config = OpenAPIConfig(title="Mine", version="7")

    document = document_of(served(openapi_config=config))

    assert document["info"] == {"title": "Mine", "version": "7"}


def test_the_door_of_the_generated_routes_is_not_described(served: Served) -> None:
    assert not [path for path in document_of(served())["paths"] if "door" in path]


def test_a_page_is_described_as_html(served: Served) -> None:
    @get("/page")
    async def page() -> Markup:
        return Markup()

    answers = document_of(served(page))["paths"]["/page"]["get"]["responses"]

    assert list(answers["200"]["content"]) == ["text/html"]


@pytest.mark.parametrize("kind", [Patch, list[Patch]])
def test_patches_are_described_as_events_of_status_200(served: Served, kind: Any) -> None:
    async def patch() -> Any:
        return patch_signals({})

    patch.__annotations__["return"] = kind

    answers = document_of(served(post("/patch")(patch)))["paths"]["/patch"]["post"]["responses"]

    assert list(answers["200"]["content"]) == ["text/event-stream"]
    assert "201" not in answers


def test_secret_fields_of_entities_are_not_described(served: Served) -> None:
    class LitestarKey(Entity):
        name: str = ""
        code: Secret[str] = "hidden"

    async def key() -> Any:
        return LitestarKey()

    key.__annotations__["return"] = LitestarKey
    http = served(get("/key")(key))

    assert "hidden" not in http.get("/schema/openapi.json").text
    described = document_of(http)["components"]["schemas"]["LitestarKey"]["properties"]
    assert list(described) == ["id", "name"]
    assert "code" not in http.get("/key").json()
