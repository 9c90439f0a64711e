"""Entities at paths of their own choice, served and linked to. Needs nitro-entities."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

nitro_entities = pytest.importorskip("nitro_entities")

from nitro_entities import Entity  # noqa: E402
from nitro_events import action, call, configure, expose, joints, on, query  # noqa: E402
from nitro_events.http.dispatch import answer  # noqa: E402
from nitro_events.http.openapi import describe  # noqa: E402
from nitro_events.http.request import Request  # noqa: E402
from nitro_events.state import state  # noqa: E402
from nitro_events.surface import surface  # noqa: E402


@pytest.fixture(autouse=True)
def _connected() -> Iterator[None]:
    nitro_entities.state.reset()
    configure(secret="k" * 32)
    joints.connect()
    yield
    state.reset()
    nitro_entities.state.reset()


@pytest.fixture
def item() -> Any:
    """A class with a name, two versions, and actions at paths of their own."""

    class Thing(Entity):
        __route_name__ = "goods"
        __route_prefix__ = ("/api/v2", "/api/v1")

        name: str
        stock: int = 0

        @action
        def restock(self, quantity: int) -> None:
            self.stock += quantity

        @action(path="/stores/{store}/goods/{id}/ship")
        def ship(self, store: str, count: int = 1) -> str:
            self.stock -= count
            return f"{count} from {store}"

        @query(path="price-in/{currency}")
        def price(self, currency: str) -> dict[str, str]:
            return {"in": currency}

    return Thing


def ask(method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
    given = {"host": "here", "content-type": "application/json", **headers}
    raw = b"" if body is None else json.dumps(body).encode()
    response = asyncio.run(answer(Request(method, path, headers=given, body=raw)))
    if response is None:
        return 404, None
    return response.status, json.loads(response.body) if response.body else None


def test_a_class_answers_in_each_version_and_nowhere_else(item: Any) -> None:
    status, made = ask("POST", "/api/v1/goods", {"name": "Tea"})
    assert status == 201

    assert ask("POST", f"/api/v2/goods/{made['id']}/restock", {"quantity": 5})[0] == 204
    assert ask("POST", f"/api/v1/goods/{made['id']}/restock", {"quantity": 2})[0] == 204
    assert item.get(made["id"]).stock == 7
    assert ask("POST", "/things", {"name": "Tea"})[0] == 404
    assert ask("POST", "/goods", {"name": "Tea"})[0] == 404


def test_arguments_come_from_the_path_and_the_body(item: Any) -> None:
    tea = item(name="Tea", stock=9).save()

    assert ask("POST", f"/stores/oslo/goods/{tea.id}/ship", {"count": 4, "store": "x"}) == (
        200,
        "4 from oslo",
    )
    assert item.get(tea.id).stock == 5
    assert ask("GET", f"/api/v2/goods/{tea.id}/price-in/nok") == (200, {"in": "nok"})
    assert ask("POST", f"/api/v2/goods/{tea.id}/price-in/nok")[0] == 405


def test_the_call_of_a_client_goes_to_the_path_of_the_action(item: Any) -> None:
    tea = item(name="Tea", stock=9).save()

    assert call(tea.restock, quantity=1).url == f"/api/v2/goods/{tea.id}/restock"
    assert call(tea.ship, store="oslo").url == f"/stores/oslo/goods/{tea.id}/ship"


def test_an_opened_event_changes_entities_in_one_unit(item: Any) -> None:
    tea = item(name="Tea").save()
    expose("product_restock")

    @on("product_restock")
    def restock(sender: Any, signals: Any) -> None:
        item.get(sender).restock(signals.quantity)

    @on("product_restock")
    async def note(sender: Any, signals: Any) -> None:
        found = await item.aget(sender)
        found.name = f"Tea {signals.quantity}"

    assert ask("POST", f"/cmds/product_restock/{tea.id}", {"quantity": 5}) == (204, None)
    kept = item.get(tea.id)
    assert (kept.stock, kept.name) == (5, "Tea 5")


def test_it_is_described_and_listed_where_it_is(item: Any) -> None:
    paths = describe()["paths"]
    ways = {way.path for way in surface().ways}

    for path in (
        "/api/v2/goods/{id}/restock",
        "/api/v1/goods",
        "/stores/{store}/goods/{id}/ship",
        "/api/v2/goods/{id}/price-in/{currency}",
    ):
        assert path in paths
        assert path in ways
    ship = paths["/stores/{store}/goods/{id}/ship"]["post"]
    assert [p["name"] for p in ship["parameters"]] == ["store", "id"]
    body = ship["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]) == {"count"}


def test_the_forms_of_pages_lead_there_too(item: Any) -> None:
    pytest.importorskip("nitro_templates")
    from nitro_templates.with_events.links import links

    known = links()

    assert known.edit("things", "a") == "/api/v2/goods/a/edit"
    assert known.create("things") == "/api/v2/goods"
    assert known.action("things", "a", "restock") == "/api/v2/goods/a/restock"
    assert known.action("things", "a", "ship") == "/cmds/things.ship/a"
    assert state.routes.allowed("/api/v2/goods/new") >= {"GET"}
    assert not state.routes.allowed("/things/new")
