"""PostgreSQL tells by itself what is written: triggers that notify, and who listens."""

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from nitro_entities.changes import Change, Feed, unknown
from nitro_entities.config import utc_now
from nitro_entities.errors import EntityError
from nitro_entities.fields import specs
from nitro_entities.stores.sql.change_log import PostgresLog
from nitro_entities.stores.sql.change_rows import id_of, origin
from nitro_entities.stores.sql.table import VERSION

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

logger = logging.getLogger("nitro_entities")

CHANNEL = "nitro_changes"
MANY = 1_000
"""Of more rows in one transaction only the table is told."""

_WAIT_SECONDS = 0.1
_FUNCTION = "nitro_tell_1"

# What differs is found in the database, so that writers which know nothing of us are told of, too.
# A payload has less than 8,000 bytes.
_DEFINITION = f"""
CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    key text := TG_ARGV[0];
    version text := TG_ARGV[1];
    old_ jsonb;
    new_ jsonb;
    names jsonb;
    told integer;
    said text;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM pg_notify('{CHANNEL}', json_build_object('t', TG_TABLE_NAME)::text);
        RETURN NULL;
    END IF;
    IF current_setting('nitro.recorded', true) = '1' THEN
        RETURN NULL;  -- the records in nitro_changes say more
    END IF;
    told := coalesce(nullif(current_setting('nitro.told', true), ''), '0')::integer + 1;
    IF told > {MANY} THEN
        PERFORM pg_notify('{CHANNEL}', json_build_object('t', TG_TABLE_NAME)::text);
        RETURN NULL;
    END IF;
    PERFORM set_config('nitro.told', told::text, true);
    IF TG_OP <> 'INSERT' THEN old_ := to_jsonb(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN new_ := to_jsonb(NEW); END IF;
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_agg(n.key) INTO names FROM jsonb_each(new_) n
        WHERE n.value IS DISTINCT FROM old_ -> n.key AND n.key <> version;
        IF names IS NULL THEN
            RETURN NULL;
        END IF;
        IF names ? key THEN
            PERFORM pg_notify('{CHANNEL}', json_build_object('t', TG_TABLE_NAME)::text);
            RETURN NULL;
        END IF;
    END IF;
    said := json_build_array(
        TG_TABLE_NAME, lower(TG_OP), coalesce(new_, old_) -> key, coalesce(new_, old_) -> version,
        names, txid_current(), current_setting('nitro.origin', true)
    )::text;
    IF octet_length(said) > 7900 THEN
        said := json_build_object('t', TG_TABLE_NAME)::text;
    END IF;
    PERFORM pg_notify('{CHANNEL}', said);
    RETURN NULL;
END $$
"""
_OPERATIONS: dict[str, Any] = {"insert": "create", "update": "update", "delete": "delete"}


def introduction(*, recorded: bool) -> str:
    """Answer the options for a connection that writes: from which process, with records or not."""
    return f"-c nitro.origin={origin()}" + (" -c nitro.recorded=1" if recorded else "")


