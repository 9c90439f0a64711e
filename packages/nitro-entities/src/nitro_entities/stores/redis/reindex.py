"""Indexes made anew, after a class was given others."""

import secrets
import time
from typing import TYPE_CHECKING

from nitro_entities.config import settings
from nitro_entities.errors import ConstraintFailed, StoreBusy
from nitro_entities.stores.documents import documents
from nitro_entities.stores.redis.layout import Layout
from nitro_entities.stores.redis.scripts import REINDEX, UNLOCK
from nitro_entities.stores.rows import Row, Write

if TYPE_CHECKING:
    from nitro_entities.stores.redis.store import RedisStore

_AT_ONCE = 200
_LOCKED = 30_000  # milliseconds; renewed with every step
_PAUSE = 0.02


def reindex(store: "RedisStore", layout: Layout) -> None:
    """Enter every row as *layout* wants it; who reads or writes the class waits meanwhile.

    Processes with another layout do the same when their turn comes: while two versions of a
    class are in use, each makes its own indexes again. Raises ConstraintFailed, StoreBusy.
    """
    call = store.connections.call
    lock, known = layout.name + b"#lock", layout.name + b"#layout"
    token = secrets.token_hex(8)
    deadline = time.monotonic() + settings().busy_timeout
    while call("SET", lock, token, "NX", "PX", _LOCKED) is None:
        if call("GET", known) == layout.digest:
            return
        if time.monotonic() > deadline:
            msg = f"The indexes of {layout.cls.__name__} in {store!r} are being made by another"
            raise StoreBusy(msg)
        time.sleep(_PAUSE)
    try:
        if call("GET", known) == layout.digest:
            return
        # until all is done it is nobody's layout: if we die, the next one begins again
        call("SET", known, b"?")
        _enter_all(store, layout, lock)
        call("SET", known, layout.digest)
    finally:
        store.connections.run(UNLOCK, (lock,), (token,))


def _enter_all(store: "RedisStore", layout: Layout, lock: bytes) -> None:
    call = store.connections.call
    cursor = b"0"
    while True:
        # not from the ids: they are an index, too
        pattern = _literally(layout.rows) + b"*"
        cursor, places = call("SCAN", cursor, "MATCH", pattern, "COUNT", 1000, "TYPE", "string")
        keys = [place[len(layout.rows) :].decode() for place in places]
        for start in range(0, len(keys), _AT_ONCE):
            call("PEXPIRE", lock, _LOCKED)
            _enter(store, layout, keys[start : start + _AT_ONCE])
        if cursor == b"0":
            return


def _enter(store: "RedisStore", layout: Layout, keys: list[str]) -> None:
    arguments: list[bytes | str | int] = [layout.name, int(layout.keeps_entries)]
    for key, row in zip(keys, store.read(layout.cls, keys), strict=True):
        if row is not None:
            entries = _entries(layout, row)
            head = row.mark if isinstance(row.mark, bytes) else b""
            arguments += (key, head, len(entries), *entries)
    answer = store.connections.run(REINDEX, (layout.name,), arguments)
    if answer:
        key, suffix, holder = (part.decode() for part in answer)
        group = layout.group(suffix.encode())
        reason = (
            f"{holder!r} has the same {' and '.join(group)}, which is declared unique now. "
            f"Change one of them with a class that does not declare it"
        )
        raise ConstraintFailed(layout.cls, layout.id_of(key), reason)


def _entries(layout: Layout, row: Row) -> list[bytes]:
    reader = documents(layout.cls)
    unique = reader.unique(reader.load(row.key, row.document))
    return layout.entries(Write(layout.cls, row.key, row, None, unique))[0]


def _literally(text: bytes) -> bytes:
    return b"".join(b"\\" + bytes([c]) if c in b"*?[]^\\-" else bytes([c]) for c in text)
