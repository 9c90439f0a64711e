"""One Redis server, or a part of it with a prefix of its own, as a store of rows."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from redis.exceptions import OutOfMemoryError, ReadOnlyError, ResponseError

from nitro_entities import changes, classes
from nitro_entities.backends import Repositories
from nitro_entities.changes import Recorded, Turns
from nitro_entities.conditions import Condition
from nitro_entities.errors import (
    AmbiguousClass,
    StoreBusy,
    StoreUnusable,
    UnreadableRow,
)
from nitro_entities.repository import Ability
from nitro_entities.state import state
from nitro_entities.stores.redis.connections import Connections, Script
from nitro_entities.stores.redis.layout import Layout, collection_of
from nitro_entities.stores.redis.outbox import RedisOutbox, written
from nitro_entities.stores.redis.ranges import Narrowing, Range, narrowings, whole
from nitro_entities.stores.redis.records import KEPT, ORIGIN, Records, record_of
from nitro_entities.stores.redis.reindex import reindex
from nitro_entities.stores.redis.scripts import (
    AGAIN,
    COMMIT,
    COUNT,
    FIRST,
    SAVE,
    SAVE_MANY,
    SWEEP,
    TRIAL,
    WALK,
)
from nitro_entities.stores.rows import Batch, Conflict, Row, RowStore, Write

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

AT_ONCE = 1000
"""How many rows are asked for in one step."""

_NO_PLACE = "the key holds something else, which somebody else wrote"


class RedisStore(RowStore):
    """Keep rows in Redis: each commit is one script, so it is whole and checks what it expects."""

    durable = True
    blocking = True
    abilities = frozenset(
        {
            Ability.DURABLE,
            Ability.SHARED,
            Ability.UNIQUE,
            Ability.OUTBOX,
            Ability.FOREIGN_CHANGES,
        }
    )

    def __init__(self, url: str) -> None:
        self.connections = Connections(url)
        self.prefix = self.connections.prefix
        own = f"{self.prefix}#".encode()
        self._changes, messages = own + b"changes", own + b"messages"
        self._keys = (self._changes, own + b"outbox", messages)
        self.outbox = RedisOutbox(self.connections, own + b"outbox", messages)
        self._layouts: dict[type, Layout] = {}
        self._collections: dict[str, Layout] = {}
        self._feed = changes.feed()
        self._turns = Turns(self._feed)
        self._records = Records(
            self.connections, self._changes, self._feed, self.layout_at, self._in_use
        )
        self._feed.watched.append(self)

    def __repr__(self) -> str:
        return repr(self.connections)

    def close(self) -> None:
        """Close the connections; the next use opens new ones."""
        if self in self._feed.watched:
            self._feed.watched.remove(self)
        self.connections.close()

    def start_in_child(self) -> None:
        """Go on after a fork."""
        super().start_in_child()
        self.connections.start_in_child()
        self._turns = Turns(self._feed)

    def watch(self, stop: threading.Event) -> None:
        """Publish and deliver what others commit until *stop* is set."""
        self._records.follow(stop)

    def history(self, after: str | None, limit: int) -> list[Recorded]:
        """Answer the change records after a position, the oldest first."""
        return self._records.history(after, limit)

    def layout(self, cls: "type[Verbs]") -> Layout:
        """Answer where the entities of *cls* are. Raises AmbiguousClass."""
        known = self._layouts.get(cls)
        if known is not None:
            return known
        layout = Layout(cls, self.prefix)
        other = self._collections.get(layout.collection)
        names = () if other is None else (classes.key(other.cls), classes.key(cls))
        if names and names[0] != names[1] and not any("<locals>" in name for name in names):
            msg = (
                f"{names[0]} and {names[1]} would share {layout.name.decode()!r} in Redis. "
                f"Set __tablename__ on one of them"
            )
            raise AmbiguousClass(msg)
        self._collections[layout.collection] = layout
        return self._layouts.setdefault(cls, layout)

    def layout_at(self, collection: str) -> Layout | None:
        """Answer the layout of a collection, of a class that nobody has used here too."""
        known = self._collections.get(collection)
        if known is not None:
            return known
        in_use = state.part(Repositories)
        for cls in reversed(classes.all()):
            if cls not in in_use and collection_of(cls) == collection:
                return Layout(cls, self.prefix)
        return None

    def stamp(self, row: Row) -> Row:
        """Give the row the head that tells this write from all others."""
        key, version, document, _ = row
        return Row(key, version, document, b"%d %b " % (version, ORIGIN.token()))

    def read(self, cls: "type[Verbs]", keys: Sequence[str]) -> list[Row | None]:
        """Answer the rows."""
        layout = self.layout(cls)
        found: list[Row | None] = []
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            answer = self.fetch(layout, some)
            found += [row_of(layout, k, raw) for k, raw in zip(some, answer, strict=True)]
        return found

    def fetch(self, layout: Layout, keys: Sequence[str]) -> list[bytes | None]:
        """Answer what is stored for each key, at most `AT_ONCE`."""
        if not keys:
            return []
        try:
            if len(keys) == 1:
                return [self.connections.call("GET", layout.row(keys[0]))]
            answer: list[bytes | None] = self.connections.call("MGET", *layout.all_rows(keys))
        except ResponseError as exc:
            raise self._refused(exc) from None
        return answer

    def scan(self, cls: "type[Verbs]", where: Condition | None) -> Iterator[Row]:
        """Answer what lies in the narrowest part of an index."""
        layout = self.layout(cls)
        chosen = self.narrowest(layout, narrowings(layout, where))
        for one in whole(layout).ranges if chosen is None else chosen.ranges:
            yield from self.walk(layout, one)

    def narrowest(self, layout: Layout, found: Sequence[Narrowing]) -> Narrowing | None:
        """Answer the one with the fewest entries."""
        if len(found) < 2:
            return found[0] if found else None
        counts = iter(self.counts(layout, [one for each in found for one in each.ranges]))
        sizes = [sum(next(counts) for _ in each.ranges) for each in found]
        return found[sizes.index(min(sizes))]

    def counts(self, layout: Layout, ranges: Iterable[Range]) -> list[int]:
        """Answer how many entries there are in each range."""
        parts = [part for one in ranges for part in one]
        answer: list[int] = self._ask(layout, COUNT, parts)
        return answer

    def walk(
        self, layout: Layout, one: Range, *, down: bool = False, at_once: int = AT_ONCE
    ) -> Iterator[Row]:
        """Answer the rows in a range in the order of its index, each chunk as of one moment."""
        low, high = one.low, one.high
        while True:
            parts = (one.place, low, high, int(down), at_once)
            entries, answers = self._ask(layout, WALK, parts)
            gone: list[bytes] = []
            for entry, raw in zip(entries, answers, strict=True):
                key = entry.rpartition(b"\0")[2]
                if raw is None:
                    gone.append(key)
                    continue
                row = row_of(layout, key.decode(), raw)
                assert row is not None
                yield row
            if gone and layout.keeps_entries:
                self.connections.run(SWEEP, (self._changes,), (layout.name, *gone))
            if len(entries) < at_once:
                return
            if down:
                high = b"(" + entries[-1]
            else:
                low = b"(" + entries[-1]
            at_once = min(at_once * 2, AT_ONCE)

    def commit(self, batch: Batch) -> None:
        """Write, and queue the changes in an order that agrees with that of the server."""
        turn = self._turns.take()
        done: Sequence[changes.Change] = ()
        try:
            self.write(batch)
            done = batch.changes
        finally:
            self._turns.end(turn, done)

    def write(self, batch: Batch) -> None:
        """Do all writes in one step. Raises Conflict."""
        if not self._save(batch):
            self._run(batch, FIRST, AGAIN)

    def verify(self, batch: Batch) -> None:
        """Raise Conflict if *batch* could not be written at this moment."""
        self._run(batch, TRIAL, TRIAL)

    def _save(self, batch: Batch) -> bool:
        """Write rows of a class without indexes; False if it takes more than that."""
        writes = batch.writes
        if not writes or batch.outbox:
            return False
        cls = writes[0].cls
        layout = self.layout(cls)
        if layout.keeps_entries:
            return False
        keys: tuple[bytes, ...]
        parts: list[bytes] = []
        for write in writes:
            row = write.row
            if write.cls is not cls or row is None or write.expects is None or row is write.before:
                return False
            key = write.key.encode()
            expected = b"" if write.expects == 0 else _expected(write)
            tail = key if layout.has_text_id else layout.tail(layout.primitive_id(write.key))
            parts += (key, expected, head_of(row) + row.document, tail)
        rest = (KEPT, record_of(batch.changes, self.layout), layout.digest)
        if len(writes) == 1:
            keys = (self._changes, layout.rows + parts[0], layout.ids, layout.known)
            return self._saved(SAVE, keys, (*rest, *parts[1:]), writes)
        keys = (self._changes, layout.ids, layout.known)
        return self._saved(SAVE_MANY, keys, (*rest, layout.rows, *parts), writes)

    def _saved(
        self, script: Script, keys: Sequence[bytes], rest: Sequence[bytes], writes: Sequence[Write]
    ) -> bool:
        token = ORIGIN.token()
        try:
            answer: Any = self.connections.run_once(
                script, keys, (token, FIRST, *rest), (token, AGAIN, *rest)
            )
        except ResponseError as exc:
            raise self._refused(exc) from None
        if isinstance(answer, list):
            raise Conflict(writes[cast("list[int]", answer)[0] - 1])
        return bool(answer)

    def _run(self, batch: Batch, first: bytes, again: bytes) -> None:
        parts: list[Any] = []
        for write in batch.writes:
            self._add(parts, write)
        for message in batch.outbox:
            parts += (message.id, written(message))
        sizes = (len(batch.writes), len(batch.outbox))
        rest = (KEPT, record_of(batch.changes, self.layout), *sizes, *parts)
        while True:
            token = ORIGIN.token()
            try:
                answer: Any = self.connections.run_once(
                    COMMIT, self._keys, (token, first, *rest), (token, again, *rest)
                )
            except ResponseError as exc:
                raise self._refused(exc) from None
            if isinstance(answer, bytes):
                return
            refusal: tuple[int, bytes, bytes] = tuple(answer)
            number, why, what = refusal
            if why == b"type":
                raise self._wrong_type(what)
            write = batch.writes[number - 1]
            if why != b"layout":
                fields = self.layout(write.cls).group(what) if why == b"unique" else ()
                raise Conflict(write, fields)
            reindex(self, self.layout(write.cls))

    def _add(self, parts: list[Any], write: Write) -> None:
        layout = self.layout(write.cls)
        entries, expires = layout.entries(write)
        row = write.row
        if row is None:
            done, value = "check" if write.expects == 0 else "remove", b""
        elif row is write.before:
            done, value = "check", b""
        else:
            done, value = "set", head_of(row) + row.document
        expected = b"*"
        if write.expects is not None:
            expected = b"" if write.expects == 0 else _expected(write)
        parts += (
            done, layout.name, layout.digest, write.key, expected, value, expires,
            int(layout.keeps_entries), len(entries), *entries,
        )  # fmt: skip

    def _ask(self, layout: Layout, script: Script, parts: Sequence[Any]) -> Any:
        while True:
            arguments = (layout.name, layout.digest, *parts)
            try:
                answer = self.connections.run(script, (self._changes,), arguments)
            except ResponseError as exc:
                raise self._refused(exc) from None
            if answer != b"layout":
                return answer
            reindex(self, layout)

    def _in_use(self) -> "list[type[Verbs]]":
        return [layout.cls for layout in self._collections.values()]

    def _wrong_type(self, key: bytes) -> StoreUnusable:
        name = key.decode(errors="replace")
        return StoreUnusable(
            f"{self!r}: {name!r} is of another type than entities need; {_NO_PLACE}. "
            f"Remove it, or add ?prefix=… to the URL"
        )

    def _refused(self, exc: ResponseError) -> Exception:
        text = str(exc)
        if "WRONGTYPE" in text:
            return StoreUnusable(f"{self!r}: {_NO_PLACE}. Add ?prefix=… to the URL ({text})")
        if isinstance(exc, OutOfMemoryError) or "OOM" in text:
            return StoreUnusable(f"{self!r} has no memory left for writes ({text})")
        if isinstance(exc, ReadOnlyError):
            return StoreUnusable(f"{self!r} is a replica, which takes no writes. Name its master")
        if text.startswith("BUSY "):
            return StoreBusy(f"{self!r} is kept by a script of somebody else ({text})")
        return StoreUnusable(f"{self!r} refused a command: {text}")


def row_of(layout: Layout, key: str, raw: bytes | None) -> Row | None:
    """Read what is stored. Raises UnreadableRow."""
    if raw is None:
        return None
    first = raw.find(b" ")
    second = raw.find(b" ", first + 1)
    try:
        return Row(key, int(raw[:first]), raw[second + 1 :], raw[: second + 1])
    except ValueError:
        raise UnreadableRow(layout.cls, key, "it was not written by us") from None


def head_of(row: Row) -> bytes:
    """Answer what is stored in front of the document."""
    return row.mark if isinstance(row.mark, bytes) else b"%d - " % row.version


def _expected(write: Write) -> bytes:
    before = write.before
    if before is not None and isinstance(before.mark, bytes) and before.version == write.expects:
        return before.mark
    return b"%d " % (write.expects or 0)
