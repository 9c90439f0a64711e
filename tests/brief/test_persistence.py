"""Persistence matches the data: the same face over different stores."""

import sqlite3
from pathlib import Path

import pytest

from nitro import Entity, EntityNotFound, MemoryRepo, SQLEntity, SQLModelBackend


def test_session_data_lives_in_memory() -> None:
    class UserSession(Entity):
        cart_items: list = []  # type: ignore[type-arg]
        _persistence_backend_class = MemoryRepo

    session = UserSession()
    session.cart_items = ["lamp"]
    session.save()

    assert UserSession.get(session.id).cart_items == ["lamp"]
    assert UserSession().cart_items == []


def test_domain_models_live_in_sql() -> None:
    class Product(SQLEntity, table=True):
        name: str
        price: float
        _persistence_backend_class = SQLModelBackend

    product = Product(name="Lamp", price=9.5)
    product.save()
    product.price = 8.0
    product.save()

    assert Product.get(product.id).price == 8.0
    product.delete()
    with pytest.raises(EntityNotFound):
        Product.get(product.id)


@pytest.mark.parametrize("backend", [MemoryRepo, SQLModelBackend])
def test_one_line_moves_a_class_to_another_store(backend: type) -> None:
    class Task(Entity):
        title: str
        done: bool = False
        _persistence_backend_class = backend

        def finish(self) -> None:
            self.done = True
            self.save()

    task = Task(title="write")
    task.save()
    task.finish()

    assert [(found.title, found.done) for found in Task.all()] == [("write", True)]


def test_configuration_alone_picks_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NITRO_DATABASE_URL", f"sqlite:///{tmp_path}/elsewhere.db")

    class Product(SQLEntity, table=True):
        name: str

    Product(name="Lamp").save()

    with sqlite3.connect(tmp_path / "elsewhere.db") as raw:
        assert raw.execute("select name from product").fetchall() == [("Lamp",)]
    raw.close()