class Listener:
    """Tell what others write to the tables of the classes in use.

    Writes of every process are told with id, version and fields, in the order of their commits;
    those of this process are left out, which has told them itself. What was written
    while nobody listened, or in too many rows, is told as unknown.
    """

    def __init__(
        self,
        connect: "Callable[[], psycopg.Connection[Any]]",
        known: "Mapping[str, type[Verbs]]",
        feed: Feed,
        log: PostgresLog | None = None,
    ) -> None:
        self._connect = connect
        self._known = known  # by table
        self._feed = feed
        self._log = log
        self._asked: set[str] = set()

    def watch(self, stop: threading.Event) -> None:
        """Listen until *stop* is set. Raises OperationalError when the connection is lost."""
        with self._connect() as connection:
            connection.autocommit = True
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            self._ask_to_be_told(connection)
            self._catch_up(connection)
            self._publish([unknown(cls) for cls in tuple(self._known.values())])
            while not stop.is_set():
                self._publish([unknown(cls) for cls in self._ask_to_be_told(connection)])
                self._tell(connection, self._wait(connection))

    def _wait(self, connection: "psycopg.Connection[Any]") -> "list[psycopg.Notify]":
        """Answer what arrives, to the end, so that what was committed together stays so."""
        heard = list(connection.notifies(timeout=_WAIT_SECONDS, stop_after=1))
        while heard and (more := list(connection.notifies(timeout=0))):
            heard += more
        return heard

    def _tell(
        self, connection: "psycopg.Connection[Any]", heard: "Sequence[psycopg.Notify]"
    ) -> None:
        if any(not one.payload for one in heard):
            self._catch_up(connection)
        said: list[Any] = [json.loads(one.payload) for one in heard if one.payload]
        for _, together in groupby(said, _transaction):
            self._publish([change for one in together for change in self._changes(one)])
        self._feed.deliver()

    def _catch_up(self, connection: "psycopg.Connection[Any]") -> None:
        if self._log is not None:
            self._log.catch_up(psycopg.RawCursor(connection))
            self._feed.deliver()

    def _changes(self, said: Any) -> Iterator[Change]:
        is_all = _transaction(said) is None
        cls = self._known.get(said["t"] if is_all else said[0])
        if cls is None:
            return
        if is_all:
            yield unknown(cls)
            return
        _, done, id, version, columns, _, who = said
        if who == origin():
            return
        try:
            value = id_of(cls, _as_stored(id))
        except (ValueError, TypeError, EntityError):
            yield unknown(cls)
            return
        operation = _OPERATIONS[done]
        fields = frozenset(specs(cls)) if operation == "create" else None
        if operation == "update":
            names = _field_names(cls)
            fields = frozenset(names[column] for column in columns if column in names)
        yield Change(cls, value, version, fields, operation, None, utc_now())

    def _publish(self, batch: Sequence[Change]) -> None:
        if batch:
            self._feed.publish(tuple(batch))
            self._feed.deliver()

    def _ask_to_be_told(self, connection: "psycopg.Connection[Any]") -> "list[type[Verbs]]":
        """Set triggers on the tables that came into use; answer of which classes none was told."""
        untold: list[type[Verbs]] = []
        for table in [table for table in tuple(self._known) if table not in self._asked]:
            try:
                if not _exists(connection, table):
                    continue  # it is about to be made
                self._asked.add(table)
                made = _set_triggers(connection, table, self._known[table])
            except psycopg.Error as exc:
                logger.warning(
                    "What others write to the table %r cannot be told: %s. A trigger has to be "
                    "made by the owner of the table: let the application watch once as that user",
                    table,
                    str(exc).strip(),
                )
            else:
                untold += [self._known[table]] if made else []
        return untold


def _exists(connection: "psycopg.Connection[Any]", table: str) -> bool:
    quoted = sql.Identifier(table).as_string(connection)
    return _one(connection, "SELECT to_regclass(%s)::text", quoted) is not None


def _set_triggers(connection: "psycopg.Connection[Any]", table: str, cls: "type[Verbs]") -> bool:
    """Make the triggers of a table; say whether they were missing."""
    name = sql.Identifier(table)
    there = (
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = to_regclass(%s) "
        "AND tgname IN ('nitro_tell_row_1', 'nitro_tell_all_1')"
    )
    quoted = name.as_string(connection)
    if _one(connection, there, quoted) == 2:
        return False
    columns = {field: column for column, field in _field_names(cls).items()}
    with connection.transaction():
        connection.execute("SET LOCAL lock_timeout = '2s'")
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('nitro_tell'))")
        if _one(connection, there, quoted) == 2:
            return False
        connection.execute(_DEFINITION.encode())
        connection.execute(
            sql.SQL(
                "CREATE TRIGGER nitro_tell_row_1 AFTER INSERT OR UPDATE OR DELETE ON {} "
                "FOR EACH ROW EXECUTE FUNCTION {}({}, {})"
            ).format(name, sql.Identifier(_FUNCTION), columns.get("id", "id"), VERSION)
        )
        connection.execute(
            sql.SQL(
                "CREATE TRIGGER nitro_tell_all_1 AFTER TRUNCATE ON {} "
                "FOR EACH STATEMENT EXECUTE FUNCTION {}()"
            ).format(name, sql.Identifier(_FUNCTION))
        )
    return True


def _transaction(said: Any) -> Any:
    """Answer in which transaction a row was written; None if *said* is of a whole table."""
    return None if isinstance(said, dict) else said[5]


def _one(connection: "psycopg.Connection[Any]", query: str, *values: object) -> Any:
    row = connection.execute(query.encode(), values).fetchone()
    return None if row is None else row[0]


def _field_names(cls: type[Any]) -> dict[str, str]:
    """Answer the fields by the columns that keep them."""
    mapper = getattr(cls, "__mapper__", None)
    known = specs(cls)
    if mapper is None:
        return {name: name for name in known}
    return {column.name: name for name, column in mapper.columns.items() if name in known}


def _as_stored(value: Any) -> Any:
    """Answer what JSON carries of a key as our own records would spell it."""
    if isinstance(value, str) and value.startswith("\\x"):
        import base64

        return base64.b64encode(bytes.fromhex(value[2:])).decode()
    return value
