"""What `__search__` has an index of is found as without it: by every writer, in any script."""

import logging
import random
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Field

from nitro_entities import (
    Entity,
    MemoryRepo,
    Secret,
    SQLEntity,
    SQLModelBackend,
    UnitOfWork,
    configure,
    migrations,
    state,
)
from nitro_entities.backends import repository_of
from nitro_entities.classes import Registry
from nitro_entities.errors import DefinitionError
from nitro_entities.stores.sql import postgres_text, sqlite_text, sqlite_trigrams, text_index
from nitro_entities.stores.sql.sqlite_trigrams import Layout, State

PARTS = [
    "ss", "ß", "\u1e9e", "st", "\ufb06", "fi", "\ufb01", "ffi", "\ufb03", "K", "\u212a", "\u017f",
    "\u0130", "i\u0307", "\u0390", "\u0587", "%", "_", "\\", '"', "'", "*", " AND ", "OR", "\x1f",
    "ab", "ABC", "é", "É", "\uab70", "\u13a0", "\U00010400", "\U00010428", "Ω", "ς", "Σ", "日本語",
    "🙂", "x", "yz", "\u0528", "\u0529", "\ufb13", "\u1c80", "\u0432",
]  # fmt: skip
strange = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=2)
texts = st.lists(st.one_of(st.sampled_from(PARTS), strange), max_size=6).map("".join)


class Note(Entity):
    __search__ = ("title", "body")
    title: str
    body: str | None = None
    other: str = ""
    _persistence_backend_class = SQLModelBackend


class Tome(SQLEntity):
    __search__ = ("title",)
    id: int | None = Field(default=None, primary_key=True)  # type: ignore[assignment]
    title: str
    pages: int = 0


def found_in(cls: Any, needle: str) -> set[Any]:
    """Find what holds the needle in the indexed fields, in Python."""
    folded = needle.casefold()
    return {
        one.id
        for one in cls.where()
        if any(folded in (getattr(one, name) or "").casefold() for name in cls.__search__)
    }


def search(cls: Any, needle: str) -> set[Any]:
    query = cls.where().search(needle, *cls.__search__)
    found = {one.id for one in query}
    assert query.count() == len(found)
    assert {one.id for one in query.slice(1_000).items} == found
    return found


def raw(path: Path, sql: str, *values: Any) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(sql, values)
    connection.close()


def layout(table: str = "note", columns: tuple[str, ...] = ("title", "body")) -> Layout:
    return Layout(table, "id", columns)


def state_of(path: Path, wanted: Layout) -> State:
    connection = sqlite3.connect(path)
    try:
        return wanted.state(lambda sql, values: connection.execute(sql, values).fetchall())
    finally:
        connection.close()


def test_the_index_appears_with_the_table(database: Path) -> None:
    Note.create(title="Lamp")

    assert state_of(database, layout()) is State.WHOLE


def test_the_index_chooses_the_rows(database: Path) -> None:
    Note.create(title="Lamp")
    assert search(Note, "lam")

    raw(database, "DELETE FROM nitro_search_note_rows")

    assert not search(Note, "lam"), "nothing else was looked at"
    assert search(Note, "la"), "too short for the index"


