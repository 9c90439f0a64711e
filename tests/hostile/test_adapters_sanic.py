"""What stands before Nitro in Sanic sees paths as they were sent."""

import asyncio
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from sanic import Sanic, text

from nitro_entities import Entity
from nitro_events import configure
from nitro_events.state import state
from nitro_sanic import install

with warnings.catch_warnings():
    # it imports a part of websockets that is to go
    warnings.simplefilter("ignore", DeprecationWarning)
    import sanic_testing.testing  # type: ignore[import-untyped]  # noqa: F401


class Deed(Entity):
    title: str


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    state.reset()
    Sanic._app_registry.clear()
    configure(policy=lambda *_: True, secret="a secret for these tests alone", prefix="/admin")
    yield
    Sanic._app_registry.clear()
    state.reset()


@pytest.mark.parametrize("path", ["/%61dmin/deeds/a", "/admi%6E/deeds/a"])
def test_no_escape_leads_around_a_guard_of_the_application(path: str) -> None:
    app: Any = install(Sanic("Guarded"))

    @app.on_request  # type: ignore[untyped-decorator]
    async def guard(request: Any) -> Any:
        return text("No", status=403) if request.path.startswith("/admin/") else None

    @app.get("/plain")  # type: ignore[untyped-decorator]
    async def plain(_: Any) -> Any:
        return text("plain")

    Deed.create(id="a", title="A deed")
    try:
        _, answer = asyncio.run(app.asgi_client.delete(path))
        assert answer.status_code in (403, 404)
        assert Deed.get_or_none("a") is not None
    finally:
        deed = Deed.get_or_none("a")
        if deed is not None:
            deed.delete()
