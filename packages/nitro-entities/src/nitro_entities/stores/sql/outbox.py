"""Messages in the database, written in the transaction of the rows they belong to."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Column, Identity, Integer, MetaData, Table, Text

from nitro_entities.outbox import Message

if TYPE_CHECKING:
    from nitro_entities.stores.sql.database import Database, SQLTransaction

TABLE = Table(
    "nitro_outbox",
    MetaData(),
    Column(
        "position",
        BigInteger().with_variant(Integer(), "sqlite"),
        Identity(),
        primary_key=True,
    ),
    Column("id", Text, nullable=False, unique=True),
    Column("topic", Text, nullable=False),
    Column("payload", Text, nullable=False),  # JSON
    Column("at", Text, nullable=False),  # ISO 8601
)


class SQLOutbox:
    """The messages of one database that nobody has sent yet.

    `pending` has them in the order in which they were written, which is that of the commits on
    SQLite; on PostgreSQL commits that are under way at the same time may stand either way round,
    so a message may come after one that was seen before it. None is skipped by that: what is
    there is answered until it is `done`, by id and not by position.
    """

    def __init__(self, database: "Database") -> None:
        self._database = database
        self._was_seen = False
        marks = _placeholders(database.dialect.paramstyle)
        self._insert = (
            f"INSERT INTO nitro_outbox (id, topic, payload, at) VALUES ({', '.join(marks)})"
        )
        self._select = (
            f"SELECT id, topic, payload, at FROM nitro_outbox ORDER BY position LIMIT {marks[0]}"
        )
        self._delete = f"DELETE FROM nitro_outbox WHERE id = {marks[0]}"

    def write(self, tx: "SQLTransaction", messages: Sequence[Message]) -> None:
        """Write *messages* right before *tx* is committed."""
        if not messages:
            return
        self._database.ensure_own(TABLE, tx)
        rows = [(m.id, m.topic, m.payload, m.at.isoformat()) for m in messages]
        if len(rows) == 1:
            tx.connection.execute(self._insert, rows[0])
        else:
            tx.connection.executemany(self._insert, rows)

    def pending(self, limit: int = 100) -> list[Message]:
        """Answer the oldest messages that are not done."""
        if not self._is_made():
            return []
        rows = self._database.fetch(self._select, (limit,))
        return [
            Message(id, topic, payload, datetime.fromisoformat(at))
            for id, topic, payload, at in rows
        ]

    def done(self, ids: Sequence[str]) -> None:
        """Forget messages. Those that are gone already are no error."""
        if not ids or not self._is_made():
            return
        tx = self._database.begin()
        try:
            tx.connection.executemany(self._delete, [(id,) for id in ids])
            if self._database.log is not None:
                self._database.log.explain(tx.connection)
        except BaseException:
            tx.rollback()
            raise
        tx.commit(())

    def _is_made(self) -> bool:
        # asking must not write: whoever asks may hold the database
        if not self._was_seen:
            self._was_seen = self._database.look_up(TABLE.name, None) is not None
        return self._was_seen


def _placeholders(style: str) -> list[str]:
    if style == "numeric_dollar":
        return ["$1", "$2", "$3", "$4"]
    return ["?" if style == "qmark" else "%s"] * 4
