"""A clean state and a database of its own for every test."""

from collections.abc import Callable, Iterator
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


@pytest.fixture
def postgres_url(clean: Path) -> Iterator[str]:
    """A PostgreSQL database with nothing in it."""
    from support import postgres

    database = postgres.database()
    database.empty()
    yield database.url
    state.reset()  # while the test still holds it


@pytest.fixture
def redis_url(clean: Path) -> Iterator[str]:
    """A part of a Redis server with nothing in it."""
    from support import redis

    url = redis.namespace()
    configure(redis_url=url)
    yield url
    state.reset()
    redis.empty(url)


@pytest.fixture
def use_database(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """``use_database("postgresql")``: keep the entities of this test there."""

    def use(name: str) -> None:
        if name == "postgresql":
            configure(database_url=request.getfixturevalue("postgres_url"))
        elif name == "redis":
            request.getfixturevalue("redis_url")

    return use
