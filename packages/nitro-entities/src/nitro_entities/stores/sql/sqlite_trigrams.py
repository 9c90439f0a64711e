"""What the text index of SQLite consists of: FTS5 with trigrams, kept by triggers.

So every writer keeps it. Our tables have no row numbers, so a table beside them gives each row
one, and keeps the text that was indexed: what is taken out of the index has to be just what was
put in.
"""

from collections.abc import Sequence
from enum import Enum
from functools import cache, cached_property
from typing import Any

from nitro_entities.stores.sql.text_index import PREFIX, Run

AT_ONCE = 5_000
"""How many rows are put into the index in one transaction."""

# FTS5 folds character by character, by tables of its own. What casefold makes several characters
# of, in living languages, is replaced before …
REPLACED = (
    "\xdf\u0130\u0149\u01f0\u0587\u1e96\u1e97\u1e98\u1e99\u1e9a\u1e9e"
    "\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06"
)
# … and texts with other characters that FTS5 may fold differently, now or in versions of Unicode
# to come, are candidates for every search
_ODD = (
    "378-37f 390 3b0 528-530 557-558 13f6-13ff 1c80-1cbf 1f50 1f52 1f54 1f56 1f80-1faf 1fb2-1fb4 "
    "1fb6-1fb7 1fbc 1fc2-1fc4 1fc6-1fc7 1fcc 1fd2-1fd3 1fd6-1fd7 1fe2-1fe4 1fe6-1fe7 1ff2-1ff4 "
    "1ff6-1ff7 1ffc 2c2f a698-a69d a720-a7ff ab30-abbf fb07-fb1c 10000-1efff"
)


class State(Enum):
    """What there is of an index."""

    NONE = "none"
    BEGUN = "begun"  # triggers keep it, but not all earlier rows are in
    WHOLE = "whole"
    OTHER = "other"  # made for other fields, or a trigger was lost


@cache
def has_trigrams() -> bool:
    """Say whether this SQLite can keep an index of trigrams."""
    import sqlite3

    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='trigram')")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True


