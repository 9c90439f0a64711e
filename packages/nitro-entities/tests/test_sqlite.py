"""What only a database can show: tables, foreign tables, forks, plans."""

# checkers cannot know what these tests make, or they ask for what is wrong on purpose
# mypy: disable-error-code="attr-defined"

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import Field, Relationship, Session, create_engine, select

from nitro_entities import (
    ConstraintFailed,
    Entity,
    EntityError,
    EntityExists,
    InvalidQuery,
    NotUnique,
    SchemaMismatch,
    SQLEntity,
    SQLModelBackend,
    StaleEntity,
    StoreBusy,
    StoreUnusable,
    UnitOfWork,
    configure,
    state,
)
from nitro_entities.stores.sql.backend import database_at


class Product(SQLEntity, table=True):
    name: str = Field(max_length=20)
    price: float = Field(default=0.0, index=True)
    code: str | None = Field(default=None, unique=True)
    stock: int = 0


class Task(Entity):
    title: str
    done: bool = False
    _persistence_backend_class = SQLModelBackend


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def test_tables_appear_by_themselves(database: Path) -> None:
    Product.create(name="Lamp", price=2)
    Task.create(title="x")

    connection = connect(database)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    rows = connection.execute("SELECT name, price FROM product").fetchall()
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    connection.close()

    assert {"product", "task", "ix_product_price"} <= tables
    assert rows == [("Lamp", 2.0)]
    assert mode == "wal"


def test_the_default_database_has_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.reset()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NITRO_DATABASE_URL", raising=False)

    Task.create(title="x")
    assert (tmp_path / ".nitro" / "data.db").exists()
    assert (tmp_path / ".nitro" / ".gitignore").read_text() == "*\n"

    state.reset()
    monkeypatch.setenv("NITRO_DATABASE_URL", f"sqlite:///{tmp_path / 'sub' / 'env.db'}")
    Task.create(title="x")
    assert (tmp_path / "sub" / "env.db").exists()


