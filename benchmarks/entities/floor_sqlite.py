"""The floor: sqlite3, one connection, rows into validated pydantic models by hand."""

import json
import sqlite3
import sys
from datetime import datetime
from itertools import cycle

from pydantic import BaseModel, ConfigDict
from shop import ROWS, Fresh, serve, values


class Product(BaseModel):
    model_config = ConfigDict(validate_assignment=True)

    id: str
    name: str
    price: float
    stock: int = 0
    tags: list[str] | None = None
    created: datetime


COLUMNS = "id, name, price, stock, tags, created"
ids = cycle([f"p{number:07}" for number in range(ROWS)])
fresh = Fresh()
connection = sqlite3.connect(sys.argv[1] + "/floor.db", isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("PRAGMA synchronous=NORMAL")
connection.execute(
    "CREATE TABLE product (id VARCHAR PRIMARY KEY, name VARCHAR NOT NULL, price DOUBLE NOT NULL, "
    "stock INTEGER NOT NULL, tags JSON, created VARCHAR NOT NULL) WITHOUT ROWID"
)
connection.execute("CREATE INDEX by_price ON product (price)")


def load(row: tuple) -> Product:
    id, name, price, stock, tags, created = row
    return Product(
        id=id,
        name=name,
        price=price,
        stock=stock,
        tags=None if tags is None else json.loads(tags),
        created=created,
    )


def dump(one: Product) -> tuple:
    tags = None if one.tags is None else json.dumps(one.tags)
    return (one.id, one.name, one.price, one.stock, tags, one.created.isoformat())


INSERT = f"INSERT INTO product ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
connection.executemany(INSERT, [dump(Product(**values(n))) for n in range(ROWS)])


def get(times: int) -> None:
    for _ in range(times):
        load(
            connection.execute(
                f"SELECT {COLUMNS} FROM product WHERE id = ?", (next(ids),)
            ).fetchone()
        )


def insert(times: int) -> None:
    for _ in range(times):
        connection.execute(INSERT, dump(Product(**values(fresh()))))


mine = load(connection.execute(f"SELECT {COLUMNS} FROM product LIMIT 1").fetchone())


def update(times: int) -> None:
    for number in range(times):
        mine.stock = number + fresh.next
        connection.execute(
            "UPDATE product SET name = ?, price = ?, stock = ?, tags = ?, created = ? "
            "WHERE id = ?",
            (*dump(mine)[1:], mine.id),
        )
    fresh.next += times


def filter20(times: int) -> None:
    for _ in range(times):
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM product WHERE price > ? AND stock < ? ORDER BY name LIMIT 20",
            (50.0, 25),
        )
        assert len([load(row) for row in rows]) == 20


def load1000(times: int) -> None:
    for _ in range(times):
        rows = connection.execute(f"SELECT {COLUMNS} FROM product ORDER BY id LIMIT 1000")
        assert len([load(row) for row in rows]) == 1000


def bulk1000(times: int) -> None:
    for _ in range(times):
        several = [Product(**values(fresh())) for _ in range(1000)]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(INSERT, [dump(one) for one in several])
        connection.execute("COMMIT")


serve({"get": get, "insert": insert, "update": update, "filter20": filter20,
       "load1000": load1000, "bulk1000": bulk1000})  # fmt: skip
