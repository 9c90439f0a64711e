"""Nitro: the same operations on any store; arguments: folder, root, store, maybe "durable"."""

import sys
from datetime import datetime
from itertools import cycle
from typing import Any

from shop import ROWS, Fresh, serve, values

import nitro_entities
from nitro_entities import Entity, Indexed, UnitOfWork

folder, root, store, *more = sys.argv[1:]
if store == "sqlite":
    nitro_entities.configure(
        database_url=f"sqlite:///{folder}/{'_'.join((root, *more))}.db",
        durable_changes="durable" in more,
    )

BACKEND_OF = {
    "memory": "MemoryRepo",
    "redis": "RedisRepo",
    "sqlite": "SQLModelBackend",
    "postgres": "SQLModelBackend",
}

if root == "entity":
    # an index is one more structure to keep: where the floor has none, there is none here
    Price: Any = float if store == "redis" else Indexed[float]

    class Product(Entity):
        __tablename__ = "entity_product"
        _persistence_backend_class = getattr(nitro_entities, BACKEND_OF[store])

        name: str
        price: Price
        stock: int = 0
        tags: list[str] | None = None
        created: datetime
else:
    from sqlmodel import Field

    from nitro_entities import SQLEntity

    class Product(SQLEntity):  # type: ignore[no-redef]
        __tablename__ = "sqlentity_product"

        name: str
        price: float = Field(index=True)
        stock: int = 0
        tags: list[str] | None = None
        created: datetime


known = [f"p{number:07}" for number in range(ROWS)]
ids = cycle(known)
fresh = Fresh()
Product.where().delete()
Product.create_many([values(number) for number in range(ROWS)])
mine = Product.get("p0000000")


def get(times: int) -> None:
    for _ in range(times):
        Product.get(next(ids))


def insert(times: int) -> None:
    for _ in range(times):
        Product(**values(fresh())).save()


def update(times: int) -> None:
    for number in range(times):
        mine.stock = number + fresh.next
        mine.save()
    fresh.next += times


if store == "redis":

    class Listed(Product):
        """The same with an index."""

        __tablename__ = "listed_product"

        price: Indexed[float]


def indexed_insert(times: int) -> None:
    for _ in range(times):
        Listed(**values(fresh())).save()


listed: Any = None


def indexed_update(times: int) -> None:
    global listed
    listed = listed or Listed(**values(fresh())).save()
    for number in range(times):
        listed.price = number + fresh.next
        listed.save()
    fresh.next += times


def filter20(times: int) -> None:
    column: Any = Product
    for _ in range(times):
        query = Product.where(column.price > 50.0, column.stock < 25).order_by("name").limit(20)
        assert len(query.list()) == 20


def load1000(times: int) -> None:
    for _ in range(times):
        assert len(Product.where().limit(1000).list()) == 1000


def bulk1000(times: int) -> None:
    for _ in range(times):
        Product.create_many([Product(**values(fresh())) for _ in range(1000)])


def get100(times: int) -> None:
    for _ in range(times):
        assert len(Product.get_many(known[:100])) == 100


def unit_get(times: int) -> None:
    for start in range(0, times, 100):
        with UnitOfWork():
            for _ in range(min(100, times - start)):
                Product.get(next(ids))


def unit_insert(times: int) -> None:
    for start in range(0, times, 100):
        with UnitOfWork():
            for _ in range(min(100, times - start)):
                Product(**values(fresh())).save()


def unit_update(times: int) -> None:
    for number in range(times):
        with UnitOfWork():
            mine.stock = number + fresh.next
            mine.save()
    fresh.next += times


serve({"get": get, "insert": insert, "update": update, "filter20": filter20,
       "load1000": load1000, "bulk1000": bulk1000, "get100": get100, "unit_get": unit_get,
       "unit_insert": unit_insert, "unit_update": unit_update, "indexed_insert": indexed_insert,
       "indexed_update": indexed_update})  # fmt: skip
