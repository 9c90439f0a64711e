"""Where the entities of one class are in Redis, and under what they can be found.

For a class Product and the prefix "nitro" there are, with bytes throughout:

- ``nitro:product:<id>``, a string for each entity: version, a token of the write, the document;
- ``nitro:product#ids``, a sorted set of all ids, each score 0, so sorted by its bytes;
- ``nitro:product#i:price``, the same for each indexed or unique field, by value and then id;
- ``nitro:product#u:email``, a hash for each unique group: the values, and whose they are;
- ``nitro:product#entries``, a hash: under what each entity is entered, to take it out exactly;
- ``nitro:product#layout``, which indexes there are. Nobody writes who would keep others.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nitro_entities.config import settings
from nitro_entities.fields import FieldSpec, Kind, Role, field_of_role, specs, unique_groups
from nitro_entities.stores.documents import documents
from nitro_entities.stores.rows import Write
from nitro_entities.stores.sort_keys import primitive_key, sort_key

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

IDS = b"#ids"
PRESENT, MISSING, BEYOND = b"\x01", b"\x02", b"\x03"
"""The first byte of an index entry: missing values come last."""

_NUMBERED = (Kind.INTEGER, Kind.ENUM_INTEGER, Kind.DURATION)


def collection_of(cls: type[Any]) -> str:
    """Answer the name under which *cls* is kept."""
    own = getattr(cls, "__tablename__", None)
    return own if isinstance(own, str) else cls.__name__.lower()


def is_indexed(spec: FieldSpec) -> bool:
    """Say whether a field has an index, if it can have one."""
    return spec.indexed or spec.unique


class Layout:
    """The keys and index entries of one class."""

    def __init__(self, cls: "type[Verbs]", prefix: str) -> None:
        self.cls = cls
        self.collection = collection_of(cls)
        self.name = f"{prefix}:{self.collection}".encode()
        self.rows = self.name + b":"
        self.ids, self.known = self.name + IDS, self.name + b"#layout"
        self.id = specs(cls)["id"]
        self.has_text_id = self.id.kind is Kind.TEXT
        self.groups = unique_groups(cls)
        self.indexed: dict[str, FieldSpec] = {
            name: spec
            for name, spec in specs(cls).items()
            if is_indexed(spec) and spec.comparable and name != "id"
        }
        self.expires = field_of_role(cls, Role.EXPIRES)
        self.keeps_entries = bool(self.indexed or self.groups or self.expires)
        self._suffixes = {group: b"#u:" + ",".join(group).encode() for group in self.groups}
        described = repr((self.id.kind.value, list(self.indexed), self.groups, self.expires))
        self.digest = hashlib.sha256(described.encode()).hexdigest()[:16].encode()

    def row(self, key: str) -> bytes:
        """Answer where the row of *key* is."""
        # what cannot be stored is looked up all the same, and not found
        return self.rows + key.encode("utf-8", "surrogatepass")

    def all_rows(self, keys: Sequence[str]) -> list[bytes]:
        """Answer where the rows of *keys* are."""
        rows = self.rows
        try:
            return [rows + key.encode() for key in keys]
        except UnicodeEncodeError:
            return [self.row(key) for key in keys]

    def index(self, field: str) -> bytes:
        """Answer what follows the name of the class in the key of an index."""
        return IDS if field == "id" else b"#i:" + field.encode()

    def group(self, suffix: bytes) -> tuple[str, ...]:
        """Answer the unique group that is kept under *suffix*."""
        return next(group for group, known in self._suffixes.items() if known == suffix)

    def tail(self, primitive: Any) -> bytes:
        """Answer how entries of an entity end: what its id sorts by, at the end its key."""
        ordered = primitive_key(self.id.kind, primitive)
        if self.id.kind is Kind.TEXT:
            return ordered
        text = primitive.hex() if isinstance(primitive, bytes) else str(primitive)
        return ordered + b"\0" + text.encode()

    def primitive_id(self, key: str) -> Any:
        """Answer the primitive of the id whose key is *key*."""
        kind = self.id.kind
        if kind in _NUMBERED:
            return int(key)
        if kind is Kind.NUMBER:
            return float(key)
        if kind is Kind.BOOLEAN:
            return key == "True"
        return bytes.fromhex(key) if kind is Kind.BYTES else key

    def id_of(self, key: str) -> Any:
        """Answer the id whose key is *key*."""
        primitive = self.primitive_id(key)
        return primitive if self.id.decode is None else self.id.decode(primitive)

    def entry(self, field: str, value: Any, tail: bytes) -> bytes:
        """Answer the entry of an entity in the index of *field*."""
        if value is None:
            return MISSING + b"\0" + tail
        return PRESENT + sort_key(self.indexed[field], value) + b"\0" + tail

    def entries(self, write: Write) -> tuple[list[bytes], bytes]:
        """Answer where and as what a new row is entered, in turns, and when it expires."""
        tail = self.tail(self.primitive_id(write.key))
        found = [IDS, tail]
        if not self.keeps_entries or write.row is None:
            return found, b""
        values = documents(self.cls).load(write.key, write.row.document).__dict__
        for field in self.indexed:
            found += (self.index(field), self.entry(field, values[field], tail))
        for group, value in write.unique:
            found += (self._suffixes[group], value)
        return found, b"" if self.expires is None else _milliseconds(values[self.expires])


def _milliseconds(moment: datetime | None) -> bytes:
    # by another clock than ours the server must not remove anything
    if moment is None or settings().clock is not None:
        return b""
    return b"%d" % -int(-moment.timestamp() * 1000 // 1)
