"""The text index of SQLite: asked for candidates, made and removed."""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Table, column, select, table, text

from nitro_entities.fields import search_fields
from nitro_entities.stores.sql.sqlite_trigrams import Layout, State, quoted
from nitro_entities.stores.sql.table import columns_of
from nitro_entities.stores.sql.text_index import PREFIX, Run, TextIndex

if TYPE_CHECKING:
    from nitro_entities.stores.sql.database import Database, SQLTransaction

_log = logging.getLogger("nitro_entities")

MOST_CANDIDATES = 20_000
"""Where more rows could match, reading in order finds a page of them sooner."""

_MOST_TRIGRAMS = 16  # more of them exclude hardly any row


class SQLiteTextIndex(TextIndex):
    """The index of one table in SQLite."""

    def __init__(self, fields: tuple[str, ...], layout: Layout) -> None:
        super().__init__(fields)
        self._layout = layout
        rows, fts = quoted(layout.rows), quoted(layout.trigrams)
        self._counted = (
            f"SELECT schema_version, (SELECT count(*) FROM (SELECT rowid FROM {fts} WHERE {fts} "
            f"MATCH ? UNION ALL SELECT 1 FROM {rows} WHERE odd LIMIT {MOST_CANDIDATES + 1})) "
            f"FROM pragma_schema_version"
        )
        self._checked: dict[int, bool] = {}

    def match(self, folded: str) -> str:
        """Ask for all trigrams, each in quotes: no character means anything else there."""
        found = list(dict.fromkeys(folded[at : at + 3] for at in range(len(folded) - 2)))
        some = found[:: max(1, len(found) // _MOST_TRIGRAMS)]
        return " AND ".join('"' + one.replace('"', '""') + '"' for one in some)

    def candidates(self, id: Any, value: Any) -> ColumnElement[bool]:
        """Look into the index, and add the rows that it cannot judge."""
        rows = table(self._layout.rows, column("id"), column("number"))
        fts = table(self._layout.trigrams, column("rowid"), column(self._layout.trigrams))
        found = select(fts.c.rowid).where(fts.c[self._layout.trigrams].op("MATCH")(value))
        named = select(rows.c.id).where(rows.c.number.in_(found))
        among: ColumnElement[bool] = id.in_(named.union_all(select(rows.c.id).where(text("odd"))))
        return among

    def is_selective(self, database: "Database", match: str, tx: "SQLTransaction | None") -> bool:
        """Count the candidates, and look whether the triggers are still there."""
        try:
            version, number = database.fetch(self._counted, (match,), tx)[0]
        except database.error:  # somebody has removed it
            return False
        whole = self._checked.get(version)
        if whole is None:
            run: Run = lambda sql, values: database.fetch(sql, values, tx)  # noqa: E731
            whole = self._layout.state(run) is State.WHOLE
            self._checked = {version: whole}
        return whole and number <= MOST_CANDIDATES


def layout_of(cls: type[Any], table: Table) -> Layout:
    """Answer what the index of *cls* consists of."""
    (id, *columns) = columns_of(cls, table, ("id", *search_fields(cls)))
    return Layout(table.name, id, columns)


def bring(
    database: "Database", layout: Layout, wanted: State, tx: "SQLTransaction | None"
) -> None:
    """Make the index, or remove it; the rows go in portion by portion, so others can write."""

    def step(do: Callable[[Run], Any]) -> Any:
        own = database.begin() if tx is None else tx
        try:
            answer = do(lambda sql, values: own.connection.execute(sql, values).fetchall())
            if database.log is not None:
                database.log.explain(own.connection)
        except BaseException as exc:
            if tx is None:
                own.rollback()
            if isinstance(exc, database.error):
                raise database.explained(exc) from None
            raise
        if tx is None:
            own.commit(())
        return answer

    if tx is not None:
        tx.made.add(layout.table)  # a rollback takes the index with it
    if wanted is State.NONE:
        step(layout.remove)
        return
    begun = time.monotonic()
    number = step(layout.begin)
    if number:
        _log.warning("Making the text index of the table %r …", layout.table)
    last = step(layout.fill)
    while last is not None:
        last = step(partial(layout.fill, after=last))
    step(layout.finish)
    if number:
        seconds = time.monotonic() - begun
        _log.warning("Made the text index of the table %r in %.1f s", layout.table, seconds)


def indexed_tables(run: Run) -> list[str]:
    """List the tables that have an index, or what is left of one."""
    asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB ?"
    found = [name for (name,) in run(asked, (f"{PREFIX}*_rows",))]
    return [name.removeprefix(PREFIX).removesuffix("_rows") for name in found]
