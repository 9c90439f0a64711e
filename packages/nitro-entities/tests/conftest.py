"""A clean state and a database of its own for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nitro_entities import configure, state
from nitro_entities.classes import Registry


@pytest.fixture(autouse=True)
def clean(tmp_path: Path) -> Iterator[Path]:
    state.reset()
    # classes that a test claims to have defined elsewhere must not outlive it
    registry = state.state.part(Registry)
    known = dict(registry.classes)
    path = tmp_path / "data.db"
    configure(database_url=f"sqlite:///{path}")
    yield path
    state.reset()
    registry.classes = known


@pytest.fixture
def database(clean: Path) -> Path:
    return clean
