"""SQLEntity beside SQLModel and SQLAlchemy: what people use there goes on working."""

# checkers cannot know what these tests make, or they ask for what is wrong on purpose
# mypy: disable-error-code="attr-defined,union-attr"

import copy
import pickle
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar, Optional

import pytest
from pydantic import BaseModel, ValidationError, model_validator
from sqlalchemy import JSON, Column, DateTime, Engine, String, UniqueConstraint, event, inspect
from sqlalchemy import Enum as SQLEnum
from sqlmodel import Field, Relationship, Session, SQLModel, create_engine, select

from nitro_entities import (
    CreatedAt,
    Entity,
    Indexed,
    NotUnique,
    SQLEntity,
    SQLModelBackend,
    Unique,
    UnitOfWork,
    UpdatedAt,
)


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


class Shelf(SQLEntity):
    name: str
    books: list["Book"] = Relationship(back_populates="shelf")


class Book(SQLEntity):
    title: str
    shelf_id: str | None = Field(default=None, foreign_key="shelf.id")
    shelf: Shelf | None = Relationship(back_populates="books")


class Named(SQLEntity, table=False):
    name: str = Field(min_length=1)

    def shout(self) -> str:
        return self.name.upper()


class Timed(SQLModel):
    created_at: CreatedAt = None
    updated_at: UpdatedAt = None


class Company(Named, Timed):
    size: Size = Size.SMALL


class Parcel(SQLEntity):
    __tablename__ = "legacy_parcels"
    __table_args__ = (UniqueConstraint("from_whom", "number"),)

    sender: str = Field(sa_column=Column("from_whom", String(50), nullable=False))
    number: int
    size: Size = Field(default=Size.SMALL, sa_column=Column(SQLEnum(Size)))
    labels: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON))
    sent: datetime | None = Field(default=None, sa_column=Column(DateTime))


class Account(SQLEntity):
    __unique__: ClassVar[list[tuple[str, ...]]] = [("street", "door")]

    email: Unique[str]
    town: Indexed[str] = ""
    street: str = ""
    door: int = 0


class Country(Entity):
    _persistence_backend_class = SQLModelBackend
    name: str


class Town(SQLEntity):
    name: str
    country_id: str = Field(foreign_key="country.id")


class Careful(SQLEntity):
    low: int = 0
    high: int = 10

    @model_validator(mode="after")
    def in_order(self) -> "Careful":
        if self.low > self.high:
            msg = "low is above high"
            raise ValueError(msg)
        return self


class Greeting(SQLEntity):
    text: str = ""

    def __init__(self, **values: Any) -> None:
        super().__init__(**{"text": "hello", **values})


