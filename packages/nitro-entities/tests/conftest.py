"""A clean state and a database of its own for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nitro_entities import configure, state


@pytest.fixture(autouse=True)
def clean(tmp_path: Path) -> Iterator[Path]:
    state.reset()
    path = tmp_path / "data.db"
    configure(database_url=f"sqlite:///{path}")
    yield path
    state.reset()


@pytest.fixture
def database(clean: Path) -> Path:
    return clean
