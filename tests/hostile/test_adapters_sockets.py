"""A page of another site opens no WebSocket where all is protected."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from nitro_events import configure
from nitro_events.state import state
from nitro_starlette import install


@pytest.fixture
def http() -> Iterator[TestClient]:
    state.reset()
    configure(secret="a secret for these tests alone", protect_all=True)

    async def greet(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("hello")
        await socket.close()

    yield TestClient(install(Starlette(routes=[WebSocketRoute("/ws", greet)])))
    state.reset()


FOREIGN: list[dict[str, str]] = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://testserver.evil.example", "Cookie": "session=x"},
    {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "websocket"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "websocket"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_site_opens_no_socket(http: TestClient, headers: dict[str, str]) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        http.websocket_connect("/ws", headers=headers),
    ):
        pass

    assert refused.value.code == 1008


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://testserver"}])
def test_our_own_pages_and_programs_do(http: TestClient, headers: dict[str, str]) -> None:
    with http.websocket_connect("/ws", headers=headers) as socket:
        assert socket.receive_text() == "hello"


def test_without_that_setting_sockets_are_the_applications_own(http: Any) -> None:
    configure(protect_all=False)

    with http.websocket_connect("/ws", headers=FOREIGN[0]) as socket:
        assert socket.receive_text() == "hello"
