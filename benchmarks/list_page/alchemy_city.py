"""The same table as the atlas, as SQLAlchemy 2.0 maps it, with a counter of statements."""

from collections.abc import Callable

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The declarative root."""


class City(Base):
    """A city of the atlas."""

    __tablename__ = "city"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    country: Mapped[str]
    region: Mapped[str]
    population: Mapped[int]
    latitude: Mapped[float]
    longitude: Mapped[float]
    timezone: Mapped[str]


COLUMNS = ["id", "name", "country", "region", "population", "latitude", "longitude", "timezone"]


def engine_and_counter(path: str) -> tuple[Engine, Callable[[], int]]:
    """Open the database at *path* and return how many statements were sent so far."""
    engine = create_engine(f"sqlite:///{path}")
    sent = 0

    @event.listens_for(engine, "before_cursor_execute")
    def count(*_: object) -> None:
        nonlocal sent
        sent += 1

    return engine, lambda: sent