@pytest.fixture
def engine(database: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{database}")
    yield engine
    engine.dispose()


def test_a_session_adds_what_we_find_and_finds_what_we_save(engine: Engine) -> None:
    shelf = Shelf(name="a", books=[Book(title="x")]).save()
    with Session(engine) as session:
        session.add(Book(title="y", shelf_id=shelf.id))
        session.commit()

        titles = session.exec(
            select(Book.title).join(Shelf).where(Shelf.name == "a").order_by(Book.title)
        ).all()
        found = session.exec(select(Book).where(Book.title == "x")).one()
        assert found.shelf is not None
        found.shelf.name = "b"
        found.title = "z"
        session.commit()
        session.refresh(found)
        assert found.title == "z"

    assert titles == ["x", "y"]
    assert Shelf.get(shelf.id).name == "b"
    assert sorted(book.title for book in Book.all()) == ["y", "z"]


def test_an_object_of_a_session_is_a_whole_model(engine: Engine) -> None:
    shelf = Shelf(name="a").save()
    with Session(engine) as session:
        found = session.get_one(Shelf, shelf.id)

        assert found == shelf
        assert found.model_dump() == {"id": shelf.id, "name": "a"}
        assert repr(found).startswith("Shelf(")
        with pytest.raises(ValidationError):
            found.name = None  # type: ignore[assignment]
        assert found.name == "a"


def test_a_merge_into_a_session_updates_the_row(engine: Engine) -> None:
    shelf = Shelf(name="a").save()
    shelf.name = "b"

    with Session(engine) as session:
        session.merge(shelf)
        session.commit()

    assert Shelf.get(shelf.id).name == "b"


def test_events_of_attributes_and_instances_are_those_of_sqlalchemy(engine: Engine) -> None:
    seen: list[str] = []

    def loaded(entity: Any, _: Any) -> None:
        seen.append(entity.name)

    event.listen(Shelf, "load", loaded)
    try:
        Shelf(name="a").save()
        with Session(engine) as session:
            session.exec(select(Shelf)).one()
    finally:
        event.remove(Shelf, "load", loaded)

    assert seen == ["a"]


def test_sqlalchemy_can_inspect_entities() -> None:
    shelf = Shelf(name="a")

    assert inspect(shelf).transient
    assert inspect(Shelf).local_table.name == "shelf"


def test_an_entity_that_sqlalchemy_never_sees_has_no_state() -> None:
    shelf = Shelf(name="a").save()
    shelf.name = "b"
    shelf.save()

    assert "_sa_instance_state" not in shelf.__dict__
    assert "_sa_instance_state" not in Shelf.get(shelf.id).__dict__


def test_relations_stay_out_of_dumps_copies_and_comparison() -> None:
    shelf = Shelf(name="a", books=[Book(title="x")]).save()
    plain = {"id": shelf.id, "name": "a"}

    assert shelf.model_dump() == plain
    assert shelf.signals == plain
    assert shelf == Shelf.get(shelf.id)
    for twin in (copy.copy(shelf), copy.deepcopy(shelf), pickle.loads(pickle.dumps(shelf))):
        assert twin == shelf
        assert not twin.is_new
        assert [book.title for book in twin.books] == ["x"]
    assert shelf.model_copy(update={"name": "b"}).name == "b"


def test_entities_inside_of_other_models_and_from_other_objects() -> None:
    class Report(BaseModel):
        shelf: Shelf

    report = Report.model_validate({"shelf": {"name": "a"}})
    assert report.shelf.name == "a"
    assert report.shelf.books == []
    assert Report(shelf=report.shelf).shelf is report.shelf

    made = Shelf.model_validate({"name": "b"})
    made.books.append(Book(title="y"))
    made.save()
    assert Shelf.get(made.id).books[0].title == "y"


def test_a_class_of_its_own_can_have_an_init() -> None:
    assert Greeting().text == "hello"
    assert Greeting(text="hi").save().text == "hi"
    assert Greeting.first().text == "hi"
    with pytest.raises(ValidationError):
        Greeting(text=None)


def test_a_model_validator_that_refuses_leaves_the_values() -> None:
    careful = Careful().save()

    with pytest.raises(ValidationError):
        careful.low = 11

    assert careful.low == 0
    assert careful.changed == frozenset()
    careful.low = 5
    assert careful.changed == {"low"}


def test_bases_that_are_no_tables_give_their_fields_and_methods() -> None:
    company = Company(name="x").save()

    assert company.created_at is not None
    assert Company.get(company.id).updated_at == company.updated_at
    assert company.shout() == "X"
    with pytest.raises(ValidationError):
        Company(name="")
    assert not hasattr(Named, "__table__")


def test_columns_of_ones_own_are_kept(database: Path) -> None:
    moment = datetime(2026, 5, 4, 3, 2, 1)
    parcel = Parcel(sender="me", number=1, size=Size.LARGE, labels={"a": "b"}, sent=moment)
    parcel.save()

    found = Parcel.get(parcel.id)
    assert found == parcel
    found.labels["c"] = "d"
    found.save()
    assert Parcel.where(Parcel.sender == "me", sent=moment).first().labels == {"a": "b", "c": "d"}
    with pytest.raises(NotUnique) as caught:
        Parcel(sender="me", number=1).save()
    assert caught.value.fields == ("sender", "number")
    with sqlite3.connect(database) as connection:
        stored = connection.execute("SELECT from_whom, size, sent FROM legacy_parcels").fetchone()
    connection.close()
    assert stored == ("me", "LARGE", "2026-05-04 03:02:01.000000")


def test_a_table_that_others_made_is_used_as_it_is(database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE shelf (id TEXT PRIMARY KEY, name TEXT NOT NULL, more TEXT)")
    connection.execute("INSERT INTO shelf VALUES ('1', 'a', 'kept')")
    connection.commit()

    shelf = Shelf.get("1")
    shelf.name = "b"
    shelf.save()

    assert connection.execute("SELECT * FROM shelf").fetchall() == [("1", "b", "kept")]
    connection.close()


def test_marks_are_constraints_and_indexes_of_the_table(engine: Engine) -> None:
    Account(email="a", street="x", door=1).save()

    with pytest.raises(NotUnique) as caught:
        Account(email="a").save()
    assert caught.value.fields == ("email",)
    with pytest.raises(NotUnique) as caught:
        Account(email="b", street="x", door=1).save()
    assert caught.value.fields == ("street", "door")

    table = inspect(engine)
    assert [i["column_names"] for i in table.get_indexes("account")] == [["town"]]
    unique = sorted(c["column_names"] for c in table.get_unique_constraints("account"))
    assert unique == [["email"], ["street", "door"]]


def test_marks_are_in_tables_that_sqlmodel_makes_too() -> None:
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine, tables=[Account.__table__])

    table = inspect(engine)
    assert [i["column_names"] for i in table.get_indexes("account")] == [["town"]]
    unique = sorted(c["column_names"] for c in table.get_unique_constraints("account"))
    assert unique == [["email"], ["street", "door"]]
    engine.dispose()


def test_a_key_may_refer_to_a_plain_entity() -> None:
    with UnitOfWork():
        country = Country(name="x")
        Town(name="y", country_id=country.id).save()
        country.save()

    assert Town.where(country_id=country.id).count() == 1


def test_optional_relations_may_be_named_before_their_class() -> None:
    class Early(SQLEntity):
        late_id: str | None = Field(default=None, foreign_key="late.id")
        late: Optional["Late"] = Relationship()

    class Late(SQLEntity):
        name: str

    early = Early(late=Late(name="x")).save()

    assert Early.get(early.id, include=["late"]).late.name == "x"
