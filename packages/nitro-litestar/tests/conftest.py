"""Every test starts and ends with nothing registered, in an empty folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from nitro_events.state import state
from nitro_litestar import NitroPlugin


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    for name in ("NITRO_ENV", "NITRO_SECRET", "NITRO_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    state.reset()
    yield
    state.reset()


@pytest.fixture
def served() -> Callable[..., TestClient[Litestar]]:
    """``served(*handlers, **options)``: a client of an application with Nitro."""

    def make(*handlers: Any, **options: Any) -> TestClient[Litestar]:
        app = Litestar(handlers, plugins=[NitroPlugin()], logging_config=None, **options)
        return TestClient(app)

    return make
