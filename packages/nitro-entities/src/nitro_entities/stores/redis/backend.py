"""Entities of one class in Redis."""

import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from nitro_entities import slices
from nitro_entities.conditions import Order
from nitro_entities.config import redis_url, settings
from nitro_entities.errors import DefinitionError
from nitro_entities.repository import Select
from nitro_entities.slices import Cursor, Slice
from nitro_entities.state import state
from nitro_entities.stores.redis.layout import Layout
from nitro_entities.stores.redis.ranges import Narrowing, Way, narrowings, whole
from nitro_entities.stores.redis.store import AT_ONCE, RedisStore, row_of
from nitro_entities.stores.rows import Row, RowRepository, RowTransaction

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

E = TypeVar("E", bound="Verbs")

_FEW = 200
"""Where another index leaves no more than these, they are sorted here."""


class Stores(dict[str, RedisStore]):
    """The open stores by URL."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def close(self) -> None:
        """Close them all."""
        for store in self.values():
            store.close()


def store_at(url: str) -> RedisStore:
    """Answer the store at *url*, opened at its first use."""
    known = state.part(Stores)
    with known.lock:
        if url not in known:
            known[url] = RedisStore(url)
        return known[url]


class RedisRepo(RowRepository[E]):
    """Keep the entities of one class in Redis 6.2 or later; no module is needed in the server.

    The server is that of ``NITRO_REDIS_URL`` or ``configure(redis_url=…)``. All keys begin with
    "nitro", or with what ``?prefix=shop`` at the end of the URL says, so that applications can
    share a database; keys of others are never touched. In a cluster all keys have to be in one
    slot: write the prefix in braces, ``?prefix={shop}``, and give the URL of the node that
    has the slot. Redirections to other nodes are not followed.

    Fields that are ``Indexed`` or ``Unique`` have an index: equality, ranges, beginnings of text,
    and an order by one of them with a limit load only what they have to. What else is
    asked is tested on what the indexes leave; without any, on all entities of the class. When the
    indexes of a class are changed, they are made anew at its next use, which may take a while.

    What the server has said is stored survives it as its own settings for persistence say.
    """

    store_class = RedisStore

    @classmethod
    def check(cls, entity: type[Any]) -> None:
        """Refuse the classes that are tables. Raises DefinitionError."""
        if not entity.__nitro_any_backend__:
            msg = f"{entity.__name__} is a table, which Redis cannot keep. Derive it from Entity"
            raise DefinitionError(msg)

    def open_store(self) -> RedisStore:
        """Answer the store at the configured URL."""
        return store_at(redis_url())

    @cached_property
    def redis(self) -> RedisStore:
        """Answer the store."""
        store = self.store
        assert isinstance(store, RedisStore)
        return store

    @cached_property
    def layout(self) -> Layout:
        """Answer where the entities are."""
        return self.redis.layout(self.entity)

    @cached_property
    def _remember(self) -> Any:
        # what `set_loaded` does for one entity
        return self.entity._nitro_loaded.__set__  # pyright: ignore[reportPrivateUsage]

    @property
    def removes_expired(self) -> bool:
        """Say whether the server removes by itself what has expired: not by a clock of ours."""
        return settings().clock is None

    def prepare(self, tx: RowTransaction | None = None) -> None:
        """Take the place for this class. Raises AmbiguousClass."""
        _ = self.layout

    def get_many(self, ids: Sequence[object], tx: RowTransaction | None = None) -> list[E]:
        """Answer those that exist, in the order of *ids*."""
        if tx is not None or len(ids) > AT_ONCE:
            return super().get_many(ids, tx)
        each = [id if type(id) is str else self.key(id) for id in ids]
        keys = [key for key in dict.fromkeys(each) if key is not None]
        layout, from_json = self.layout, self._documents.from_json
        number, remember = len(self._documents.names), self._remember
        found: list[E] = []
        for key, raw in zip(keys, self.redis.fetch(layout, keys), strict=True):
            if raw is None:
                continue
            try:
                entity: Any = from_json(raw[raw.index(b"{") :], by_alias=False, by_name=True)
            except ValueError:
                entity = None
            if entity is not None and len(entity.__pydantic_fields_set__) >= number:
                remember(entity, Fetched(layout, key, raw))
            else:
                row = row_of(layout, key, raw)
                assert row is not None
                entity = self.load(row)  # or it says what is wrong
            found.append(entity)
        return found

    def select(self, query: Select, tx: RowTransaction | None = None) -> list[E]:
        """Answer what matches, in order."""
        way = None if query.limit == 0 else self._way(query, tx)
        if way is None:
            return super().select(query, tx)
        narrowing = self._narrowing_on(way, query)
        if query.limit is not None and self._is_few(way, query):
            return super().select(query, tx)
        found: list[E] = []
        for entity in self._beside(way, query, narrowing, None, query.limit or AT_ONCE):
            found.append(entity)
            if len(found) == query.limit:
                break
        return found

    def count(
        self, query: Select, cap: int | None = None, tx: RowTransaction | None = None
    ) -> int:
        """Count what matches, from an index if it tells."""
        layout = self.layout
        every = [whole(layout)] if query.where is None else narrowings(layout, query.where)
        if len(every) != 1 or not every[0].exact or layout.expires or _touched(self, tx):
            return super().count(query, cap, tx)
        limits = (query.limit, None if cap is None else cap + 1)
        found = sum(self.redis.counts(layout, every[0].ranges))
        return min([found, *(limit for limit in limits if limit is not None)])

    def slice(
        self,
        query: Select,
        size: int,
        after: str | None = None,
        before: str | None = None,
        tx: RowTransaction | None = None,
    ) -> Slice[E]:
        """Answer at most *size* entities beside a position."""
        way = self._way(query, tx, backwards=before is not None)
        if way is None:
            return super().slice(query, size, after, before, tx)
        order = slices.full_order(query.order)
        text = before if after is None else after
        anchor = None if text is None else slices.decode(order, text, self._documents.specs)
        found = self._some(way, query, anchor, size + 1)
        more, rows = len(found) > size, found[:size]
        if way.backwards:
            rows.reverse()
        behind = self._is_behind(query, order, anchor, rows, way)
        next_, previous = slices.assemble(
            order,
            rows,
            [self._sorting.position(order, row) for row in rows],
            more_after=behind if way.backwards else more,
            more_before=more if way.backwards else behind,
            anchor=anchor,
        )
        return Slice(rows, next_, previous)

    def _way(
        self, query: Select, tx: RowTransaction | None, *, backwards: bool = False
    ) -> Way | None:
        """Answer the walk through an index in the order of *query*, if there is one."""
        way = Way(self.layout, slices.full_order(query.order), backwards=backwards)
        return None if not way.is_index or _touched(self, tx) else way

    def _narrowing_on(self, way: Way, query: Select) -> Narrowing | None:
        own = [one for one in narrowings(self.layout, query.where) if one.field == way.field]
        return self.redis.narrowest(self.layout, own)

    def _is_few(self, way: Way, query: Select) -> bool:
        """Say whether an index that is not in the order asked for leaves only a few."""
        every = narrowings(self.layout, query.where)
        others = [one for one in every if one.field != way.field]
        best = self.redis.narrowest(self.layout, others)
        return best is not None and sum(self.redis.counts(self.layout, best.ranges)) <= _FEW

    def _beside(
        self,
        way: Way,
        query: Select,
        narrowing: Narrowing | None,
        anchor: Cursor | None,
        number: int,
    ) -> Iterator[E]:
        """Answer what matches beyond *anchor*, the nearest first."""
        ranges = way.ranges(narrowing)
        if anchor is not None:
            ranges = way.beyond(ranges, anchor)
        test = None if query.where is None else query.where.test(self._documents.specs)
        at_once = min(max(number, 1), AT_ONCE)
        met: set[str] = set()  # a row that is moved by others meanwhile could come twice
        for one in ranges:
            for row in self.redis.walk(self.layout, one, down=way.down, at_once=at_once):
                entity = self.load(row)
                if row.key not in met and (test is None or test(entity.__dict__)):
                    met.add(row.key)
                    yield entity

    def _some(self, way: Way, query: Select, anchor: Cursor | None, number: int) -> list[E]:
        narrowing = self._narrowing_on(way, query)
        found: list[E] = []
        for entity in self._beside(way, query, narrowing, anchor, number):
            found.append(entity)
            if len(found) == number:
                break
        return found

    def _is_behind(
        self,
        query: Select,
        order: Sequence[Order],
        anchor: Cursor | None,
        rows: list[E],
        way: Way,
    ) -> bool:
        """Say whether there is anything on the side that the slice comes from."""
        if anchor is None:
            return False
        if rows:
            edge = Cursor(self._sorting.position(order, rows[-1 if way.backwards else 0]))
        else:
            edge = Cursor(anchor.values, inclusive=not anchor.inclusive)
        turned = Way(self.layout, order, backwards=not way.backwards)
        return bool(self._some(turned, query, edge, 1))


class Fetched(NamedTuple):
    """What `Loaded` is, of one entity among many: taken apart when it is needed."""

    layout: Layout
    key: str
    raw: bytes

    @property
    def row(self) -> Row:
        """Answer the row."""
        row = row_of(self.layout, self.key, self.raw)
        assert row is not None
        return row

    @property
    def version(self) -> int:
        """Answer the version."""
        return self.row.version


def _touched(repository: RedisRepo[Any], tx: RowTransaction | None) -> bool:
    return tx is not None and tx.touches(repository.entity)
