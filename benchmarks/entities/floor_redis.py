"""The floor: redis-py with hiredis, one JSON text a product, validated pydantic models."""

import os
from datetime import datetime
from itertools import cycle

import redis
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


known = [f"floor:p{number:07}" for number in range(ROWS)]
ids = cycle(known)
fresh = Fresh()
client = redis.Redis.from_url(os.environ["NITRO_REDIS_URL"])


def put(number: int) -> None:
    one = Product(**values(number))
    client.set(f"floor:{one.id}", one.model_dump_json())


for number in range(ROWS):
    put(number)


def get(times: int) -> None:
    for _ in range(times):
        Product.model_validate_json(client.get(next(ids)))


def insert(times: int) -> None:
    for _ in range(times):
        put(fresh())


mine = Product.model_validate_json(client.get(known[0]))


def update(times: int) -> None:
    for number in range(times):
        mine.stock = number + fresh.next
        client.set(known[0], mine.model_dump_json())
    fresh.next += times


def get100(times: int) -> None:
    for _ in range(times):
        assert len([Product.model_validate_json(one) for one in client.mget(known[:100])]) == 100


def bulk1000(times: int) -> None:
    for _ in range(times):
        several = [Product(**values(fresh())) for _ in range(1000)]
        pipe = client.pipeline(transaction=False)
        for one in several:
            pipe.set(f"floor:{one.id}", one.model_dump_json())
        pipe.execute()


def put_listed(one: Product) -> None:
    """Store it with an entry in an index, together."""
    with client.pipeline(transaction=True) as pipe:
        pipe.set(f"floor:{one.id}", one.model_dump_json())
        pipe.zadd("floor:by_price", {one.id: one.price})
        pipe.execute()


def indexed_insert(times: int) -> None:
    for _ in range(times):
        put_listed(Product(**values(fresh())))


def indexed_update(times: int) -> None:
    for number in range(times):
        mine.price = number + fresh.next
        put_listed(mine)
    fresh.next += times


serve({"get": get, "insert": insert, "update": update, "get100": get100, "bulk1000": bulk1000,
       "indexed_insert": indexed_insert, "indexed_update": indexed_update})  # fmt: skip
