"""The floor: a dict that hands out the stored object, without any isolation."""

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


fresh = Fresh()
store = {f"p{number:07}": Product(**values(number)) for number in range(ROWS)}
ids = cycle(list(store))


def get(times: int) -> None:
    for _ in range(times):
        store.get(next(ids))


def copied(times: int) -> None:
    for _ in range(times):
        store[next(ids)].model_copy(deep=True)


def insert(times: int) -> None:
    for _ in range(times):
        one = Product(**values(fresh()))
        store[one.id] = one


serve({"get": get, "copied": copied, "insert": insert})