def test_a_reset_undoes_what_an_open_unit_has_written_and_does_not_wait(database: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(StoreUnusable, match="was closed"), UnitOfWork() as unit:
        Task(title="undone").save()
        unit.flush()
        state.reset()
    assert time.monotonic() - begun < 5

    configure(database_url=f"sqlite:///{database}")
    Task.create(title="afterwards")
    assert [task.title for task in Task.all()] == ["afterwards"]


def test_a_unit_that_was_given_up_refuses_each_write(database: Path) -> None:
    with pytest.raises(StoreUnusable), UnitOfWork() as unit:
        Task(title="undone").save()
        unit.flush()
        Task.repository().store.close()
        Task(title="too late").save()
        with pytest.raises(StoreUnusable, match="was closed"):
            unit.flush()
    Task.create(title="afterwards")
    assert [task.title for task in Task.all()] == ["afterwards"]


def test_a_database_in_memory_works() -> None:
    configure(database_url="sqlite://")
    Task.create(title="x")
    with UnitOfWork():
        Task(title="y").save()
        assert Task.count() == 2
    assert Task.where(title="y").slice(1).items[0].title == "y"


def test_other_databases_are_refused_in_words() -> None:
    configure(database_url="oracle://localhost/x")
    with pytest.raises(EntityError, match="No store for 'oracle'"):
        Task.count()


def test_sqlalchemy_expressions_are_conditions() -> None:
    Product.create(name="a", price=1.0)
    Product.create(name="b", price=5.0, code="x")

    def names(*conditions: Any) -> str:
        return "".join(p.name for p in Product.where(*conditions).order_by(Product.name))

    assert names(Product.price > 3) == "b"
    assert names(Product.price < 3) == "a"
    assert names((Product.price > 3) | (Product.name == "a")) == "ab"
    assert names(~(Product.price > 3)) == "a"
    assert names(Product.code == None) == "a"  # noqa: E711
    assert names(Product.code != "x") == "a"
    assert names(Product.name.in_(["b"])) == "b"
    found = Product.where().order_by(Product.price.desc())
    assert [p.name for p in found] == ["b", "a"]
    with pytest.raises(InvalidQuery, match="more than a comparison"):
        Product.where(Product.price + 1 > 3)
    with pytest.raises(InvalidQuery, match="more than a comparison"):
        Product.where(Product.name == Product.code)


def test_a_mapped_entity_is_checked_like_any_other() -> None:
    with pytest.raises(ValidationError):
        Product(name="x" * 21)
    with pytest.raises(ValidationError):
        Product()
    with pytest.raises(ValidationError):
        Product(name="x", colour="red")
    lamp = Product(name="Lamp", price="9.5")
    assert lamp.price == 9.5
    with pytest.raises(ValidationError):
        lamp.price = "dear"  # type: ignore[assignment]
    assert lamp.price == 9.5
    assert "_sa_" not in repr(lamp)


def test_sessions_of_sqlmodel_work_on_the_same_table(database: Path) -> None:
    lamp = Product.create(name="Lamp")
    engine = create_engine(f"sqlite:///{database}")

    with Session(engine) as session:
        found = session.exec(select(Product).where(Product.name == "Lamp")).one()
        assert found.id == lamp.id
        found.stock = 7
        session.add(found)
        session.add(Product(name="Chair"))
        session.commit()
    engine.dispose()

    assert Product.get(lamp.id).stock == 7
    assert Product.count() == 2
    lamp.stock = 1
    with pytest.raises(StaleEntity):
        lamp.save()


def test_a_unique_value_that_is_taken(database: Path) -> None:
    Product.create(name="a", code="x")

    with pytest.raises(NotUnique, match="another one has the same code") as caught:
        Product.create(name="b", code="x")
    assert caught.value.fields == ("code",)
    with pytest.raises(EntityExists):
        Product.create(id=Product.all()[0].id, name="c")
    assert Product.count() == 1


def test_a_missing_column_is_named(database: Path) -> None:
    connection = connect(database)
    connection.execute("CREATE TABLE task (id TEXT PRIMARY KEY, done INT, nitro_version INT)")
    connection.close()

    with pytest.raises(SchemaMismatch, match="'task' has no column 'title'"):
        Task.count()


def test_a_foreign_table_is_used_as_it_is(database: Path) -> None:
    connection = connect(database)
    connection.execute("CREATE TABLE task (id TEXT PRIMARY KEY, title TEXT, done INT, more INT)")
    connection.execute("INSERT INTO task VALUES ('a', 'x', 0, 1)")

    mine, theirs = Task.get("a"), Task.get("a")
    theirs.title = "theirs"
    theirs.save()
    mine.title = "mine"
    with pytest.raises(StaleEntity) as caught:
        mine.save()
    assert caught.value.theirs == {"title": "theirs"}
    with pytest.raises(StaleEntity):
        mine.delete()
    mine.refresh().delete()
    Task.create(title="new")

    assert connection.execute("SELECT title, done FROM task").fetchall() == [("new", 0)]
    connection.close()


def test_increments_on_a_foreign_table_all_count(database: Path) -> None:
    connection = connect(database)
    connection.execute("CREATE TABLE tally (id TEXT PRIMARY KEY, number INT NOT NULL)")
    connection.execute("INSERT INTO tally VALUES ('a', 0)")
    connection.close()

    class Tally(Entity):
        number: int
        _persistence_backend_class = SQLModelBackend

    def work() -> None:
        for _ in range(10):
            while True:
                mine = Tally.get("a")
                mine.number += 1
                try:
                    mine.save()
                except StaleEntity:
                    continue
                break

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Tally.get("a").number == 80


def test_a_value_spelt_otherwise_is_no_change(database: Path) -> None:
    class Event(Entity):
        at: datetime
        tags: list[int] = []
        _persistence_backend_class = SQLModelBackend

    mine = Event.create(at=datetime(2020, 1, 1, 14), tags=[1, 2])
    connection = connect(database)
    connection.execute("UPDATE event SET at = '2020-01-01 14:00', tags = '[1,  2]'")
    connection.close()

    found = Event.get(mine.id)

    assert found.changed == frozenset()
    found.tags.append(3)
    assert found.changed == {"tags"}
    found.save()
    assert Event.get(mine.id).tags == [1, 2, 3]


def test_a_table_made_in_a_unit_goes_with_its_rollback(database: Path) -> None:
    class Late(Entity):
        x: int = 0
        _persistence_backend_class = SQLModelBackend

    with UnitOfWork() as uow:
        Task(title="x").save()
        uow.flush()
        assert Late.count() == 0
        Late(x=1).save()
        assert Late.count() == 1
        uow.rollback()

    assert Late.count() == 0
    Late.create(x=2)
    assert Late.count() == 1


def test_a_class_may_be_defined_again() -> None:
    def define() -> Any:
        class Again(SQLEntity):
            name: str = ""

        return Again

    one = define()
    one.create(name="x")
    two = define()

    assert two.all()[0].name == "x"
    assert type(two.all()[0]) is two


def test_relations_between_mapped_entities() -> None:
    class Team(SQLEntity):
        name: str
        members: list["Member"] = Relationship(back_populates="team")

    class Member(SQLEntity):
        name: str
        team_id: str | None = Field(default=None, foreign_key="team.id")
        team: Team | None = Relationship(back_populates="members")

    Team.model_rebuild(_types_namespace={"Member": Member})
    team = Team.create(name="A")
    Member.create(name="m", team_id=team.id)

    with pytest.raises(ConstraintFailed, match="FOREIGN KEY"):
        Member.create(name="n", team_id="nobody")
    assert Member.where(team_id=team.id).count() == 1


def test_the_store_says_who_is_in_the_way(database: Path) -> None:
    Task.create(title="x")
    state.reset()
    configure(database_url=f"sqlite:///{database}", busy_timeout=0.05)
    assert Task.count() == 1
    other = connect(database)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreBusy, match="Another process"):
        Task.create(title="y")
    with pytest.raises(StoreBusy), UnitOfWork():
        Task(title="y").save()
    other.execute("ROLLBACK")
    other.close()

    with UnitOfWork() as uow:
        Task(title="y").save()
        uow.flush()
        caught: list[Exception] = []

        def work() -> None:
            try:
                Task.create(title="z")
            except StoreBusy as exc:
                caught.append(exc)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert "kept" in str(caught[0])
    assert Task.count() == 2