def test_a_class_without_the_declaration_has_no_triggers(database: Path) -> None:
    class Bare(Entity):
        title: str
        _persistence_backend_class = SQLModelBackend

    Bare.create(title="x")

    connection = sqlite3.connect(database)
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE name LIKE 'nitro%'"
    ).fetchall()
    connection.close()
    assert names == []


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.tuples(texts, st.none() | texts), max_size=8), data=st.data())
def test_any_needle_finds_what_it_finds_without_an_index(rows: Any, data: st.DataObject) -> None:
    Note.delete_many(Note.all())
    with UnitOfWork():
        for title, body in rows:
            Note.create(title=title, body=body)
    whole = st.sampled_from([text for row in rows for text in row if text] or ["x"])
    cut = st.tuples(whole, st.integers(0, 4), st.integers(1, 9)).map(
        lambda given: given[0][given[1] :][: given[2]]
    )
    for _ in range(6):
        needle = data.draw(st.one_of(texts, cut, cut.map(str.casefold), cut.map(str.upper)))
        if needle:
            assert search(Note, needle) == found_in(Note, needle), needle


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_what_raw_writers_do_counts(data: st.DataObject) -> None:
    path = Path(state_path())
    Tome.delete_many(Tome.all())
    raw(path, "DELETE FROM tome")
    ids = st.integers(1, 4)
    for _ in range(data.draw(st.integers(1, 12))):
        text, id, other = data.draw(texts), data.draw(ids), data.draw(ids)
        sql, values = data.draw(
            st.sampled_from(
                [
                    ("INSERT OR REPLACE INTO tome(id, title, pages) VALUES (?, ?, 0)", (id, text)),
                    ("INSERT OR IGNORE INTO tome(id, title, pages) VALUES (?, ?, 0)", (id, text)),
                    ("UPDATE tome SET title = ? WHERE id >= ?", (text, id)),
                    ("UPDATE OR REPLACE tome SET id = ? WHERE id = ?", (id, other)),
                    ("UPDATE OR IGNORE tome SET id = ? WHERE id = ?", (id, other)),
                    ("DELETE FROM tome WHERE id = ?", (id,)),
                    (
                        "INSERT INTO tome(id, title, pages) VALUES (?, ?, 0) "
                        "ON CONFLICT(id) DO UPDATE SET title = title || excluded.title",
                        (id, text),
                    ),
                ]
            )
        )
        raw(path, sql, *values)
    for one in list(Tome.where()) or [Tome(title="abc")]:
        for at in range(3):
            needle = one.title[at : at + 4] or "abc"
            assert search(Tome, needle) == found_in(Tome, needle), needle


def state_path() -> str:
    from nitro_entities.config import database_url

    Tome.where().count()
    return database_url().removeprefix("sqlite:///")


def test_the_database_chooses_ids_as_before(database: Path) -> None:
    tomes = [Tome.create(title=f"Part {number}") for number in range(3)]

    assert [tome.id for tome in tomes] == [1, 2, 3]


def test_a_rollback_takes_entries_of_the_index_with_it(database: Path) -> None:
    kept = Note.create(title="kept one")
    with pytest.raises(RuntimeError), UnitOfWork():
        Note.create(title="gone one")
        kept.title = "other one"
        kept.save()
        with pytest.raises(KeyError), UnitOfWork():
            Note.create(title="inner one")
            raise KeyError
        assert search(Note, " one") == found_in(Note, " one")
        assert Note.where().search("gone", "title").exists()
        raise RuntimeError

    assert search(Note, "kept") == {kept.id}
    assert not search(Note, "gone") | search(Note, "other") | search(Note, "inner")


def test_an_index_made_in_a_unit_goes_with_its_rollback(database: Path) -> None:
    with pytest.raises(RuntimeError), UnitOfWork():
        Note.create(title="gone")
        assert search(Note, "gone")
        raise RuntimeError

    Note.create(title="Lamp")
    assert len(search(Note, "lamp")) == 1


def test_many_writers_leave_an_index_that_agrees(database: Path) -> None:
    def write(number: int) -> None:
        for turn in range(25):
            note = Note.create(title=f"writer {number} turn {turn}")
            if turn % 3 == 0:
                note.body = "afterthought"
                note.save()
            if turn % 5 == 0:
                note.delete()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for needle in ("writer 2", "turn 20", "after", "turn 1", "r 3 t"):
        assert search(Note, needle) == found_in(Note, needle)


