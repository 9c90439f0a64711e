"""Applications, asked by Sanic's own test clients: through its server, and as ASGI."""

import asyncio
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from sanic import Sanic

from nitro_events.state import state
from nitro_sanic import install

_numbers = count()

with warnings.catch_warnings():
    # it imports a part of websockets that is to go
    warnings.simplefilter("ignore", DeprecationWarning)
    import sanic_testing.testing  # type: ignore[import-untyped]  # noqa: F401


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # what Sanic says about its own test client
    ours = [item for item in items if "nitro-sanic" in str(item.path)]
    for item in ours:
        item.add_marker(pytest.mark.filterwarnings("ignore:.*loop argument:DeprecationWarning"))


@contextmanager
def no_loop() -> Iterator[None]:
    """Hide the event loop that browser tests leave running in the thread of all tests."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(running)


class Http:
    """Sends one request after the other, each to an application that starts and stops for it."""

    def __init__(self, app: Any, kind: str) -> None:
        self.app = app
        self.kind = kind

    def __call__(self, method: str, url: str, **given: Any) -> Any:
        with no_loop():
            if self.kind == "ASGI":
                return asyncio.run(self._asgi(method, url, given))
            return getattr(self.app.test_client, method)(url, **given)[1]

    async def _asgi(self, method: str, url: str, given: dict[str, Any]) -> Any:
        return (await getattr(self.app.asgi_client, method)(url, **given))[1]

    def get(self, url: str, **given: Any) -> Any:
        return self("get", url, **given)

    def post(self, url: str, **given: Any) -> Any:
        return self("post", url, **given)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    Sanic.test_mode = True
    yield
    Sanic.test_mode = False
    Sanic._app_registry.clear()
    state.reset()


@pytest.fixture
def make() -> Callable[[], Sanic[Any, Any]]:
    return lambda: Sanic(f"app{next(_numbers)}")


@pytest.fixture
def app(make: Callable[[], Sanic[Any, Any]]) -> Sanic[Any, Any]:
    return install(make())


@pytest.fixture(params=["server", "ASGI"])
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def client() -> type[Http]:
    """``client(app, "ASGI")`` asks another application, or in one way only."""
    return Http


@pytest.fixture
def http(app: Any, kind: str) -> Http:
    return Http(app, kind)
