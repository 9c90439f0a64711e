"""The same tables, as SQLAlchemy 2.0 maps them, with a counter of statements."""

import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, ForeignKey, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

sys.path.append(str(Path(__file__).parents[1] / "list_page"))


class Base(DeclarativeBase):
    """The declarative root."""


class Category(Base):
    """One of many."""

    __tablename__ = "category"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __str__(self) -> str:
        return self.name


class Product(Base):
    """What is edited."""

    __tablename__ = "product"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    price: Mapped[float]
    stock: Mapped[int]
    category_id: Mapped[str] = mapped_column(ForeignKey("category.id"))
    category: Mapped[Category] = relationship()


def engine_and_counter(path: str) -> tuple[Engine, Callable[[], int]]:
    """Open the database at *path* and return how many statements were sent so far."""
    engine = create_engine(f"sqlite:///{path}")
    sent = 0

    @event.listens_for(engine, "before_cursor_execute")
    def count(*_: object) -> None:
        nonlocal sent
        sent += 1

    return engine, lambda: sent