def _child(queue: Any) -> None:
    Task.create(title="child")
    queue.put(Task.count())
    queue.close()
    queue.join_thread()
    os._exit(0)


@pytest.mark.filterwarnings("ignore:This process")
def test_connections_survive_a_fork() -> None:
    Task.create(title="parent")
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_child, args=(queue,))
    child.start()
    assert queue.get(timeout=10) == 2
    child.join()

    Task.create(title="parent again")
    assert Task.count() == 3


def test_slices_use_the_index_and_no_offset(database: Path) -> None:
    with UnitOfWork():
        for number in range(300):
            Product(name=str(number), price=number % 7).save()
    statements: list[str] = []
    store = database_at(f"sqlite:///{database}")
    Product.count()
    for connection in store._idle:
        connection.set_trace_callback(statements.append)

    query = Product.where().order_by("-price")
    part = query.slice(10)
    for _ in range(5):
        part = query.slice(10, after=part.next)
    for connection in store._idle:
        connection.set_trace_callback(None)

    assert statements
    plain = connect(database)
    for statement in statements:
        assert "OFFSET" not in statement
        plan = " ".join(r[3] for r in plain.execute(f"EXPLAIN QUERY PLAN {statement}"))
        assert "TEMP B-TREE FOR ORDER BY" not in plan
        assert "ix_product_price" in plan or "PRIMARY KEY" in plan
    plain.close()


def test_a_mapped_entity_can_be_read_before_any_was_made(database: Path) -> None:
    Product.create(id="a", name="Lamp")
    code = (
        "from nitro_entities import SQLEntity, configure\n"
        "import sys\n"
        "configure(database_url='sqlite:///' + sys.argv[1])\n"
        "class Product(SQLEntity, table=True):\n"
        "    name: str\n"
        "assert Product.get('a').name == 'Lamp'\n"
        "assert Product.where(Product.name == 'Lamp').count() == 1\n"
    )
    subprocess.run([sys.executable, "-c", code, str(database)], check=True)


def test_an_unchanged_entity_in_a_unit_does_not_hold_the_database() -> None:
    mine = Task.create(title="x")
    with UnitOfWork() as uow:
        mine.save()
        uow.flush()
        done = threading.Event()

        def work() -> None:
            Task.create(title="y")
            done.set()

        thread = threading.Thread(target=work)
        thread.start()
        assert done.wait(2)
        thread.join()


def test_indexes_of_tables_of_ours_end_with_the_id(database: Path) -> None:
    Product.create(name="x")
    plain = connect(database)
    plan = plain.execute("EXPLAIN QUERY PLAN SELECT * FROM product ORDER BY price, id").fetchall()
    plain.close()

    assert not any("TEMP B-TREE" in row[3] for row in plan)


def test_a_class_defined_again_with_a_new_field_names_the_missing_column() -> None:
    def define(**fields: Any) -> Any:
        namespace = {"__annotations__": fields, "__module__": __name__}
        meta: Any = type(SQLEntity)
        return meta("Appointment", (SQLEntity,), namespace)

    define(text=str).create(text="a")

    with pytest.raises(SchemaMismatch, match="due"):
        define(text=str, due=str).create(text="b", due="today")


def test_the_regex_of_a_field_is_heeded() -> None:
    class Country(SQLEntity):
        code: str = Field(regex="^[A-Z]{2}$")

    country = Country(code="FR")
    with pytest.raises(ValidationError, match="pattern"):
        Country(code="france")
    with pytest.raises(ValidationError, match="pattern"):
        country.code = "fr"
