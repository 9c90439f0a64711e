"""Tables that somebody else made, and in which nothing keeps the ids apart."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from nitro_entities import (
    Entity,
    EntityExists,
    SchemaMismatch,
    SQLModelBackend,
    UnitOfWork,
    state,
)
from nitro_entities.stores.sql.backend import default_database

Run = Callable[[str], list[Any]]


class Heap(Entity):
    name: str = ""
    _persistence_backend_class = SQLModelBackend


@pytest.fixture(params=["sqlite", "postgresql"])
def run(request: pytest.FixtureRequest, use_database: Callable[[str], None]) -> Iterator[Run]:
    use_database(request.param)

    def execute(sql: str) -> list[Any]:
        tx = default_database().begin()
        found: Any = tx.connection.execute(sql)
        rows = found.fetchall() if sql.startswith("SELECT") else []
        tx.commit(())
        return rows

    yield execute
    state.reset()


@pytest.fixture
def heap(run: Run) -> Run:
    run("CREATE TABLE heap (id TEXT, name TEXT)")
    run("INSERT INTO heap VALUES ('a', 'one'), ('a', 'two'), ('b', 'three')")
    return run


def rows(run: Run) -> list[Any]:
    return sorted(map(tuple, run("SELECT id, name FROM heap")))


def test_an_id_that_two_rows_have_is_refused_wherever_one_is_meant(heap: Run) -> None:
    before = rows(heap)
    one, two = Heap.where(id="a")
    one.name = two.name = "changed"
    for verb in (
        lambda: Heap.get("a"),
        lambda: Heap.get_many(["b", "a"]),
        one.save,
        two.delete,
        lambda: Heap.save_many([one, Heap.get("b").update(name="x")]),
        lambda: Heap.delete_many([one, Heap.get("b")]),
        Heap(id="a").delete,
    ):
        with pytest.raises(SchemaMismatch, match=r"has 2 rows with the id 'a'.*PRIMARY KEY"):
            verb()
    assert rows(heap) == before


@pytest.mark.parametrize("within", [nullcontext, UnitOfWork])
def test_what_is_kept_apart_by_chance_is_used_as_usual(heap: Run, within: Any) -> None:
    with within():
        Heap.get("b").update(name="four").save()
    with pytest.raises(EntityExists), within():
        Heap.create(id="b")
    with within():
        Heap.create_many([{"id": "c"}, {"id": "d"}])
    Heap.get("d").delete()

    assert rows(heap) == [("a", "one"), ("a", "two"), ("b", "four"), ("c", "")]


@pytest.mark.parametrize(
    "apart",
    [
        "CREATE TABLE heap (id TEXT PRIMARY KEY, name TEXT)",
        "CREATE TABLE heap (id TEXT UNIQUE, name TEXT)",
        "CREATE TABLE heap (id TEXT, name TEXT); CREATE UNIQUE INDEX i ON heap (id)",
    ],
)
def test_ids_that_the_database_keeps_apart_are_not_counted(run: Run, apart: str) -> None:
    for sql in apart.split(";"):
        run(sql)
    assert Heap.repository()._statements(None).keyed  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "together",
    [
        "CREATE TABLE heap (id TEXT, name TEXT, PRIMARY KEY (id, name))",
        "CREATE TABLE heap (id TEXT, name TEXT); CREATE UNIQUE INDEX i ON heap (name)",
        "CREATE TABLE heap (id TEXT, name TEXT); CREATE UNIQUE INDEX i ON heap (id, lower(name))",
        "CREATE TABLE heap (id TEXT, name TEXT);"
        "CREATE UNIQUE INDEX i ON heap (id) WHERE name = 'x'",
    ],
)
def test_ids_that_others_may_share_are_counted(run: Run, together: str) -> None:
    for sql in together.split(";"):
        run(sql)
    assert not Heap.repository()._statements(None).keyed  # type: ignore[attr-defined]


def test_ids_of_our_own_tables_are_not_counted(run: Run) -> None:
    Heap.create()

    assert Heap.repository()._statements(None).keyed  # type: ignore[attr-defined]
