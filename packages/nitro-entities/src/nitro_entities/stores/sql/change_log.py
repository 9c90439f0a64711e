"""Change records kept in the database, in the transaction of the rows they are about."""

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from nitro_entities.changes import Change, Feed, Recorded, unknown
from nitro_entities.errors import InvalidCursor
from nitro_entities.stores.sql import change_rows
from nitro_entities.stores.sql.change_rows import COLUMNS, TABLE, Rows, Told

if TYPE_CHECKING:
    from nitro_entities.stores.sql.database import Database, SQLTransaction
    from nitro_entities.verbs import Verbs

logger = logging.getLogger("nitro_entities")

KEPT = 10_000
"""How many records are kept at least."""

TRIMMED_AT_ONCE = 1_000
_ALL = f"SELECT position, {', '.join(COLUMNS)} FROM nitro_changes WHERE position > "
_INSERT = (
    f"INSERT INTO nitro_changes ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
)
_RECORD_FUNCTION = f"""
CREATE OR REPLACE FUNCTION nitro_record_1(given text, OUT before bigint, OUT last bigint)
LANGUAGE plpgsql AS $$
DECLARE
    rows_ jsonb := given::jsonb;
BEGIN
    -- held until the commit, so that positions are in the order of commits
    PERFORM pg_advisory_xact_lock(hashtext('nitro_changes'));
    SELECT coalesce(max(position), 0) INTO before FROM nitro_changes;
    INSERT INTO nitro_changes ({", ".join(COLUMNS)})
    SELECT r->>0, r->>1, (r->>2)::bigint, r->>3, r->>4, r->>5, (r->>6)::bigint, r->>7,
           (r->>8)::integer
    FROM jsonb_array_elements(rows_) WITH ORDINALITY AS one(r, number) ORDER BY number;
    SELECT max(position) INTO last FROM nitro_changes;
    IF last / {TRIMMED_AT_ONCE} > before / {TRIMMED_AT_ONCE} THEN
        DELETE FROM nitro_changes WHERE position <= last - {KEPT};
    END IF;
    PERFORM pg_notify('nitro_changes', '');
END $$
"""


Mark = tuple[int, int]
"""Where the records of one commit are: behind the first position, up to the second."""


class ChangeLog:
    """The records of one database.

    ``mark = record(connection, batch)`` belongs right before a COMMIT, and
    ``publish(connection, batch, mark)`` right after it, instead of the feed's own. So the feed
    gets what this process and others committed in the order of positions, which is that of the
    commits.
    """

    placeholders: ClassVar[tuple[str, str]]

    def __init__(self, known: "Mapping[str, type[Verbs]]", feed: Feed) -> None:
        self._rows = Rows(known)
        self._feed = feed
        self._lock = threading.Lock()
        self._position: int | None = None  # told up to here
        self._is_ready = False
        self._has_met_others = False
        one, two = self.placeholders
        self._between = f"{_ALL}{one} AND position <= {two} ORDER BY position"
        self._after = f"{_ALL}{one} ORDER BY position LIMIT {two}"

    def start_in_child(self) -> None:
        """Go on after a fork, from where the parent was."""
        self._lock = threading.Lock()

    def prepare(self, database: "Database", tx: "SQLTransaction | None") -> None:
        """Make the table if it is not there; the first time, begin behind what is in it."""
        if self._is_ready:
            return
        database.ensure_own(TABLE, tx)
        own = database.begin() if tx is None else tx
        try:
            self._define(database, own)
            if self._position is None:
                self._position = self._last(own.connection)
        except BaseException:
            if tx is None:
                own.rollback()
            raise
        if tx is None:  # else a rollback takes the table with it
            own.commit(())
            self._is_ready = True

    def record(self, connection: Any, batch: Sequence[Change]) -> Mark:
        """Write the records of a commit."""
        raise NotImplementedError

    def publish(self, connection: Any, batch: Sequence[Change], mark: Mark) -> None:
        """Hand *batch* to the feed, and before it what was committed before it."""
        raise NotImplementedError

    def catch_up(self, connection: Any) -> bool:
        """Publish what others committed; say whether that explains that something changed."""
        raise NotImplementedError

    def history(
        self, fetch: Callable[[str, Sequence[Any]], Sequence[Any]], after: str | None, limit: int
    ) -> list[Recorded]:
        """Answer records after a position; what was removed is told as unknown."""
        start = 0 if after is None else _number(after)
        ends = fetch("SELECT min(position), max(position) FROM nitro_changes", ())[0]
        first, last = ends[0] or 0, ends[1] or 0
        if after is not None and (first > start + 1 or last < start):
            before = max(first - 1, 0) if first > start + 1 else last
            known = self._rows.classes()
            return [Recorded(str(before), unknown(cls)) for cls in known] or self.history(
                fetch, str(before), limit
            )
        found = self._rows.changes(fetch(self._after, (start, limit)))
        return [Recorded(str(one.position), one.change) for one in found if one.change is not None]

    def explain(self, connection: Any) -> None:
        """Tell other processes that the transaction changes nothing they need to hear of."""

    def _define(self, database: "Database", tx: "SQLTransaction") -> None:
        """Make what the table needs beside itself."""

    def _last(self, connection: Any) -> int:
        sql = "SELECT coalesce(max(position), 0) FROM nitro_changes"
        return int(connection.execute(sql).fetchone()[0])

    def _read(self, connection: Any, after: int, upto: int) -> list[Told]:
        if after >= upto:
            return []
        return self._rows.changes(connection.execute(self._between, (after, upto)).fetchall())

    def _tell_unknown(self) -> None:
        batch = tuple(unknown(cls) for cls in self._rows.classes())
        if batch:
            self._feed.publish(batch)


