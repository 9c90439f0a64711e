"""In which thread a request is worked on: none is taken where nothing waits."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

nitro_entities = pytest.importorskip("nitro_entities")

from nitro_entities import Entity, MemoryRepo, SQLModelBackend, changes  # noqa: E402
from nitro_events import action  # noqa: E402
from nitro_events.http.asgi import Middleware  # noqa: E402
from nitro_events.http.dispatch import answer  # noqa: E402
from nitro_events.http.request import Request  # noqa: E402
from nitro_events.settings import configure  # noqa: E402
from nitro_events.state import state  # noqa: E402
from nitro_events.units import current_unit  # noqa: E402
from nitro_events.with_entities import connect  # noqa: E402


@pytest.fixture(autouse=True)
def _connected(tmp_path: Any) -> Iterator[None]:
    nitro_entities.state.reset()
    nitro_entities.configure(database_url=f"sqlite:///{tmp_path / 'data.db'}")
    configure(secret="k" * 32)
    connect()
    yield
    state.reset()
    nitro_entities.state.reset()


def kettle_in(backend: type) -> Any:
    class ThreadKettle(Entity):
        _persistence_backend_class = backend

        id: str
        cups: int = 0

        @action
        async def apour(self, cups: int) -> dict[str, int]:
            self.cups += cups
            return {"cups": self.cups}

        @action
        def pour(self, cups: int) -> dict[str, int]:
            self.cups += cups
            return {"cups": self.cups}

    return ThreadKettle


async def poured(name: str) -> tuple[int, set[str]]:
    """Return the status and the other threads that there were in the end."""
    before = {thread.name for thread in threading.enumerate()}
    body = json.dumps({"cups": 2}).encode()
    headers = [("host", "localhost"), ("content-type", "application/json")]
    path = f"/thread-kettles/a/{name}"
    response = await answer(Request("POST", path, headers=headers, body=body))
    assert response is not None
    assert response.body == b'{"cups":2}'
    return response.status, {thread.name for thread in threading.enumerate()} - before


def test_an_async_action_on_what_is_in_memory_takes_no_thread() -> None:
    kettle = kettle_in(MemoryRepo)
    kettle(id="a").save()

    status, others = asyncio.run(poured("apour"))

    assert status == 200
    assert not others
    assert kettle.get("a").cups == 2


@pytest.mark.parametrize(("backend", "name"), [(MemoryRepo, "pour"), (SQLModelBackend, "apour")])
def test_what_may_wait_does_so_in_a_thread(backend: type, name: str) -> None:
    kettle = kettle_in(backend)
    kettle(id="a").save()

    status, others = asyncio.run(poured(name))

    assert status == 200
    assert others
    assert kettle.get("a").cups == 2


def test_a_policy_of_the_application_is_asked_in_a_thread() -> None:
    asked: list[int] = []

    def policy(*_: object) -> bool:
        asked.append(threading.get_ident())
        return True

    configure(policy=policy)
    kettle = kettle_in(MemoryRepo)
    kettle(id="a").save()

    asyncio.run(poured("apour"))

    assert asked
    assert threading.get_ident() not in asked


def test_a_subscriber_that_may_wait_is_called_in_a_thread() -> None:
    told: list[int] = []
    kettle = kettle_in(MemoryRepo)
    kettle(id="a").save()
    end = changes.subscribe(lambda _: told.append(threading.get_ident()))

    asyncio.run(poured("apour"))
    end()

    assert len(told) == 1
    assert threading.get_ident() not in told


def test_a_request_that_touches_no_entity_opens_no_unit_and_asks_for_nobody() -> None:
    asked: list[object] = []
    configure(user=asked.append)
    seen: list[bool] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        unit = current_unit()
        assert unit is not None
        seen.append(unit.untouched)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x"})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(_: Any) -> None:
        return None

    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/x",
        "query_string": b"",
        "headers": [],
    }
    asyncio.run(Middleware(app, lambda scope: scope)(scope, receive, send))

    assert seen == [True]
    assert asked == []
