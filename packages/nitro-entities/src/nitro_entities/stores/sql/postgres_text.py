"""The text index of PostgreSQL: trigrams (the extension pg_trgm) of the folded texts."""

import zlib
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Table, literal_column

from nitro_entities.fields import search_fields
from nitro_entities.search import escape_like
from nitro_entities.stores.sql.table import columns_of
from nitro_entities.stores.sql.text_index import PREFIX, Run, TextIndex

if TYPE_CHECKING:
    from nitro_entities.stores.sql.database import Database, SQLTransaction

EXTENSION = "pg_trgm"
MOST_CANDIDATES = 20_000
"""Where more rows could match, reading in order finds a page of them sooner."""

WITHOUT = (
    "Searches in the table %r go without an index, which takes the extension pg_trgm: %s. An "
    "administrator of the database can add it: CREATE EXTENSION pg_trgm"
)

_LONGEST_NAME = 63


class Layout:
    """What the index of one table consists of: a function for all of them, and an index."""

    def __init__(self, table: str, columns: Sequence[str]) -> None:
        self.table, self.columns = table, tuple(columns)
        self.name = index_name(table)

    @property
    def expression(self) -> str:
        """Answer what is indexed."""
        table = _quoted(self.table)
        texts = [f"coalesce({table}.{_quoted(name)}::text, '')" for name in self.columns]
        return f'{_function()[0]}(({" || chr(31) || ".join(texts)}) COLLATE "C")'

    def has(self, run: Run) -> bool:
        """Say whether the index is there, as it should be."""
        asked = (
            "SELECT i.indisvalid, obj_description(i.indexrelid, 'pg_class') FROM pg_index i "
            f"WHERE i.indexrelid = to_regclass({_literal(_quoted(self.name))})"
        )
        return [tuple(row) for row in run(asked, ())] == [(True, self.expression)]

    def is_there(self, run: Run) -> bool:
        """Say whether there is an index, of whatever fields."""
        return bool(
            run(f"SELECT 1 WHERE to_regclass({_literal(_quoted(self.name))}) IS NOT NULL", ())
        )

    def make(self, run: Run) -> None:
        """Make the index, instead of another one for other fields. Runs in a transaction."""
        name = _quoted(self.name)
        run("SET LOCAL statement_timeout = 0", ())
        if not run(f"SELECT 1 FROM pg_extension WHERE extname = '{EXTENSION}'", ()):
            run(f"CREATE EXTENSION IF NOT EXISTS {EXTENSION}", ())
        function, source = _function()
        if not run(f"SELECT 1 WHERE to_regproc('{function}') IS NOT NULL", ()):
            run(source, ())
        self.remove(run)
        run(
            f"CREATE INDEX {name} ON {_quoted(self.table)} USING gin "
            f"(({self.expression}) gin_trgm_ops)",
            (),
        )
        run(f"COMMENT ON INDEX {name} IS {_literal(self.expression)}", ())

    def remove(self, run: Run) -> None:
        """Remove the index. Runs in a transaction."""
        remove(run, self.name)


class PostgresTextIndex(TextIndex):
    """The index of one table in PostgreSQL."""

    def __init__(self, fields: tuple[str, ...], layout: Layout) -> None:
        super().__init__(fields)
        self._expression = layout.expression
        self._counted = (
            f"SELECT count(*) FROM (SELECT 1 FROM {_quoted(layout.table)} "
            f"WHERE {layout.expression} LIKE $1 LIMIT {MOST_CANDIDATES + 1}) AS found"
        )

    def match(self, folded: str) -> str:
        """Answer a pattern, in which wildcards mean themselves."""
        return f"%{escape_like(folded)}%"

    def candidates(self, id: Any, value: Any) -> ColumnElement[bool]:
        """Compare the expression that is indexed."""
        like: ColumnElement[bool] = literal_column(self._expression).op("LIKE")(value)
        return like

    def is_selective(self, database: "Database", match: str, tx: "SQLTransaction | None") -> bool:
        """Count the candidates: what is prepared is planned without knowing the pattern."""
        number: int = database.fetch(self._counted, (match,), tx)[0][0]
        return number <= MOST_CANDIDATES


def layout_of(cls: type[Any], table: Table) -> Layout:
    """Answer what the index of *cls* consists of."""
    return Layout(table.name, columns_of(cls, table, search_fields(cls)))


def present(run: Run) -> list[str]:
    """List the names of the indexes that there are, of whatever table."""
    asked = "SELECT indexname::text FROM pg_indexes WHERE starts_with(indexname, "
    return [
        name
        for (name,) in run(f"{asked}{_literal(PREFIX)}) AND schemaname = current_schema()", ())
    ]


def remove(run: Run, name: str) -> None:
    """Remove the index of this name. Runs in a transaction."""
    run(f"DROP INDEX IF EXISTS {_quoted(name)}", ())


def index_name(table: str) -> str:
    """Answer a name that PostgreSQL does not cut."""
    raw = f"{PREFIX}{table}".encode()
    if len(raw) <= _LONGEST_NAME:
        return raw.decode()
    return f"{raw[: _LONGEST_NAME - 9].decode(errors='ignore')}_{zlib.crc32(raw):08x}"


@cache
def _function() -> tuple[str, str]:
    """Answer the name of the function that folds, and what makes it.

    It folds as str.casefold does. Another version of Python may know more letters, and has a
    function of its own.
    """
    folding = {chr(code): chr(code).casefold() for code in range(0x20000) if code >> 11 != 0x1B}
    single = {char: fold for char, fold in folding.items() if char != fold and len(fold) == 1}
    folded = "given"
    for char, fold in folding.items():
        if len(fold) > 1:
            folded = f"replace({folded}, '{char}', '{fold}')"
    folded = f"translate({folded}, '{''.join(single)}', '{''.join(single.values())}')"
    name = f"nitro_folded_{zlib.crc32(folded.encode()):08x}"
    # most texts are ASCII, which lower() folds far more quickly; and the cost keeps the planner
    # from reading in order and folding row after row
    return name, (
        f"CREATE OR REPLACE FUNCTION {name}(given text) RETURNS text "
        f"LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 2000 AS $$ BEGIN "
        f'IF octet_length(given) = length(given) THEN RETURN lower(given COLLATE "C"); END IF; '
        f"RETURN {folded}; END $$"
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
