"""The floor: psycopg 3, one autocommit connection, rows into validated pydantic models."""

import json
import os
from datetime import datetime
from itertools import cycle

import psycopg
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
INSERT = f"INSERT INTO floor_product ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s)"
ids = cycle([f"p{number:07}" for number in range(ROWS)])
fresh = Fresh()
connection = psycopg.connect(os.environ["NITRO_DATABASE_URL"], autocommit=True)
connection.execute("DROP TABLE IF EXISTS floor_product")
connection.execute(
    "CREATE TABLE floor_product (id VARCHAR PRIMARY KEY, name VARCHAR NOT NULL, "
    "price DOUBLE PRECISION NOT NULL, stock BIGINT NOT NULL, tags TEXT, "
    "created VARCHAR NOT NULL)"
)
connection.execute("CREATE INDEX ON floor_product (price)")
cursor = connection.cursor()


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


with connection.transaction():
    cursor.executemany(INSERT, [dump(Product(**values(n))) for n in range(ROWS)])


def get(times: int) -> None:
    for _ in range(times):
        cursor.execute(f"SELECT {COLUMNS} FROM floor_product WHERE id = %s", (next(ids),))
        load(cursor.fetchone())


def insert(times: int) -> None:
    for _ in range(times):
        cursor.execute(INSERT, dump(Product(**values(fresh()))))


mine = load(cursor.execute(f"SELECT {COLUMNS} FROM floor_product LIMIT 1").fetchone())


def update(times: int) -> None:
    for number in range(times):
        mine.stock = number + fresh.next
        cursor.execute(
            "UPDATE floor_product SET name = %s, price = %s, stock = %s, tags = %s, "
            "created = %s WHERE id = %s",
            (*dump(mine)[1:], mine.id),
        )
    fresh.next += times


def filter20(times: int) -> None:
    for _ in range(times):
        cursor.execute(
            f"SELECT {COLUMNS} FROM floor_product WHERE price > %s AND stock < %s "
            "ORDER BY name LIMIT 20",
            (50.0, 25),
        )
        assert len([load(row) for row in cursor.fetchall()]) == 20


def load1000(times: int) -> None:
    for _ in range(times):
        cursor.execute(f"SELECT {COLUMNS} FROM floor_product ORDER BY id LIMIT 1000")
        assert len([load(row) for row in cursor.fetchall()]) == 1000


def bulk1000(times: int) -> None:
    for _ in range(times):
        several = [Product(**values(fresh())) for _ in range(1000)]
        with connection.transaction():
            cursor.executemany(INSERT, [dump(one) for one in several])


serve({"get": get, "insert": insert, "update": update, "filter20": filter20,
       "load1000": load1000, "bulk1000": bulk1000})  # fmt: skip