class Layout:
    """What the index of one table consists of.

    The last thing made is the index of odd rows: where it is, every row is in.
    """

    def __init__(self, table: str, id: str, columns: Sequence[str]) -> None:
        self.table, self.id, self.columns = table, id, tuple(columns)
        self.rows = f"{PREFIX}{table}_rows"
        self.trigrams = f"{PREFIX}{table}_fts"
        self.odd = f"{PREFIX}{table}_odd"

    @cached_property
    def wanted(self) -> dict[str, str]:
        """Answer the statements that make everything but the last part, by name."""
        name, rows, fts = quoted(self.table), quoted(self.rows), quoted(self.trigrams)
        id = quoted(self.id)
        differ = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in map(quoted, self.columns))
        named = ", ".join(map(quoted, dict.fromkeys((self.id, *self.columns))))
        put = (
            f"INSERT INTO {rows}(id, odd, text) {self._values('NEW.', '')} WHERE true "
            f"ON CONFLICT(id) DO UPDATE SET odd = excluded.odd, text = excluded.text;"
        )
        take = f"DELETE FROM {rows} WHERE id = OLD.{id}"
        inside = f"INSERT INTO {fts}(rowid, text) VALUES (NEW.number, NEW.text);"
        outside = f"INSERT INTO {fts}({fts}, rowid, text) VALUES ('delete', OLD.number, OLD.text);"
        content = _literal(self.rows)
        made = {
            self.rows: f"CREATE TABLE {rows}(number INTEGER PRIMARY KEY, id NOT NULL UNIQUE, "
            f"odd INTEGER NOT NULL, text TEXT NOT NULL)",
            self.trigrams: f"CREATE VIRTUAL TABLE {fts} USING fts5(text, content={content}, "
            f"content_rowid='number', tokenize='trigram', detail=none, columnsize=0)",
        }
        for what, when, where, body in (
            ("inside", "INSERT", rows, inside),
            ("renewed", "UPDATE OF text", rows, f"{outside} {inside}"),
            ("outside", "DELETE", rows, outside),
            ("added", "INSERT", name, put),
            ("changed", f"UPDATE OF {named}", name, f"{take} AND OLD.{id} IS NOT NEW.{id}; {put}"),
            ("removed", "DELETE", name, f"{take};"),
        ):
            which = f" WHEN OLD.{id} IS NOT NEW.{id} OR {differ}" if what == "changed" else ""
            trigger = f"{PREFIX}{self.table}_{what}"
            head = f"CREATE TRIGGER {quoted(trigger)} AFTER {when} ON {where}"
            made[trigger] = f"{head}{which} BEGIN {body} END"
        return made

    @property
    def last(self) -> str:
        """Answer the statement that says that every row is in."""
        return f"CREATE INDEX {quoted(self.odd)} ON {quoted(self.rows)}(id) WHERE odd"

    def state(self, run: Run) -> State:
        """Ask the database what there is."""
        present = self._present(run)
        if not present:
            return State.NONE
        last = present.pop(self.odd, None)
        if present != self.wanted:
            return State.OTHER
        return State.WHOLE if last == self.last else State.BEGUN

    def make(self, run: Run) -> None:
        """Make all but the last part; from now on, writers keep it. Runs in a transaction."""
        for statement in self.wanted.values():
            run(statement, ())

    def begin(self, run: Run) -> bool:
        """Make it unless somebody else has; say whether the table has rows."""
        if self.state(run) in (State.NONE, State.OTHER):
            self.remove(run)
            self.make(run)
        return bool(run(f"SELECT 1 FROM {quoted(self.table)} LIMIT 1", ()))

    def remove(self, run: Run) -> None:
        """Remove what there is. Runs in a transaction."""
        present = self._present(run)
        for name, sql in present.items():
            if sql.startswith("CREATE TRIGGER"):
                run(f"DROP TRIGGER {quoted(name)}", ())
        for name in (self.trigrams, self.rows):
            if name in present:
                run(f"DROP TABLE {quoted(name)}", ())

    def fill(self, run: Run, after: Any = None, size: int = AT_ONCE) -> Any:
        """Put rows behind the id *after* in; answer the last one, None if there was none."""
        name, id = quoted(self.table), quoted(self.id)
        behind, values = ("", [size]) if after is None else (f"WHERE {id} > ?", [after, size])
        some = f"(SELECT * FROM {name} {behind} ORDER BY {id} LIMIT ?)"
        last = run(f"SELECT max({id}) FROM {some}", values)[0][0]
        run(
            f"INSERT INTO {quoted(self.rows)}(id, odd, text) {self._values('', f' FROM {some}')} "
            f"WHERE true ON CONFLICT(id) DO NOTHING",
            values,
        )
        return last

    def finish(self, run: Run) -> None:
        """Say that every row is in."""
        run(self.last.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1), ())

    def _present(self, run: Run) -> dict[str, str]:
        names = [*self.wanted, self.odd]
        asked = (
            f"SELECT name, sql FROM sqlite_master WHERE name IN ({', '.join('?' * len(names))})"
        )
        return dict(run(asked, names))

    def _values(self, prefix: str, source: str) -> str:
        """Select the id, whether the text is odd, and the text, of one row or of many."""
        texts = [f"coalesce({prefix}{quoted(name)}, '')" for name in self.columns]
        joined = " || char(31) || ".join([*texts, "''"])
        plain = "length(raw) = length(CAST(raw AS BLOB))"
        folded = "raw"
        for char in REPLACED:
            folded = f"replace({folded}, '{char}', '{char.casefold()}')"
        return (
            f"SELECT id, CASE WHEN plain THEN 0 "
            f"ELSE text GLOB '*[{odd_class()}]*' OR instr(text, char(0)) > 0 END, text "
            f"FROM (SELECT id, {plain} AS plain, CASE WHEN {plain} THEN raw ELSE {folded} END "
            f"AS text FROM (SELECT {prefix}{quoted(self.id)} AS id, {joined} AS raw{source}))"
        )


@cache
def odd_class() -> str:
    """Answer the odd characters as GLOB takes them."""
    ranges = [part.partition("-") for part in _ODD.split()]
    return "".join(
        f"{chr(int(first, 16))}-{chr(int(last or first, 16))}" for first, _, last in ranges
    )


def quoted(name: str) -> str:
    """Answer a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