def test_rows_that_are_there_already_are_put_in_portion_by_portion(
    database: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    Note.create_many([Note(title=f"Straße {number}", body="x") for number in range(57)])
    remove_index(database)
    begin_again(database)
    monkeypatch.setattr(Layout.fill, "__defaults__", (None, 10))

    with caplog.at_level(logging.INFO, "nitro_entities"):
        assert len(search(Note, "strasse")) == 57

    assert "Made the text index of the table 'note'" in caplog.text
    assert state_of(database, layout()) is State.WHOLE


def test_a_build_that_was_interrupted_goes_on(database: Path) -> None:
    Note.create_many([Note(title=f"Lamp {number}") for number in range(20)])
    raw(database, "DROP INDEX nitro_search_note_odd")
    raw(database, "DELETE FROM nitro_search_note_rows WHERE number > 10")
    begin_again(database)

    assert len(search(Note, "lamp")) == 20


@pytest.mark.parametrize("trigger", ["added", "changed", "removed", "inside", "renewed"])
def test_an_index_that_lost_a_trigger_is_made_anew(database: Path, trigger: str) -> None:
    note = Note.create(title="Lamp")
    raw(database, f"DROP TRIGGER nitro_search_note_{trigger}")
    raw(database, "UPDATE note SET title = 'Bulb'")
    raw(database, "INSERT INTO note(id, title, other) VALUES ('z', 'Lampion', '')")

    assert search(Note, "lamp") == {"z"}, "not trusted any more, in the process that uses it"
    begin_again(database)
    assert search(Note, "lamp") == {"z"}
    assert search(Note, "bulb") == {note.id}
    assert state_of(database, layout()) is State.WHOLE


def test_other_fields_have_the_index_made_anew(database: Path) -> None:
    define("title").create(title="Lamp", body="green")
    begin_again(database)
    assert len(search(define("title", "body"), "green")) == 1
    assert state_of(database, layout("thing", ("title", "body"))) is State.WHOLE

    begin_again(database)
    define().create(title="x", body="y")
    assert state_of(database, layout("thing", ("title", "body"))) is State.NONE


def test_a_table_of_somebody_else_gets_no_triggers(
    database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    raw(database, "CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT, body TEXT, other TEXT)")
    raw(database, "INSERT INTO note VALUES ('a', 'Lamp', NULL, '')")

    assert search(Note, "lam") == {"a"}
    assert "sets no triggers on it" in caplog.text
    assert state_of(database, layout()) is State.NONE


def test_many_candidates_are_read_in_order_instead(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_text, "MOST_CANDIDATES", 3)
    Note.create_many([Note(title=f"Lamp {number}") for number in range(6)])
    assert len(search(Note, "lamp")) == 6

    raw(database, "DELETE FROM nitro_search_note_rows WHERE number > 3")

    assert len(search(Note, "lamp")) == 3, "few enough for the index"


def test_a_search_in_a_field_that_is_not_indexed_reads_all_rows(database: Path) -> None:
    note = Note.create(title="Lamp", other="green")

    assert [one.id for one in Note.where().search("green")] == [note.id]
    assert [one.id for one in Note.where(~Note_title("lamp"))] == []
    assert Note.where(Note_title("lamp") | Note_title("bulb")).count() == 1


def Note_title(needle: str) -> Any:  # noqa: N802 - reads like a field
    from nitro_entities import col

    return col(Note, "title").icontains(needle)


def test_a_search_over_a_big_table_is_told_of_the_declaration_once(
    database: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bare(Entity):
        title: str
        _persistence_backend_class = SQLModelBackend

    Bare.create_many([Bare(title=f"Lamp {number}") for number in range(5)])
    monkeypatch.setattr(text_index, "BIG", 6)
    for _ in range(3):
        assert Bare.where().search("lamp").count() == 5
    assert caplog.text == ""

    Bare.create(title="one more")
    for _ in range(6):
        _ = Bare.where().search("lamp").count()

    assert caplog.text.count("class Bare: __search__ = ('title',)") == 1


def test_without_trigrams_a_search_goes_on_and_says_why(
    database: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_trigrams, "has_trigrams", lambda: False)
    note = Note.create(title="Lamp")

    assert search(Note, "lam") == {note.id}
    assert "has no FTS5 with trigrams" in caplog.text


def test_other_stores_take_no_notice() -> None:
    class Kept(Entity):
        __search__ = ("title",)
        title: str
        body: str = ""
        _persistence_backend_class = MemoryRepo

    Kept.create(title="x", body="Lamp")

    assert Kept.where().search("lam").count() == 1


def test_the_declaration_is_checked_when_the_class_is_defined() -> None:
    with pytest.raises(DefinitionError, match=r"names 'nam', which is no field: id, name"):

        class Misspelt(Entity):
            __search__ = ("nam",)
            name: str

    with pytest.raises(DefinitionError, match="holds a integer, and __search__ looks into text"):

        class Counted(SQLEntity):
            __search__ = ("size",)
            size: int

    with pytest.raises(DefinitionError, match="is secret, and an index"):

        class Hidden(Entity):
            __search__ = ("code",)
            code: Secret[str]

    with pytest.raises(DefinitionError, match=r"Write __search__ = \('name',\)"):

        class Bare(Entity):
            __search__ = "name"
            name: str


@pytest.fixture
def postgres(postgres_url: str) -> Any:
    """A connection to a PostgreSQL server that has pg_trgm, with Nitro on the same database."""
    psycopg = pytest.importorskip("psycopg")
    configure(database_url=postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        asked = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"
        if not connection.execute(asked).fetchone()[0]:
            pytest.skip("this PostgreSQL has no pg_trgm (on Debian: apt-get install postgresql)")
        connection.execute("DROP EXTENSION IF EXISTS pg_trgm CASCADE")
        yield connection


def test_postgresql_answers_by_an_index_of_trigrams(postgres: Any) -> None:
    Note.create_many([Note(title=f"Lamp {number}") for number in range(20)])

    postgres.execute("SET enable_seqscan = off")
    layout = postgres_text.Layout("note", ("title", "body"))
    asked = f"EXPLAIN SELECT 1 FROM note WHERE {layout.expression} LIKE '%amp%'"
    plan = "".join(row[0] for row in postgres.execute(asked))

    assert "Bitmap Index Scan on nitro_search_note" in plan
    assert len(search(Note, "lamp")) == 20


def test_postgresql_finds_what_it_finds_without_an_index(postgres: Any) -> None:
    words = [*PARTS, "Straße", "STRASSE", "a%b", "oﬃce", "mississippi", "\u01c4", "ᾳβγ", "αιβγ"]
    chance = random.Random(3)
    rows = ["".join(chance.choices(words, k=3)) for _ in range(120)]
    Note.create_many([Note(title=text, body=text[::-1]) for text in rows])
    for text in rows[:40]:
        at = chance.randrange(max(1, len(text) - 3))
        for needle in (text[at : at + 4], text[at : at + 3].upper()):
            assert search(Note, needle) == found_in(Note, needle), needle

    postgres.execute("UPDATE note SET title = 'Straßenbahn' WHERE title LIKE '%ss%'")
    postgres.execute("DELETE FROM note WHERE title LIKE '%st%'")
    assert search(Note, "STRASSENB") == found_in(Note, "strassenb") != set()


def test_postgresql_folds_as_python_does(postgres: Any) -> None:
    Note.create(title="x")
    function = postgres_text._function()[0]  # pyright: ignore[reportPrivateUsage]
    chars = [chr(code) for code in range(1, 0x20000) if is_char(code)]
    for start in range(0, len(chars), 500):
        text = "".join(chars[start : start + 500])
        folded = postgres.execute(f'SELECT {function}(%s::text COLLATE "C")', (text,)).fetchone()[
            0
        ]
        assert folded == text.casefold()


def test_postgresql_without_the_extension_searches_all_rows(
    postgres: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_text, "EXTENSION", "nitro_no_such_extension")
    with UnitOfWork():
        note = Note.create(title="Lamp")
        assert search(Note, "lam") == {note.id}

    assert search(Note, "lam") == {note.id}
    assert "An administrator of the database can add it" in caplog.text


def test_postgresql_changes_and_removes_the_index_with_the_declaration(postgres: Any) -> None:
    asked = "SELECT indexdef FROM pg_indexes WHERE indexname = 'nitro_search_thing'"
    define("title").create(title="Lamp", body="green")
    assert "body" not in postgres.execute(asked).fetchone()[0]

    begin_again(postgres_url_of(postgres))
    assert len(search(define("title", "body"), "green")) == 1
    assert "body" in postgres.execute(asked).fetchone()[0]

    begin_again(postgres_url_of(postgres))
    define().create(title="x", body="y")
    assert postgres.execute(asked).fetchone() is None


def postgres_url_of(connection: Any) -> str:
    from nitro_entities.config import database_url

    return database_url()


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A database with a folder of migrations beside it."""
    monkeypatch.chdir(tmp_path)
    if request.param == "postgresql":
        request.getfixturevalue("postgres")
    from nitro_entities.config import database_url

    forget(database_url())
    migrations.init()
    return database_url()


def forget(url: str) -> None:
    begin_again(url)
    state.state.part(Registry).classes = {}


def is_indexed(cls: Any) -> bool:
    """Say whether the process uses an index for the class."""
    _ = cls.where().count()
    return repository_of(cls)._ready.facts.index is not None  # type: ignore[attr-defined]


def test_migrations_bring_the_index_and_name_it_nowhere(
    migrated: str, caplog: pytest.LogCaptureFixture
) -> None:
    thing = define("title")
    made = migrations.migrate("first")
    assert made.path is not None
    assert "nitro_search" not in made.path.read_text()
    migrations.upgrade()
    assert migrations.check() == ()
    assert not migrations.migrate("nothing")
    thing.create(title="Straße", body="green")
    assert is_indexed(thing)

    forget(migrated)
    thing = define("title", "body")
    assert search(thing, "green")
    assert not is_indexed(thing)
    assert "Run: nitro db upgrade" in caplog.text

    forget(migrated)
    thing = define("title", "body")
    assert migrations.check() == ()
    migrations.upgrade()
    assert is_indexed(thing)
    assert search(thing, "green") == search(thing, "strasse") != set()

    forget(migrated)
    thing = define()
    migrations.upgrade()
    assert migrations.check() == ()
    assert "Run: nitro db upgrade" in caplog.text
    caplog.clear()
    thing.create(title="x", body="y")
    assert caplog.text == ""


def test_a_migration_that_makes_the_table_anew_keeps_the_index_right(migrated: str) -> None:
    thing = define("title", body=str)
    migrations.migrate("first")
    migrations.upgrade()
    lamp = thing.create(title="Lamp", body="green")

    forget(migrated)
    thing = define("title", body=str | None)  # SQLite copies the table for that
    assert migrations.migrate("other type")
    migrations.upgrade()

    assert search(thing, "lamp") == {lamp.id}
    assert is_indexed(thing)


def test_a_downgrade_takes_the_index_along(migrated: str) -> None:
    thing = define("title")
    migrations.migrate("first")
    migrations.upgrade()
    thing.create(title="Lamp", body="green")

    migrations.downgrade("base", allow_data_loss=True)
    migrations.upgrade()

    forget(migrated)
    thing = define("title")
    assert not search(thing, "lamp")
    thing.create(title="Lamp", body="green")
    assert len(search(thing, "lamp")) == 1


def test_the_list_of_odd_characters_is_complete() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='trigram', detail=none)")
    connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, 'instance')")
    folding = {chr(code): chr(code).casefold() for code in range(128, 0x110000) if is_char(code)}
    folding = {char: fold for char, fold in folding.items() if char != fold}
    chars = {*folding, *"".join(folding.values())}
    connection.executemany(
        "INSERT INTO t(rowid, x) VALUES (?, ?)", [(ord(c), c * 3) for c in chars]
    )
    theirs = {chr(code): term[0] for term, code in connection.execute("SELECT term, doc FROM v")}
    differ = {c for c, f in folding.items() if len(f) > 1 or theirs[c] != theirs[f]}
    asked = f"SELECT ? GLOB '*[{sqlite_trigrams.odd_class()}]*'"
    odd = {char for char in differ if connection.execute(asked, (char,)).fetchone()[0]}
    connection.close()

    assert differ - odd == set(sqlite_trigrams.REPLACED)


def is_char(code: int) -> bool:
    return not 0xD800 <= code < 0xE000


def remove_index(path: Path) -> None:
    connection = sqlite3.connect(path)
    with connection:
        layout().remove(lambda sql, values: connection.execute(sql, values).fetchall())
    connection.close()


def define(*searched: str, **more: Any) -> Any:
    """Define a class with these fields in `__search__`."""
    body = {
        "__module__": __name__,
        "__qualname__": "define.<locals>.Thing",
        "__search__": searched,
        "__annotations__": {"title": str, **(more or {"body": str})},
        "_persistence_backend_class": SQLModelBackend,
    }
    return type("Thing", (Entity,), body)


def begin_again(url: str | Path) -> None:
    """Forget what is known of the database, as a new process would."""
    state.reset()
    configure(database_url=url if isinstance(url, str) else f"sqlite:///{url}")
