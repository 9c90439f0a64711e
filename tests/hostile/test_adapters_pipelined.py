"""Several requests on one connection: none may see what belongs to another."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

uvicorn: Any = pytest.importorskip("uvicorn")

from fastapi import FastAPI  # noqa: E402

from nitro_entities import Entity  # noqa: E402
from nitro_entities.stores.browser import DatastarRepo  # noqa: E402
from nitro_events import configure  # noqa: E402
from nitro_events.http.request import current_request  # noqa: E402
from nitro_events.state import state  # noqa: E402
from nitro_fastapi import install  # noqa: E402


class Longing(Entity):
    text: str
    _persistence_backend_class = DatastarRepo


@pytest.fixture(params=["h11", "httptools"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """A server whose visitors say in a header who they are."""
    pytest.importorskip(request.param)
    state.reset()
    app = install(FastAPI())
    configure(
        policy=lambda *_: True,
        user=lambda asked: asked.headers["x-who"],
        secret="a secret for these tests alone",
    )

    @app.post("/wish")
    async def wish() -> None:
        Longing(id="mine", text="Only for ann").save()

    @app.post("/read")
    async def read() -> dict[str, object]:
        asked = current_request.get()
        assert asked is not None
        found = Longing.get_or_none("mine")
        return {"who": asked.caller.id, "wish": None if found is None else found.text}

    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, http=request.param, log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(10)
    state.reset()


def posted(path: str, who: str, *, last: bool = False) -> bytes:
    head = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        f"X-Who: {who}",
        "Datastar-Request: true",
        "Content-Type: application/json",
        "Content-Length: 2",
        f"Connection: {'close' if last else 'keep-alive'}",
    ]
    return "\r\n".join([*head, "", "{}"]).encode()


def test_what_a_browser_keeps_is_not_for_the_next_request_of_the_connection(port: int) -> None:
    # both at once: a server begins the second one while the first one is being ended
    asked = posted("/wish", "ann") + posted("/read", "eve", last=True)

    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(asked)
        answers = b""
        while piece := connection.recv(65536):
            answers += piece

    assert b"Only for ann" in answers.partition(b"HTTP/1.1 200 OK")[2]  # told to Ann
    assert answers.endswith(b'{"who":"eve","wish":null}')