class SQLiteLog(ChangeLog):
    """The records of a SQLite file, which has one writer at a time: positions have no gaps."""

    placeholders = ("?", "?")
    _cursor: Any = None

    def record(self, connection: Any, batch: Sequence[Change]) -> Mark:
        """Write the records of a commit."""
        number = len(batch)
        row = self._rows.row
        if number == 1:
            cursor = self._cursor
            if cursor is None or cursor.connection is not connection:
                cursor = self._cursor = connection.cursor()
            cursor.execute(_INSERT, row(batch[0]))
            last: int = cursor.lastrowid
        else:
            rows = [row(change, place) for place, change in enumerate(batch)]
            connection.executemany(_INSERT, rows)
            last = self._last(connection)
        if last % TRIMMED_AT_ONCE < number:
            connection.execute("DELETE FROM nitro_changes WHERE position <= ?", (last - KEPT,))
        return last - number, last

    def explain(self, connection: Any) -> None:
        """Leave a record about nothing: others see that the file changed, and ask why."""
        nothing = ("", "null", None, None, "none", None, 0, change_rows.origin(), 0)
        connection.execute(_INSERT, nothing)

    def publish(self, connection: Any, batch: Sequence[Change], mark: Mark) -> None:
        """Hand *batch* to the feed; the caller holds the file, so nobody comes between."""
        before, last = mark
        if before != self._position:
            self._meet_others(connection, before)
        self._position = last
        self._feed.publish(batch)

    def catch_up(self, connection: Any) -> bool:
        """Publish what others committed; say whether that explains that the file changed."""
        if self._is_ready:
            self._meet_others(connection, self._last(connection))
        explained, self._has_met_others = self._has_met_others, False
        return explained

    def _meet_others(self, connection: Any, upto: int) -> None:
        told, self._position = self._position or 0, upto
        if not self._feed.watching:
            self._has_met_others = True
            return
        rows = self._read(connection, told, upto)
        own = change_rows.origin()
        if any(row.origin != own for row in rows):
            self._has_met_others = True
        if rows and rows[0].position != told + 1:  # trimmed before we came to read them
            self._tell_unknown()
        for batch in change_rows.batches(rows, without=own):
            self._feed.publish(batch)


class PostgresLog(ChangeLog):
    """The records of a PostgreSQL database."""

    placeholders = ("$1", "$2")

    def record(self, connection: Any, batch: Sequence[Change]) -> Mark:
        """Write the records of a commit; from here to it, other commits with records wait."""
        rows = [self._rows.row(change, place) for place, change in enumerate(batch)]
        sql = "SELECT before, last FROM nitro_record_1($1)"
        before, last = connection.execute(sql, (json.dumps(rows),)).fetchone()
        return before, last

    def _define(self, database: "Database", tx: "SQLTransaction") -> None:
        database.lock_schema(tx)
        if tx.connection.execute("SELECT to_regproc('nitro_record_1')").fetchone()[0] is None:
            tx.connection.execute(_RECORD_FUNCTION)

    def publish(self, connection: Any, batch: Sequence[Change], mark: Mark) -> None:
        """Hand *batch* to the feed, and before it what was committed before it."""
        with self._lock:
            told, (before, last) = self._position or 0, mark
            if last <= told:
                return  # another thread found it in the table
            try:
                self._tell(self._read(connection, told, before))
            except Exception:  # the connection may be lost, but the commit was made
                logger.exception("Could not read what others committed before")
                self._tell_unknown()
            self._position = last
            self._feed.publish(batch)

    def catch_up(self, connection: Any) -> bool:
        """Publish what was committed since the last time."""
        with self._lock:
            if not self._is_ready:
                return False
            told, self._position = self._position or 0, self._last(connection)
            rows = self._read(connection, told, self._position)
            self._tell(rows)
            return bool(rows)

    def _tell(self, rows: list[Told]) -> None:
        # with what other threads of this process have committed and not published yet
        if not self._feed.watching:
            rows = [row for row in rows if row.origin == change_rows.origin()]
        for batch in change_rows.batches(rows):
            self._feed.publish(batch)


def _number(position: str) -> int:
    try:
        return int(position)
    except ValueError:
        msg = f"{position!r} is not a position in the change records"
        raise InvalidCursor(msg) from None
