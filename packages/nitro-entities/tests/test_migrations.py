"""Migrations on SQLite and PostgreSQL: written from the classes, run once, nothing lost."""

# checkers cannot know what these tests make, or they ask for what is wrong on purpose
# mypy: disable-error-code="union-attr"

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel, NaiveDatetime, SecretStr
from pydantic import Field as PydanticField
from sqlalchemy import text
from sqlmodel import Field, Relationship, SQLModel

from nitro_entities import (
    Entity,
    Indexed,
    NotUnique,
    SchemaMismatch,
    Secret,
    SQLEntity,
    SQLModelBackend,
    StoreBusy,
    Unique,
    configure,
    migrations,
    state,
)
from nitro_entities.classes import Registry
from nitro_entities.migrations.connection import connected


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'migrated.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def begin_again(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], None]]:
    """Forget the classes so far, as a new process with other code would."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NITRO_ENV", raising=False)
    monkeypatch.delenv("NITRO_DURABLE_CHANGES", raising=False)

    def forget() -> None:
        state.reset()
        state.state.part(Registry).classes = {}
        configure(database_url=url)

    forget()
    yield forget
    state.reset()


@pytest.fixture
def folder(begin_again: Callable[[], None]) -> Path:
    return migrations.init()


def product(**fields: Any) -> Any:
    """Define an entity class with these fields; a tuple is a type and its default."""
    annotations = {k: v[0] if isinstance(v, tuple) else v for k, v in fields.items()}
    defaults = {k: v[1] for k, v in fields.items() if isinstance(v, tuple)}
    body = {
        "__module__": __name__,
        "__qualname__": "product.<locals>.Product",
        "__annotations__": annotations,
        "_persistence_backend_class": SQLModelBackend,
        **defaults,
    }
    return type("Product", (Entity,), body)


def rows(sql: str) -> list[Any]:
    with connected(writes=False) as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def run(*statements: str) -> None:
    with connected(writes=True) as connection:
        for sql in statements:
            connection.execute(text(sql))
        connection.commit()


def apply(message: str, **options: Any) -> migrations.Migration:
    """Write a migration, run it, and make sure that nothing is left to do."""
    made = migrations.migrate(message, **options)
    migrations.upgrade(allow_data_loss=True)
    assert migrations.check() == ()
    assert not migrations.migrate("nothing")
    return made


class Colour(Enum):
    RED = "red"


class Size(IntEnum):
    BIG = 1


class Address(BaseModel):
    street: str = ""


def test_the_first_migration_makes_all_tables(folder: Path) -> None:
    product(name=str, price=Indexed[float], email=Unique[str])

    made = migrations.migrate("first")
    done = migrations.upgrade()

    assert made.path is not None
    assert made.path.parent == (folder / "versions").resolve()
    assert "make table product" in made.changes
    assert [one.id for one in done] == [made.id]
    assert migrations.current() == (made.id,)
    assert migrations.check() == ()


def test_nothing_is_written_when_there_is_no_difference(folder: Path) -> None:
    product(name=str)
    apply("first")

    again = migrations.migrate("again")

    assert again.path is None
    assert not again
    assert len(list((folder / "versions").glob("*.py"))) == 1


def test_fields_of_every_type_are_seen_as_they_are(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    def define() -> Any:
        class Thing(Entity):
            text: str
            short: str = PydanticField(max_length=20)
            whole: int
            number: float
            yes: bool
            data: bytes
            moment: AwareDatetime
            local: NaiveDatetime
            some_moment: datetime
            day: date
            hour: time
            length: timedelta
            amount: Decimal
            code: UUID
            colour: Colour
            size: Size
            password: SecretStr
            token: Secret[str]
            address: Address
            names: list[str]
            maybe: str | None = None
            _persistence_backend_class = SQLModelBackend

        class Mapped(SQLEntity):
            text: str
            short: str = Field(max_length=20)
            whole: int
            number: float
            yes: bool
            data: bytes
            moment: AwareDatetime
            day: date
            hour: time
            length: timedelta
            amount: Decimal
            code: UUID
            colour: Colour
            size: Size
            address: Address
            maybe: int | None = Field(default=None, index=True)
            email: str = Field(unique=True)

        class Numbered(SQLEntity):
            id: int | None = Field(default=None, primary_key=True)  # type: ignore[assignment]
            name: str

        return Thing, Mapped, Numbered

    define()
    apply("first")
    begin_again()
    define()

    assert migrations.check() == ()
    assert not migrations.migrate("again")


def test_tables_that_appeared_by_themselves_are_like_migrated_ones(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    class Maker(SQLEntity):
        name: str = Field(unique=True)

    class Lamp(SQLEntity):
        maker_id: str | None = Field(default=None, foreign_key="maker.id", index=True)

    goods = product(name=str, price=Indexed[float], email=Unique[str])
    goods.create(name="Lamp", price=1, email="a@b")
    Lamp.create()

    assert migrations.migrate("first")
    done = migrations.upgrade()

    assert len(done) == 1
    assert migrations.check() == ()
    assert rows("SELECT name FROM product") == [("Lamp",)]


def test_a_database_that_differs_is_not_taken_over(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    product(name=str).create(name="Lamp")
    begin_again()
    product(name=str, stock=(int, 0))
    migrations.migrate("first")

    with pytest.raises(migrations.MigrationError, match=r"column product\.stock is missing"):
        migrations.upgrade()

    assert migrations.current() == ()


def test_a_new_field_with_a_default_gives_it_to_the_rows_there_are(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    goods = product(name=str)
    apply("first")
    goods.create(name="Lamp")
    begin_again()
    goods = product(
        name=str,
        stock=(int, 3),
        on_sale=(bool, True),
        note=(str, 'it\'s 100% "new": 12:30'),
        tags=(list[str], PydanticField(default_factory=lambda: ["a:b"])),
        day=(date, date(2026, 1, 31)),
        price=(Decimal, Decimal("1.50")),
        colour=(Colour, Colour.RED),
        maybe=(str | None, None),
    )

    made = apply("more")

    lamp = goods.first()
    assert made.risks == ()
    assert (lamp.stock, lamp.on_sale, lamp.tags) == (3, True, ["a:b"])
    assert lamp.note == 'it\'s 100% "new": 12:30'
    assert (lamp.day, lamp.price) == (date(2026, 1, 31), Decimal("1.50"))
    assert (lamp.colour, lamp.maybe) == (Colour.RED, None)


def test_a_new_field_without_default_has_to_be_filled_in(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    goods = product(name=str)
    apply("first")
    goods.create(name="Lamp")
    begin_again()
    goods = product(name=str, colour=str)

    made = migrations.migrate("colour")
    (risk,) = made.risks
    with pytest.raises(
        migrations.MigrationError, match=r"need a value for product\.colour.*upgrade_fill"
    ):
        migrations.upgrade()
    assert made.path is not None
    written = made.path.read_text()
    made.path.write_text(written.replace("'product.colour': None", "'product.colour': 'grey'"))
    migrations.upgrade()

    assert (risk.table, risk.column, risk.rows) == ("product", "colour", 1)
    assert goods.first().colour == "grey"
    assert migrations.check() == ()


def test_a_default_that_is_another_each_time_is_no_default_for_all(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    product(name=str)
    apply("first")
    begin_again()
    from uuid import uuid4

    product(name=str, code=(UUID, PydanticField(default_factory=uuid4)))

    made = migrations.migrate("code")

    assert [risk.column for risk in made.risks] == ["code"]


def test_a_field_that_becomes_required_takes_its_default(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    goods = product(name=str, colour=(str | None, None))
    apply("first")
    goods.create(name="Lamp")
    goods.create(name="Chair", colour="red")
    begin_again()
    goods = product(name=str, colour=(str, "it's :grey"))

    apply("colour")

    assert sorted(one.colour for one in goods.all()) == ["it's :grey", "red"]


def test_a_field_that_becomes_required_without_default_is_warned_of_and_keeps_all(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    goods = product(name=str, colour=(str | None, None))
    apply("first")
    goods.create(name="Lamp")
    begin_again()
    product(name=str, colour=str)

    made = migrations.migrate("colour")
    (risk,) = made.risks
    with pytest.raises(migrations.MigrationError, match="nothing of it was kept"):
        migrations.upgrade()

    assert (risk.rows, risk.loses_data) == (1, False)
    assert "UPDATE product SET colour" in risk.remedy
    assert rows("SELECT name FROM product") == [("Lamp",)]
    assert len(migrations.current()) == 1


def test_what_would_be_lost_is_warned_of_and_refused(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    goods = product(name=str, colour=(str | None, None))
    apply("first")
    goods.create(name="Lamp", colour="red")
    goods.create(name="Chair")
    begin_again()
    product(name=str)

    made = migrations.migrate("no colour")
    (risk,) = made.risks
    with pytest.raises(migrations.DataLoss, match=r"product\.colour.*1 row.*allow_data_loss=True"):
        migrations.upgrade()

    assert (risk.table, risk.column, risk.rows, risk.loses_data) == ("product", "colour", 1, True)
    assert str(risk).startswith("product.colour: the column is removed (1 row)")
    assert rows("SELECT colour FROM product WHERE name = 'Lamp'") == [("red",)]
    migrations.upgrade(allow_data_loss=True)
    assert migrations.check() == ()
    assert len(rows("SELECT name FROM product")) == 2


def test_nothing_is_refused_where_there_is_nothing_to_lose(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    product(name=str, colour=(str | None, None))
    migrations.migrate("first")
    migrations.upgrade()
    begin_again()
    product(name=str)
    migrations.migrate("no colour")

    migrations.upgrade()

    assert migrations.check() == ()


def test_a_likely_rename_is_pointed_out(folder: Path, begin_again: Callable[[], None]) -> None:
    goods = product(name=str)
    apply("first")
    goods.create(name="Lamp")
    begin_again()
    product(title=str)

    made = migrations.migrate("title")

    lost = next(risk for risk in made.risks if risk.loses_data)
    assert "new_column_name='title'" in lost.remedy
    assert made.path is not None
    assert "# batch_op.alter_column('name', new_column_name='title')" in made.path.read_text()


def test_a_rename_that_is_named_keeps_the_values(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    goods = product(name=Indexed[str], price=float)
    apply("first")
    goods.create(name="Lamp", price=1)
    begin_again()
    goods = product(title=Indexed[str], price=float)

    made = migrations.migrate("title", renames={"product.name": "title"})
    migrations.upgrade()

    assert made.risks == ()
    assert "rename column product.name to title" in made.changes
    assert migrations.check() == ()
    assert goods.first().title == "Lamp"
    migrations.downgrade("-1")
    assert rows("SELECT name FROM product") == [("Lamp",)]


def test_types_change_with_a_warning(folder: Path, begin_again: Callable[[], None]) -> None:
    goods = product(name=str, size=str)
    apply("first")
    goods.create(name="Lamp", size="12")
    begin_again()
    goods = product(name=str, size=int)

    made = migrations.migrate("size as number")
    with pytest.raises(migrations.DataLoss, match=r"product\.size"):
        migrations.upgrade()
    migrations.upgrade(allow_data_loss=True)

    assert [(risk.column, risk.rows, risk.loses_data) for risk in made.risks] == [
        ("size", 1, True)
    ]
    assert goods.first().size == 12
    assert migrations.check() == ()


def test_indexes_and_unique_fields_come_and_go(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    goods = product(name=str, code=str)
    apply("first")
    goods.create(name="Lamp", code="1")
    begin_again()
    goods = product(name=Indexed[str], code=Unique[str])
    apply("indexes")

    with pytest.raises(NotUnique):
        goods.create(name="Chair", code="1")

    begin_again()
    goods = product(name=str, code=str)
    apply("no indexes")
    goods.create(name="Chair", code="1")
    assert goods.count() == 2


def test_values_that_are_not_unique_yet_are_counted(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    goods = product(code=str)
    apply("first")
    for code in ("1", "1", "2"):
        goods.create(code=code)
    begin_again()
    product(code=Unique[str])

    made = migrations.migrate("unique")
    with pytest.raises(migrations.MigrationError, match="nothing of it was kept"):
        migrations.upgrade()

    assert [(risk.column, risk.rows) for risk in made.risks] == [("code", 1)]
    assert len(rows("SELECT code FROM product")) == 3


@pytest.mark.filterwarnings("ignore:This declarative base already contains")
def test_classes_that_refer_to_each_other_are_made_and_undone(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    class Maker(SQLEntity):
        name: str

    Maker.create(name="Ann")
    migrations.migrate("first")
    migrations.upgrade()
    begin_again()

    class Naming(SQLModel, table=True):
        maker_id: str = Field(foreign_key="maker.id", primary_key=True)
        word_id: str = Field(foreign_key="word.id", primary_key=True)

    class Word(SQLEntity):
        text: str

    class Maker(SQLEntity):  # type: ignore[no-redef]
        name: str
        boss_id: str | None = Field(default=None, foreign_key="maker.id")
        words: list[Word] = Relationship(link_model=Naming)

    made = apply("words")

    assert {"make table word", "make table naming"} <= set(made.changes)
    assert "let maker.boss_id refer to maker" in made.changes
    assert Maker.first().name == "Ann"
    migrations.downgrade("-1", allow_data_loss=True)
    assert rows("SELECT name FROM maker") == [("Ann",)]
    SQLModel.metadata.remove(SQLModel.metadata.tables["naming"])


def test_what_refers_to_a_changed_table_still_does(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    def define(*, wide: bool) -> tuple[Any, Any]:
        if wide:

            class Maker(SQLEntity):
                name: str
                old: str | None = None
        else:

            class Maker(SQLEntity):  # type: ignore[no-redef]
                name: str

        class Lamp(SQLEntity):
            maker_id: str = Field(foreign_key="maker.id", ondelete="CASCADE")

        return Maker, Lamp

    makers, lamps = define(wide=True)
    apply("first")
    ann = makers.create(name="Ann")
    lamps.create(maker_id=ann.id)
    begin_again()
    makers, lamps = define(wide=False)
    apply("no old")

    assert lamps.count() == 1
    makers.first().delete()
    assert rows("SELECT id FROM lamp") == []


def test_downgrade_brings_columns_back_when_it_may(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    goods = product(name=str)
    first = apply("first")
    goods.create(name="Lamp")
    begin_again()
    goods = product(name=str, colour=(str | None, None), size=(int, 1))
    apply("more")
    goods.first().update(colour="red").save()

    with pytest.raises(migrations.DataLoss, match=r"product\.colour.*downgrade\(allow_data_loss"):
        migrations.downgrade("-1")
    undone = migrations.downgrade("-1", allow_data_loss=True)

    assert [one.message for one in undone] == ["more"]
    assert migrations.current() == (first.id,)
    assert rows("SELECT name FROM product") == [("Lamp",)]
    migrations.upgrade()
    begin_again()
    goods = product(name=str, colour=(str | None, None), size=(int, 1))
    assert goods.first().size == 1


def test_downgrade_asks_for_values_that_were_required(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    goods = product(name=str, colour=str)
    apply("first")
    goods.create(name="Lamp", colour="red")
    begin_again()
    product(name=str)
    made = apply("no colour")

    with pytest.raises(migrations.MigrationError, match="downgrade_fill"):
        migrations.downgrade("-1")
    assert made.path is not None
    written = made.path.read_text()
    made.path.write_text(written.replace("'product.colour': None", "'product.colour': 'none'"))
    migrations.downgrade("-1")

    assert rows("SELECT colour FROM product") == [("none",)]


def test_tables_that_no_class_knows_are_left_alone_unless_named(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    product(name=str)
    apply("first")
    run("CREATE TABLE theirs (id INTEGER PRIMARY KEY)", "INSERT INTO theirs VALUES (1)")

    assert not migrations.migrate("nothing")
    made = migrations.migrate("not theirs", drop_tables=["theirs"])
    with pytest.raises(migrations.DataLoss, match=r"theirs, the table is removed \(1 row\)"):
        migrations.upgrade()
    migrations.upgrade(allow_data_loss=True)

    assert made.changes == ("remove table theirs",)
    with pytest.raises(Exception, match="theirs"):
        rows("SELECT * FROM theirs")


def test_tables_that_others_have_made_for_a_class_stay_as_they_are(folder: Path) -> None:
    run("CREATE TABLE product (id VARCHAR PRIMARY KEY, name VARCHAR, more VARCHAR)")
    product(name=str)

    made = migrations.migrate("first")
    migrations.upgrade()

    assert "make table product" not in made.changes
    assert migrations.check() == ()
    assert rows("SELECT more FROM product") == []


def test_a_renamed_class_is_pointed_out(folder: Path, begin_again: Callable[[], None]) -> None:
    goods = product(name=str)
    apply("first")
    goods.create(name="Lamp")
    begin_again()
    type(
        "Item",
        (Entity,),
        {
            "__module__": __name__,
            "__annotations__": {"name": str},
            "_persistence_backend_class": SQLModelBackend,
        },
    )

    made = migrations.migrate("item")

    assert [risk.rows for risk in made.risks] == [1]
    assert "op.rename_table('product', 'item')" in made.risks[0].remedy


def test_check_says_what_differs_in_words(folder: Path, begin_again: Callable[[], None]) -> None:
    product(name=str, colour=(str | None, None), size=(str | None, None))
    apply("first")
    begin_again()
    product(
        name=Indexed[str | None],  # type: ignore[misc]
        stock=(int, 0),
        size=(int | None, None),
    )

    found = migrations.check()

    assert "column product.stock is missing" in found
    assert "column product.colour belongs to no field" in found
    assert "column product.name needs a value, the class lets it be empty" in found
    assert "index ix_product_name of product (name) is missing" in found
    assert any(one.startswith("column product.size is VARCHAR") for one in found)
    made = migrations.migrate("second")
    assert migrations.check()[0] == f"migration {made.id} (second) has not run"


def test_check_needs_no_folder(begin_again: Callable[[], None]) -> None:
    product(name=str)

    assert "table product is missing" in migrations.check()


def test_history_lists_what_has_run(folder: Path, begin_again: Callable[[], None]) -> None:
    product(name=str)
    first = apply("first")
    begin_again()
    product(name=str, stock=(int, 0))
    second = migrations.migrate("stock")

    newest, oldest = migrations.history()

    assert (newest.id, newest.message, newest.applied) == (second.id, "stock", False)
    assert (oldest.id, oldest.applied) == (first.id, True)
    assert newest.after == (first.id,)


def test_migrate_wants_the_database_to_be_up_to_date(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    product(name=str)
    apply("first")
    begin_again()
    product(name=str, stock=(int, 0))
    migrations.migrate("stock")

    with pytest.raises(migrations.MigrationError, match="Run: nitro db upgrade"):
        migrations.migrate("again")


def test_parallel_migrations_can_be_joined(folder: Path, begin_again: Callable[[], None]) -> None:
    product(name=str)
    first = apply("first")
    for name in ("one", "two"):
        (folder / "versions" / f"{name}.py").write_text(
            f"revision = {name!r}\ndown_revision = {first.id!r}\n"
            "def upgrade(): pass\ndef downgrade(): pass\n"
        )

    with pytest.raises(migrations.MigrationError, match=r"Run: nitro db upgrade|nitro db merge"):
        migrations.upgrade()
    migrations.merge()
    migrations.upgrade()

    assert len(migrations.current()) == 1


def test_a_failing_migration_leaves_nothing_half_done(folder: Path) -> None:
    goods = product(name=str)
    first = apply("first")
    goods.create(name="Lamp")
    (folder / "versions" / "broken.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\n"
        f"revision = 'broken'\ndown_revision = {first.id!r}\n"
        "def upgrade():\n"
        "    op.create_table('half', sa.Column('id', sa.Integer, primary_key=True))\n"
        "    op.execute(\"UPDATE product SET name = 'Chair'\")\n"
        "    op.execute('SELECT * FROM nowhere')\n"
        "def downgrade(): pass\n"
    )

    with pytest.raises(
        migrations.MigrationError, match=r"Migration broken .* nothing of it was kept"
    ):
        migrations.upgrade()

    assert rows("SELECT name FROM product") == [("Lamp",)]
    assert migrations.current() == (first.id,)
    with pytest.raises(Exception, match="half"):
        rows("SELECT * FROM half")


def test_two_processes_that_upgrade_at_once_take_turns(folder: Path, url: str) -> None:
    product(name=str)
    made = migrations.migrate("first")
    assert made.path is not None
    slow = "def upgrade() -> None:\n    import time\n    time.sleep(0.5)\n"
    written = made.path.read_text()
    made.path.write_text(written.replace("def upgrade() -> None:\n", slow))
    code = (
        "from nitro_entities import configure, migrations\n"
        f"configure(database_url={url!r})\n"
        "print(len(migrations.upgrade()))\n"
    )

    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in processes)

    assert said == ["0", "1"]


def test_tables_do_not_appear_by_themselves_in_a_migrated_database(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    product(name=str)
    apply("first")

    class Late(Entity):
        name: str
        _persistence_backend_class = SQLModelBackend

    with pytest.raises(SchemaMismatch, match=r"'late' does not exist\. Run: nitro db upgrade"):
        Late.create(name="x")


def test_production_makes_tables_only_where_there_are_no_migrations(
    begin_again: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("NITRO_ENV", "production")
    goods = product(name=str)

    class Late(Entity):
        name: str
        _persistence_backend_class = SQLModelBackend

    with caplog.at_level(logging.WARNING, "nitro_entities"):
        goods.create(name="Lamp")
    migrations.init()

    assert "made on the spot" in caplog.text
    with pytest.raises(SchemaMismatch, match="nitro db upgrade"):
        Late.create(name="x")


def test_migration_files_need_neither_nitro_nor_the_application(folder: Path) -> None:
    class Mapped(SQLEntity):
        moment: AwareDatetime
        colour: Colour = Colour.RED

    product(name=str, moment=AwareDatetime, address=Address, size=Size)
    made = migrations.migrate("first")

    assert made.path is not None
    written = made.path.read_text()
    imports = [line for line in written.splitlines() if "import" in line]
    assert imports == ["import sqlalchemy as sa", "from alembic import op"]
    assert "nitro_entities" not in written
    assert "sqlmodel" not in written


def test_what_keeps_tables_fast_and_in_order_is_kept(
    folder: Path, begin_again: Callable[[], None], url: str
) -> None:
    product(name=str, colour=(str | None, None))
    apply("first")
    begin_again()
    product(name=str, code=Unique[str | None])  # type: ignore[misc]
    apply("second")

    if url.startswith("sqlite"):
        (sql,) = rows("SELECT sql FROM sqlite_master WHERE name = 'product'")[0]
        assert sql.rstrip().endswith("WITHOUT ROWID")
    else:
        collations = rows(
            "SELECT column_name, collation_name FROM information_schema.columns "
            "WHERE table_name = 'product' AND data_type = 'character varying'"
        )
        assert {collation for _, collation in collations} == {"C"}
        assert {name for name, _ in collations} == {"id", "name", "code"}


def test_a_migration_of_one_database_runs_on_another(
    begin_again: Callable[[], None], url: str, tmp_path: Path
) -> None:
    def define(*, late: bool) -> None:
        early = {
            "ratio": (float | None, None),
            "data": (bytes | None, None),
            "day": (date | None, None),
        }
        more = {"stock": (int, 1)} if late else early
        product(name=str, moment=AwareDatetime, amount=Decimal, whole=int, **more)

    written_on = f"sqlite:///{tmp_path / 'development.db'}"
    migrations.init()
    for late in (False, True):
        begin_again()
        configure(database_url=written_on)
        define(late=late)
        migrations.migrate("late" if late else "first")
        migrations.upgrade()
    begin_again()
    define(late=True)

    migrations.upgrade()

    assert migrations.check() == ()
    migrations.downgrade("-1")
    assert rows("SELECT ratio, data, day FROM product") == []


def test_a_user_may_bring_an_environment_of_their_own(folder: Path) -> None:
    product(name=str)
    (folder / "env.py").write_text(
        "from nitro_entities import migrations\n"
        "def mine(name, kind, parents):\n"
        "    return name != 'secret'\n"
        "migrations.run(include_name=mine, version_table='my_versions')\n"
    )
    apply("first")

    assert len(rows("SELECT version_num FROM my_versions")) == 1


def test_alembic_itself_knows_our_tables(folder: Path, url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    product(name=str, moment=AwareDatetime, code=Unique[str])
    apply("first")

    with connected(writes=False) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, migrations.metadata())

    assert found == []


def test_init_leaves_what_is_there(folder: Path) -> None:
    (folder / "env.py").write_text("# mine\n")

    migrations.init(folder)

    assert (folder / "env.py").read_text() == "# mine\n"


def test_a_missing_folder_is_said_with_what_to_run(begin_again: Callable[[], None]) -> None:
    with pytest.raises(migrations.MigrationError, match="Run: nitro db init"):
        migrations.upgrade()


def test_views_and_triggers_survive_that_a_table_is_made_anew(
    folder: Path, begin_again: Callable[[], None], url: str
) -> None:
    if not url.startswith("sqlite"):
        pytest.skip("only SQLite makes tables anew")
    product(name=str, old=(str | None, None))
    apply("first")
    run(
        "CREATE VIEW names AS SELECT name FROM product",
        "CREATE TABLE log (name)",
        "CREATE TRIGGER noted AFTER INSERT ON product "
        "BEGIN INSERT INTO log VALUES (new.name); END",
    )
    begin_again()
    goods = product(name=str)

    apply("no old")
    goods.create(name="Lamp")

    assert rows("SELECT name FROM names") == [("Lamp",)]
    assert rows("SELECT name FROM log") == [("Lamp",)]


def test_a_database_that_somebody_keeps_is_waited_for_and_then_left(
    folder: Path, url: str
) -> None:
    product(name=str)
    apply("first")
    migrations.downgrade("base")
    configure(busy_timeout=0.2)

    with connected(writes=False) as other:
        other.execute(text("CREATE TABLE product (id VARCHAR)"))

        with pytest.raises(StoreBusy, match="too long"):
            migrations.upgrade()

    migrations.upgrade()
    assert migrations.check() == ()


def test_what_is_missing_to_migrate_is_said_with_what_to_install() -> None:
    code = (
        "import sys\n"
        "sys.modules['alembic'] = None\n"
        "import nitro_entities\n"
        "try:\n"
        "    nitro_entities.migrations\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "pip install 'nitro-entities[migrations]'" in said.stdout


def test_a_dry_run_tells_what_would_be_written_and_keeps_nothing(
    folder: Path, begin_again: Callable[[], None]
) -> None:
    product(name=str)
    first = migrations.migrate("first")
    begun: list[str] = []
    written: list[str] = []

    migrations.upgrade(dry=written, begun=lambda one: begun.append(one.message))

    assert begun == ["first"]
    assert any(one.startswith("CREATE TABLE product") for one in written)
    assert any(first.id in one for one in written if first.id)
    assert not any(one.startswith(("SELECT", "PRAGMA", "SET")) for one in written)
    assert "first" in str(migrations.check())
    migrations.upgrade()
    run("INSERT INTO product (id, name) VALUES ('1', 'Lamp')")

    undone: list[str] = []
    migrations.downgrade("base", allow_data_loss=True, dry=undone)

    assert any("DROP TABLE product" in one for one in undone)
    assert rows("SELECT name FROM product") == [("Lamp",)]


def test_a_dry_run_tells_of_a_change_that_begins_like_a_question(folder: Path) -> None:
    product(name=str)
    first = apply("first")
    (folder / "versions" / "copied.py").write_text(
        "from alembic import op\n"
        f"revision = 'copied'\ndown_revision = {first.id!r}\n"
        "def upgrade():\n"
        "    op.execute('WITH few AS (SELECT 1 AS n) SELECT n FROM few')\n"
        "    op.execute(\"WITH one AS (SELECT '1' AS id) \"\n"
        "        \"INSERT INTO product (id, name) SELECT id, 'Lamp' FROM one\")\n"
        "def downgrade(): pass\n"
    )
    written: list[str] = []

    migrations.upgrade(dry=written)

    assert [one[:8] for one in written if one.startswith("WITH")] == ["WITH one"]
