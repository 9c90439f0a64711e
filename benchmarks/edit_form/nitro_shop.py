"""A product, the category it is in, and a counter of what SQLite is asked."""

import sqlite3
import sys
from pathlib import Path
from typing import Any

from sqlmodel import Field, Relationship

from nitro import SQLEntity

sys.path.append(str(Path(__file__).parents[1] / "list_page"))


class Category(SQLEntity, table=True):
    """One of many."""

    name: str = Field(min_length=1, max_length=80, index=True)


class Product(SQLEntity, table=True):
    """What is edited."""

    name: str = Field(min_length=1, max_length=80)
    price: float = 0
    stock: int = 0
    category_id: str = Field(foreign_key="category.id")
    category: Category | None = Relationship()


sent = 0
connect = sqlite3.dbapi2.connect


def counting(*given: Any, **named: Any) -> sqlite3.Connection:
    """Open a connection that counts what it is asked."""

    def count(_statement: str) -> None:
        global sent
        sent += 1

    connection = connect(*given, **named)
    connection.set_trace_callback(count)
    return connection


def statements() -> int:
    """Return how much SQLite was asked so far."""
    return sent


sqlite3.connect = sqlite3.dbapi2.connect = counting
