"""The brief's examples start from nothing: an empty folder, nothing set, nothing defined."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

import nitro
import nitro_entities.state
import nitro_events.state
import nitro_templates.state
from nitro_entities.classes import Registry


def forget_everything() -> None:
    for module in (nitro_events.state, nitro_templates.state, nitro_entities.state):
        module.state.reset()


@pytest.fixture(autouse=True)
def from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    for name in ("NITRO_DATABASE_URL", "NITRO_ENV", "NITRO_SECRET"):
        monkeypatch.delenv(name, raising=False)
    forget_everything()
    # classes of other test modules would compete for names such as "products"
    registry = nitro_entities.state.state.part(Registry)
    monkeypatch.setattr(registry, "classes", {})
    yield
    forget_everything()


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    nitro.install(app)
    return app


@pytest.fixture
def http(app: FastAPI) -> TestClient:
    return TestClient(app)
