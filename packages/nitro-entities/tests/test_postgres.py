"""What only a PostgreSQL server can show: locks, restarts, forks, a pool, foreign tables."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from pydantic import AwareDatetime, NaiveDatetime
from sqlmodel import Field, Session, create_engine, select

from nitro_entities import (
    ConstraintFailed,
    Entity,
    EntityError,
    EntityExists,
    InvalidQuery,
    NotUnique,
    SchemaMismatch,
    Secret,
    SQLEntity,
    SQLModelBackend,
    StaleEntity,
    StoreBusy,
    StoreUnusable,
    UnitOfWork,
    changes,
    col,
    configure,
    state,
)
from nitro_entities.fields import Indexed, Unique
from nitro_entities.stores.sql.backend import default_database
from support import postgres


class Product(SQLEntity, table=True):
    name: str = Field(max_length=20)
    price: float = Field(default=0.0, index=True)
    code: str | None = Field(default=None, unique=True)
    stock: int = 0


class Task(Entity):
    title: str
    done: bool = False
    _persistence_backend_class = SQLModelBackend


class Tally(Entity):
    number: int = 0
    _persistence_backend_class = SQLModelBackend


@pytest.fixture(autouse=True)
def url(postgres_url: str) -> str:
    configure(database_url=postgres_url)
    return postgres_url


@pytest.fixture
def plain(url: str) -> Iterator["psycopg.Connection[Any]"]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def test_columns_have_the_types_of_the_database(plain: "psycopg.Connection[Any]") -> None:
    class Everything(Entity):
        number: int = 0
        share: float = 0
        yes: bool = True
        raw: bytes = b""
        key: UUID = UUID(int=0)
        day: date = date(2020, 1, 1)
        money: Decimal = Decimal(0)
        aware: AwareDatetime = datetime(2020, 1, 1, tzinfo=UTC)
        naive: NaiveDatetime = datetime(2020, 1, 1)
        either: datetime = datetime(2020, 1, 1)
        tags: list[str] = []
        _persistence_backend_class = SQLModelBackend

    mine = Everything.create(tags=["x"])

    types = dict(
        plain.execute(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_name = 'everything'"
        ).fetchall()
    )
    assert types == {
        "id": "character varying",
        "number": "bigint",
        "share": "double precision",
        "yes": "boolean",
        "raw": "bytea",
        "key": "uuid",
        "day": "date",
        "money": "numeric",
        "aware": "timestamp with time zone",
        "naive": "timestamp without time zone",
        "either": "character varying",
        "tags": "character varying",
        "nitro_version": "bigint",
    }
    found = Everything.get(mine.id)
    assert found == mine
    assert found.changed == frozenset()
    for name in ("key", "day", "money", "aware", "naive", "either"):
        assert Everything.where(**{name: getattr(mine, name)}).count() == 1
        assert Everything.where().order_by(name).slice(1).items == [found]


def test_an_unset_id_is_chosen_by_the_database() -> None:
    class Ticket(SQLEntity):
        id: int | None = Field(default=None, primary_key=True)  # type: ignore[assignment]
        text: str = ""

    one, two = Ticket.create(text="a"), Ticket.create(text="b")
    with UnitOfWork():
        three = Ticket(text="c").save()
        four = Ticket(text="d").save()

    assert [one.id, two.id, three.id, four.id] == [1, 2, 3, 4]
    one.text = "z"
    one.save()
    assert [t.text for t in Ticket.all()] == ["z", "b", "c", "d"]


def test_a_taken_value_is_told_with_its_fields() -> None:
    class Place(Entity):
        street: str
        number: int | None = None
        code: Unique[str | None] = None
        __unique__ = [("street", "number")]
        _persistence_backend_class = SQLModelBackend

    Place.create(street="A", number=1, code="x")
    Place.create(street="A")
    Place.create(street="A")

    with pytest.raises(NotUnique) as caught:
        Place.create(street="A", number=1)
    assert caught.value.fields == ("street", "number")
    with pytest.raises(NotUnique) as caught:
        Place.create(street="B", code="x")
    assert caught.value.fields == ("code",)
    with pytest.raises(EntityExists):
        Place.create(id=Place.all()[0].id, street="C")
    with pytest.raises(NotUnique) as caught, UnitOfWork():
        Place(street="D").save()
        Place(street="E", code="x").save()
    assert caught.value.fields == ("code",)
    assert Place.count() == 3


def test_a_secret_value_is_in_no_error() -> None:
    class Account(Entity):
        token: Unique[Secret[str]]
        _persistence_backend_class = SQLModelBackend

    Account.create(token="hush-hush")
    with pytest.raises(NotUnique) as caught:
        Account.create(token="hush-hush")

    shown = "".join(str(part) for part in (caught.value, caught.value.__cause__))
    assert "hush" not in shown
    assert caught.value.__suppress_context__


def test_a_foreign_key_to_an_entity_that_is_not_mapped() -> None:
    class Customer(Entity):
        name: str
        _persistence_backend_class = SQLModelBackend

    class Invoice(SQLEntity):
        customer_id: str = Field(foreign_key="customer.id")

    with pytest.raises(ConstraintFailed, match="foreign key"):
        Invoice.create(customer_id="nobody")
    with UnitOfWork():
        customer = Customer(name="c")
        invoice = Invoice(customer_id=customer.id)
        invoice.save()
        customer.save()  # enrolled later, written earlier

    assert Invoice.get(invoice.id).customer_id == customer.id
    assert (Customer.repository().rank, Invoice.repository().rank) == (0, 1)


def test_a_locked_row_is_waited_for_and_not_for_ever(url: str) -> None:
    configure(busy_timeout=0.3)
    mine = Task.create(title="x")
    theirs = Task.get(mine.id)

    with UnitOfWork() as uow:
        mine.title = "mine"
        mine.save()
        uow.flush()
        caught: list[Exception] = []

        def work() -> None:
            theirs.title = "theirs"
            try:
                theirs.save()
            except StoreBusy as exc:
                caught.append(exc)

        start = time.monotonic()
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert 0.2 < time.monotonic() - start < 3

    assert "lock timeout" in str(caught[0])
    assert Task.get(mine.id).title == "mine"


def test_get_for_update_keeps_others_waiting() -> None:
    mine = Tally.create()
    store, repo = default_database(), Tally.repository()

    def work() -> None:
        for _ in range(10):
            tx = store.begin()
            stored = repo.get(mine.id, tx, lock=True)
            assert stored is not None
            stored.number += 1
            change = repo.save(stored, tx)
            assert change is not None
            tx.commit((change,))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Tally.get(mine.id).number == 40


def test_a_deadlock_ends_with_an_error_and_nothing_half_done() -> None:
    one, two = Tally.create(), Tally.create()
    store, repo = default_database(), Tally.repository()
    first, second = store.begin(), store.begin()
    repo.get(one.id, first, lock=True)
    repo.get(two.id, second, lock=True)
    caught: list[Exception] = []

    def cross(tx: Any, id: str) -> None:
        try:
            repo.get(id, tx, lock=True)
        except StoreBusy as exc:
            caught.append(exc)
        finally:
            tx.rollback()

    threads = [
        threading.Thread(target=cross, args=(first, two.id)),
        threading.Thread(target=cross, args=(second, one.id)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(caught) == 1
    assert "deadlock" in str(caught[0])
    one.number = 1
    one.save()


def test_a_unit_goes_on_after_a_nested_one_failed() -> None:
    Product.create(name="a", code="x")

    with UnitOfWork():
        Product(name="b").save()
        with pytest.raises(NotUnique), UnitOfWork() as inner:
            Product(name="c", code="x").save()
            inner.flush()
        Product(name="d").save()

    assert sorted(p.name for p in Product.all()) == ["a", "b", "d"]


def test_what_failed_is_not_committed_in_silence() -> None:
    Product.create(name="a", code="x")
    repo, tx = Product.repository(), default_database().begin()
    repo.save(Product(name="b"), tx)
    with pytest.raises(NotUnique):
        repo.save(Product(name="c", code="x"), tx)

    with pytest.raises(EntityError, match="earlier statement"):
        repo.count(_everything(), None, tx)
    with pytest.raises(EntityError, match="earlier statement"):
        tx.commit(())
    tx.rollback()

    assert Product.count() == 1


def _everything() -> Any:
    from nitro_entities.repository import Select

    return Select()


def test_fifty_threads_share_a_small_pool(url: str, plain: "psycopg.Connection[Any]") -> None:
    configure(pool_size=5)
    start = Tally.create()
    errors: list[Exception] = []

    def work() -> None:
        try:
            for number in range(10):
                Tally.create(number=number)
                assert Tally.get(start.id).number == 0
                with UnitOfWork():
                    Tally(number=number).save()
        except Exception as exc:
            errors.append(exc)

    threads = [threading.Thread(target=work) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not errors
    assert Tally.count() == 1001
    backends = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nitro'"
    assert plain.execute(backends).fetchone() == (5,)


def test_a_pool_that_is_used_up_says_so() -> None:
    configure(pool_size=2, busy_timeout=0.1)
    Task.create(title="x")
    store = default_database()

    with ExitStack() as stack:
        for _ in range(2):
            stack.callback(store.begin().rollback)
        with pytest.raises(StoreBusy, match="All 2 connections"):
            Task.count()

    assert Task.count() == 1


def test_connections_that_the_server_ended_are_replaced(
    plain: "psycopg.Connection[Any]",
) -> None:
    mine = Task.create(title="x")
    end = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE application_name = 'nitro'"
    )

    plain.execute(end)
    assert Task.get(mine.id).title == "x"
    plain.execute(end)
    mine.title = "y"
    mine.save()
    plain.execute(end)
    with UnitOfWork():
        mine.title = "z"
        mine.save()

    assert Task.get(mine.id).title == "z"


def test_a_connection_lost_inside_a_unit_undoes_it_in_words(
    plain: "psycopg.Connection[Any]",
) -> None:
    mine = Task.create(title="x")

    with pytest.raises(StoreUnusable, match="PostgreSQL"), UnitOfWork() as uow:
        mine.title = "y"
        mine.save()
        uow.flush()
        plain.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE application_name = 'nitro'"
        )

    assert Task.get(mine.id).title == "x"
    mine.save()
    assert Task.get(mine.id).title == "y"


def test_a_restarted_server_is_used_on() -> None:
    server = postgres.own_server()
    configure(database_url=server.url)
    mine = Task.create(title="x")

    server.stop()
    with pytest.raises(StoreUnusable):
        Task.get(mine.id)
    mine.title = "y"
    with pytest.raises(StoreUnusable):
        mine.save()
    server.start()

    assert Task.get(mine.id).title == "x"
    mine.save()
    assert Task.get(mine.id).title == "y"
    state.reset()
    server.remove()


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
    children = [context.Process(target=_child, args=(queue,)) for _ in range(2)]
    for child in children:
        child.start()
    assert sorted(queue.get(timeout=10) for _ in children)[-1] == 3
    for child in children:
        child.join()

    Task.create(title="parent again")
    assert Task.count() == 4


def test_processes_make_the_same_table_at_once(url: str) -> None:
    code = (
        "from nitro_entities import Entity, SQLEntity, SQLModelBackend, configure\n"
        "from sqlmodel import Field\n"
        "import sys\n"
        "configure(database_url=sys.argv[1])\n"
        "class Team(SQLEntity):\n"
        "    name: str = Field(index=True)\n"
        "class Member(SQLEntity):\n"
        "    team_id: str | None = Field(default=None, foreign_key='team.id')\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "Member.create()\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()

    assert [process.returncode for process in processes] == [0, 0, 0]


def test_a_foreign_table_is_used_as_it_is(plain: "psycopg.Connection[Any]") -> None:
    plain.execute(
        "CREATE TABLE task (id uuid PRIMARY KEY, title varchar(10), done boolean, more int)"
    )
    key = "0b55e1f0-0000-4000-8000-000000000001"
    plain.execute("INSERT INTO task VALUES (%s, 'x', false, 1)", (key,))

    mine, theirs = Task.get(key), Task.get(key)
    theirs.title = "theirs"
    theirs.save()
    mine.title = "mine"
    with pytest.raises(StaleEntity) as caught:
        mine.save()
    assert caught.value.theirs == {"title": "theirs"}
    with pytest.raises(StaleEntity):
        mine.delete()
    with pytest.raises(ConstraintFailed, match="cannot hold"):
        Task.create(id="nobody", title="x")
    with pytest.raises(InvalidQuery, match="cannot hold"):
        Task.get_or_none("nobody")
    with pytest.raises(ConstraintFailed, match="cannot hold"):
        Task.create(id="0b55e1f0-0000-4000-8000-000000000002", title="x" * 11)
    mine.refresh().delete()
    assert Task.count() == 0


def test_small_numbers_of_a_foreign_table_compare(plain: "psycopg.Connection[Any]") -> None:
    class Reading(Entity):
        value: float
        number: int
        _persistence_backend_class = SQLModelBackend

    plain.execute("CREATE TABLE reading (id text PRIMARY KEY, value real, number smallint)")
    plain.execute("INSERT INTO reading VALUES ('a', 0.1, 7)")

    mine = Reading.get("a")
    mine.value, mine.number = 0.2, 8
    mine.save()

    assert Reading.where(number=8).order_by("-value").slice(1).items[0].value == 0.2


def test_a_foreign_table_of_another_collation_sorts_by_code_point(
    plain: "psycopg.Connection[Any]",
) -> None:
    class Word(Entity):
        text: str
        _persistence_backend_class = SQLModelBackend

    plain.execute(
        'CREATE TABLE word (id text COLLATE "en-x-icu" PRIMARY KEY, text text COLLATE "en-x-icu")'
    )
    for text in ("a", "B", "b", "é", "Z"):
        Word.create(id=f"{text}1", text=text)

    assert "".join(w.text for w in Word.where().order_by("text")) == "BZabé"
    assert "".join(w.text for w in Word.all()) == "BZabé"
    assert Word.where(col(Word, "text") < "a").count() == 2
    first = Word.where().order_by("text").slice(2)
    assert (
        "".join(w.text for w in Word.where().order_by("text").slice(9, after=first.next).items)
        == "abé"
    )


def test_a_foreign_table_that_disregards_case_does_not_for_us(
    plain: "psycopg.Connection[Any]",
) -> None:
    class Word(Entity):
        text: str
        _persistence_backend_class = SQLModelBackend

    plain.execute(
        "CREATE COLLATION loose "
        "(provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
    )
    plain.execute("CREATE TABLE word (id text PRIMARY KEY, text text COLLATE loose)")
    Word.create(text="a")

    assert Word.where(text="A").count() == 0
    assert Word.where(col(Word, "text") != "A").count() == 1


def test_text_of_our_tables_uses_an_index_in_any_order(plain: "psycopg.Connection[Any]") -> None:
    class City(Entity):
        name: Indexed[str]
        _persistence_backend_class = SQLModelBackend

    City.create(name="x")
    index = plain.execute(
        "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_city_name'"
    ).fetchone()
    collation = plain.execute(
        "SELECT collation_name FROM information_schema.columns "
        "WHERE table_name = 'city' AND column_name = 'name'"
    ).fetchone()

    assert index is not None
    assert collation == ("C",)


def test_a_missing_column_is_named(plain: "psycopg.Connection[Any]") -> None:
    plain.execute("CREATE TABLE task (id text PRIMARY KEY, done boolean, nitro_version int)")

    with pytest.raises(SchemaMismatch, match="'task' has no column 'title'"):
        Task.count()


def test_a_changed_table_does_not_upset_prepared_statements(
    plain: "psycopg.Connection[Any]",
) -> None:
    mine = Task.create(title="x")
    for _ in range(5):
        Task.get(mine.id)

    plain.execute("ALTER TABLE task ALTER COLUMN done TYPE text USING 'true'")

    assert Task.get(mine.id).done is True


def test_text_that_cannot_be_stored_is_not_found() -> None:
    Task.create(title="x")

    for text in ("\0", "\ud800"):
        assert Task.where(col(Task, "title").contains(text)).count() == 0
        assert Task.where(col(Task, "title").startswith(text)).count() == 0
        assert Task.where(col(Task, "title").icontains(text)).count() == 0
        assert Task.where(~col(Task, "title").contains(text)).count() == 1


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nitro:s3cret@127.0.0.1:1/x",
        "postgres://nitro:s3cret@127.0.0.1:1/x",
        "postgresql+psycopg://nitro:s3cret@127.0.0.1:1/x?connect_timeout=2",
        "postgresql://nitro:s3cret@127.0.0.1:1/x?nonsense=1",
        "postgresql+asyncpg://nitro:s3cret@127.0.0.1:1/x",
    ],
)
def test_no_message_shows_the_password(url: str) -> None:
    state.reset()
    configure(database_url=url)

    with pytest.raises(EntityError) as caught:
        Task.count()

    seen: BaseException | None = caught.value
    while seen is not None:
        assert "s3cret" not in str(seen) + repr(seen)
        seen = seen.__cause__


def test_the_forms_of_the_url_lead_to_the_same_database(url: str) -> None:
    Task.create(title="x")
    for start in ("postgres://", "postgresql+psycopg://"):
        state.reset()
        configure(database_url=url.replace("postgresql://", start))
        assert Task.count() == 1


def test_sessions_of_sqlmodel_work_on_the_same_table(url: str) -> None:
    class Meeting(SQLEntity):
        name: str
        at: AwareDatetime
        key: UUID = UUID(int=5)
        price: Decimal = Decimal("1.50")

    mine = Meeting.create(name="Lamp", at=datetime(2020, 1, 1, 12, tzinfo=UTC))
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))

    with Session(engine) as session:
        found = session.exec(select(Meeting).where(Meeting.name == "Lamp")).one()
        assert (found.at, found.key, found.price) == (mine.at, mine.key, mine.price)
        found.key = UUID(int=6)
        session.add(found)
        session.add(Meeting(name="Chair", at=found.at))
        session.commit()
    engine.dispose()

    assert Meeting.get(mine.id).key == UUID(int=6)
    assert Meeting.count() == 2


def test_increments_of_eight_threads_arrive_in_order() -> None:
    mine = Tally.create()
    seen: list[int | None] = []
    changes.subscribe(lambda batch: seen.extend(change.version for change in batch))

    def work() -> None:
        for _ in range(10):
            while True:
                tally = Tally.get(mine.id)
                tally.number += 1
                try:
                    tally.save()
                except StaleEntity:
                    continue
                break

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen[0] is not None
    assert seen == list(range(seen[0], seen[0] + 80))


def test_slices_have_no_offset_and_use_the_index(plain: "psycopg.Connection[Any]") -> None:
    with UnitOfWork():
        for number in range(300):
            Product(name=str(number), price=number % 7).save()
    plain.execute("ANALYZE product")

    part = Product.where().order_by("-price").slice(10)
    names = [p.name for p in part.items]
    while part.next is not None:
        part = Product.where().order_by("-price").slice(50, after=part.next)
        names += [p.name for p in part.items]

    assert len(names) == len(set(names)) == 300


def test_many_rows_are_saved_and_deleted_together_or_not_at_all() -> None:
    made = [Product(name=str(number), code=str(number)) for number in range(250)]
    repo, store = Product.repository(), default_database()
    tx = store.begin()
    changes_made = repo.save_many(made, tx)
    tx.commit(changes_made)
    assert Product.count() == len(changes_made) == 250
    assert all(not one.is_new for one in made)

    for number, one in enumerate(made):
        one.price = number
    theirs = Product.get(made[200].id)
    theirs.stock = 5
    theirs.save()
    tx = store.begin()
    with pytest.raises(StaleEntity) as caught:
        repo.save_many(made, tx)
    assert caught.value.id == made[200].id
    with pytest.raises(NotUnique) as taken:
        repo.save_many([Product(name="n", code="new"), Product(name="o", code="7")], tx)
    assert taken.value.fields == ("code",)
    tx.commit(())
    assert Product.where(price=0.0).count() == 250

    made[200].refresh()
    tx = store.begin()
    tx.commit(repo.delete_many(made, tx))
    assert Product.count() == 0
