"""Change records as rows of a table, and back."""

import base64
import functools
import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, Column, Identity, Integer, MetaData, Table, Text

from nitro_entities import classes
from nitro_entities.backends import Repositories
from nitro_entities.changes import Change
from nitro_entities.errors import EntityError
from nitro_entities.fields import FieldSpec, Kind, specs
from nitro_entities.state import state
from nitro_entities.stores.sql.table import table_of

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

TABLE = Table(
    "nitro_changes",
    MetaData(),
    Column(
        "position",
        BigInteger().with_variant(Integer(), "sqlite"),
        Identity(),
        primary_key=True,
    ),
    Column("entity", Text, nullable=False),  # the name of the table
    Column("id", Text, nullable=False),  # JSON
    Column("version", BigInteger),
    Column("fields", Text),  # JSON
    Column("operation", Text, nullable=False),
    Column("written_by", Text),
    Column("written_at", BigInteger, nullable=False),  # microseconds since 1970
    Column("origin", Text, nullable=False),  # which process
    Column("place", Integer, nullable=False),  # within its commit, from 0
)

COLUMNS = tuple(column.name for column in TABLE.columns if column.name != "position")

Row = tuple[Any, ...]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_origin = secrets.token_hex(8)


def origin() -> str:
    """Answer what tells the records of this process from those of others."""
    return _origin


def _renew_origin() -> None:
    global _origin
    _origin = secrets.token_hex(8)


os.register_at_fork(after_in_child=_renew_origin)


class Told(NamedTuple):
    """What a row says; *change* is None if it is of a class that this process does not know."""

    position: int
    origin: str
    place: int
    change: Change | None


class Rows:
    """Turn changes into rows and rows into changes, for the classes of one database."""

    def __init__(self, known: "Mapping[str, type[Verbs]]") -> None:
        self._known = known  # by table
        self._tables: dict[type, str] = {}

    def row(self, change: Change, place: int = 0) -> Row:
        """Answer the values of `COLUMNS`."""
        cls, id, version, fields, operation, by, at = change
        table = self._tables.get(cls)
        if table is None:
            table = self._tables[cls] = table_of(cls).name
        text = encode_basestring_ascii(id) if type(id) is str else _id_text(cls, id)
        names = None if fields is None else _names(fields)
        moment = int(at.timestamp() * 1_000_000 + 0.5)
        return (table, text, version, names, operation, by, moment, _origin, place)

    def changes(self, rows: Iterable[Row]) -> "list[Told]":
        """Answer what rows say that have their position in front."""
        return [Told(row[0], row[8], row[9], self._change(row)) for row in rows]

    def entity_of(self, table: str) -> "type[Verbs] | None":
        """Answer the class whose entities are in *table*, used here or only defined."""
        found = self._known.get(table)
        return _defined(table) if found is None else found

    def classes(self) -> "list[type[Verbs]]":
        """List the classes in use."""
        return list(self._known.values())

    def _change(self, row: Row) -> Change | None:
        _, table, id, version, fields, operation, by, moment, *_ = row
        cls = None if table == "" else self.entity_of(table)
        if cls is None:
            return None
        at = _EPOCH + timedelta(microseconds=moment)
        try:
            value = id_of(cls, json.loads(id))
        except (ValueError, TypeError, EntityError):  # the class has ids of another type here
            return Change(cls, None, None, None, "unknown", None, at)
        names = None if fields is None else frozenset(json.loads(fields))
        return Change(cls, value, version, names, operation, by, at)


def batches(told: Sequence[Told], *, without: str | None = None) -> list[tuple[Change, ...]]:
    """Put together what was committed together, leaving out one origin."""
    found: list[list[Change]] = []
    for one in told:
        if one.place == 0 or not found:
            found.append([])
        if one.change is not None and one.origin != without:
            found[-1].append(one.change)
    return [tuple(batch) for batch in found if batch]


def id_of(cls: type[Any], primitive: Any) -> Any:
    """Answer the id that a value read from JSON stands for."""
    spec = specs(cls)["id"]
    if type(primitive) is str and spec.kind is Kind.TEXT:
        return primitive
    if type(primitive) is str and spec.kind is Kind.BYTES:
        return base64.b64decode(primitive)
    return spec.coerce(_decoded(spec, primitive))


def _decoded(spec: FieldSpec, primitive: Any) -> Any:
    return primitive if spec.decode is None else spec.decode(primitive)


def _id_text(cls: type[Any], id: Any) -> str:
    primitive = specs(cls)["id"].primitive(id)
    if isinstance(primitive, bytes):
        primitive = base64.b64encode(primitive).decode()
    return json.dumps(primitive)


@functools.lru_cache(1024)
def _names(fields: frozenset[str]) -> str:
    return json.dumps(sorted(fields))


def _defined(table: str) -> "type[Verbs] | None":
    """Look for a class that nobody has used yet, the newest first."""
    known = state.part(Repositories)
    for cls in reversed(classes.all()):
        if cls in known:
            continue  # in use, in another database
        mapped = getattr(cls, "__table__", None)
        name = cls.__dict__.get("__tablename__") or cls.__name__.lower()
        if (name if mapped is None else mapped.name) == table:
            return cls
    return None
