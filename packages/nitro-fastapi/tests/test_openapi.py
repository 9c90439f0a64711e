"""The generated routes stand in the application's own description."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nitro_events import command
from nitro_events.state import state
from nitro_fastapi import install


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    state.reset()


def test_generated_routes_are_described_beside_hand_written_ones() -> None:
    app = FastAPI()
    install(app)

    @app.post("/place")
    def own() -> int:
        return 1

    namespace: dict[str, Any] = {"command": command}
    exec(
        "@command\ndef place(number: int) -> int: return number\n"
        "@command(path='/orders/{number}/ship')\ndef ship(number: int) -> int: return number\n",
        namespace,
    )

    http = TestClient(app)
    document = http.get("/openapi.json").json()

    assert document["paths"]["/place"]["post"]["operationId"].startswith("own")
    assert document["paths"]["/orders/{number}/ship"]["post"]["operationId"] == "ship_post"
    assert "Problem" in document["components"]["schemas"]
    assert http.get("/openapi.json").json() == document
    assert http.post("/orders/7/ship").text == "7"
    assert http.post("/orders/x/ship").status_code == 422
