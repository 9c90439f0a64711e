"""The signals of the browser as parameters of handlers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar, Request, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, JSONBody
from litestar.testing import TestClient

from nitro_events import Signals
from nitro_litestar import ReadSignals, read_signals

Served = Callable[..., TestClient[Litestar]]


@post("/read", status_code=200)
async def read(any_name: ReadSignals) -> dict[str, object]:
    return {"name": any_name.name}


@post("/read", status_code=200, sync_to_thread=True)
def read_in_thread(any_name: ReadSignals) -> dict[str, object]:
    return {"name": any_name.name}


@pytest.mark.parametrize("handler", [read, read_in_thread])
def test_signals_are_read_with_attribute_access(served: Served, handler: Any) -> None:
    answer = served(handler).post("/read", json={"name": "Lamp"})

    assert answer.json() == {"name": "Lamp"}


def test_signals_of_a_get_are_in_the_query(served: Served) -> None:
    @get("/read")
    async def in_query(signals: ReadSignals) -> dict[str, object]:
        return {"name": signals.name}

    answer = served(in_query).get("/read", params={"datastar": '{"name":"Lamp"}'})

    assert answer.json() == {"name": "Lamp"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[1]", 400),
        (b"null", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 413),
        (b"[" * 10_000, 400),
        (b'{"a": NaN}', 400),
        (b'{"a": ' + b"9" * 5000 + b"}", 400),
        (b'{"a": "' + b"x" * 70_000 + b'"}', 413),
    ],
)
def test_signals_that_are_rubbish_are_refused(served: Served, body: bytes, status: int) -> None:
    @post("/all")
    async def all_of_them(signals: ReadSignals) -> dict[str, object]:
        return dict(signals)

    headers = {"content-type": "application/json"}

    assert served(all_of_them).post("/all", content=body, headers=headers).status_code == status


def test_a_signal_that_did_not_come_is_the_callers_mistake(served: Served) -> None:
    answer = served(read).post("/read", json={"other": 1})

    assert answer.status_code == 422
    assert "name" in answer.json()["detail"]


def test_signals_stay_out_of_the_openapi_description(served: Served) -> None:
    document = served(read).get("/schema/openapi.json").json()

    assert "parameters" not in document["paths"]["/read"]["post"]


def test_the_body_is_there_for_others_too(served: Served) -> None:
    @post("/both", status_code=200)
    async def both(
        data: JSONBody[dict[str, str]], signals: ReadSignals, request: Request[Any, Any, Any]
    ) -> list[object]:
        return [data["name"], signals.name, await request.json()]

    answer = served(both).post("/both", json={"name": "Lamp"})

    assert answer.json() == ["Lamp", "Lamp", {"name": "Lamp"}]


def test_a_dependency_may_read_them(served: Served) -> None:
    async def name_of(signals: NamedDependency[Signals]) -> str:
        return str(signals.name)

    @post("/read", status_code=200)
    async def by_dependency(name: NamedDependency[str]) -> str:
        return name

    provided = {"signals": Provide(read_signals), "name": Provide(name_of)}

    answer = served(by_dependency, dependencies=provided).post("/read", json={"name": "Lamp"})

    assert answer.text == "Lamp"


def test_a_parameter_that_is_called_signals_stays_what_it_was(served: Served) -> None:
    @get("/own")
    async def own(signals: FromQuery[int]) -> dict[str, int]:
        return {"signals": signals}

    assert served(own).get("/own?signals=5").json() == {"signals": 5}
