"""A migration that is run for its statements, and not kept."""

import re
from typing import Any

from sqlalchemy import Connection, event

__all__ = ["NothingKept", "listen"]

# what only asks, or belongs to the way that we connect
_ASKS = re.compile(r"\s*(SELECT|WITH|PRAGMA|BEGIN|SET|SHOW)\b", re.IGNORECASE)
# rather a question too many is shown than a change left out
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE|INTO|setval)\b", re.IGNORECASE)


class NothingKept(Exception):
    """Ends the transaction of a dry run."""


def listen(connection: Connection, statements: list[str]) -> None:
    """Add to *statements* what *connection* is told to write from now on."""

    @event.listens_for(connection, "before_cursor_execute")
    def before(conn: Any, cursor: Any, sql: str, values: Any, *rest: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        if _ASKS.match(sql) and not _WRITES.search(sql):
            return
        given = f"  -- with {values!r}" if values else ""
        statements.append(f"{sql.strip()};{given}")
