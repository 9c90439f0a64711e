"""DatastarRepo: entities in the caller's browser, as sealed signals."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from nitro_entities.backends import repository_of
from nitro_entities.changes import Change
from nitro_entities.conditions import Condition
from nitro_entities.errors import DefinitionError, NotStorable
from nitro_entities.fields import specs, unique_groups
from nitro_entities.repository import Ability
from nitro_entities.stores.browser.present import current_session
from nitro_entities.stores.rows import (
    Batch,
    Pending,
    Row,
    RowRepository,
    RowStore,
    RowTransaction,
    Write,
)

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

E = TypeVar("E", bound="Verbs")


class BrowserStore(RowStore):
    """The browser of whoever is being answered."""

    durable = False
    blocking = False
    abilities = frozenset[Ability]()

    def __repr__(self) -> str:
        return "the caller's browser"

    def read(self, cls: "type[Verbs]", keys: Sequence[str]) -> Sequence[Row | None]:
        """Answer the rows that the browser sent or was given."""
        return current_session().find(cls, keys)

    def scan(self, cls: "type[Verbs]", where: Condition | None) -> Iterable[Row]:
        """Answer all rows of the class in this browser."""
        return [kept.row for kept in current_session().table(cls).values()]

    def write(self, batch: Batch) -> None:
        """Note what the browser has to be sent."""
        if batch.writes:
            _refuse_too_much(batch.writes)
            current_session().write(batch.writes)

    def begin(self) -> "BrowserTransaction":
        """Start a transaction."""
        return BrowserTransaction(self)


class BrowserTransaction(RowTransaction):
    """Refuses too much while nothing is written yet, also in the other stores of a unit."""

    def put(self, *several: Pending) -> None:
        """Keep writes. Raises NotStorable too."""
        super().put(*several)
        _refuse_too_much([pending.write for pending in self.pending.values()])


class DatastarRepo(RowRepository[E]):
    """Keep entities in the browser of the caller: preferences, a cart, a draft.

    Each caller sees only what the own browser sent along: `all`, `where` and `count` are about
    that, and another browser of the same person starts empty. Entities are sealed, so nobody can
    make them up or change them, but their owner can read them: secret fields are refused, as are
    unique ones, since nobody knows of other browsers. What comes back is believed for 30 days
    after it was sealed, and validated. The server remembers the newest states for a while, see
    `VersionMemory`, and they take the place of older ones. A class whose fields were changed
    does not believe the old values, unless it has a static method ``__upgrade__(values)`` that
    answers the new ones.

    The browser sends signals with each request, in the URL of a GET, and proxies often take
    8 KB there. So there are limits, which a subclass may change: *entity_limit* and
    *total_limit* count the characters of sealed texts, about 4/3 of the JSON and 250 more.
    """

    store_class = BrowserStore
    entity_limit: ClassVar[int] = 4096
    total_limit: ClassVar[int] = 6144

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Take over what the store says of itself."""
        super().__init_subclass__(**kwargs)
        cls.abilities = cls.abilities - {Ability.UNIQUE}

    @classmethod
    def check(cls, entity: "type[Verbs]") -> None:
        """Refuse classes that a browser cannot keep. Raises DefinitionError."""
        secret = [name for name, spec in specs(entity).items() if spec.secret]
        if secret:
            msg = (
                f"{entity.__name__}.{secret[0]} is secret, and {cls.__name__} would hand it to "
                f"the browser. Keep it in an entity with another store"
            )
            raise DefinitionError(msg)
        groups = unique_groups(entity)
        if groups:
            msg = (
                f"{entity.__name__}.{' and '.join(groups[0])} cannot be unique: {cls.__name__} "
                f"sees one browser at a time. Leave it out, or use another store"
            )
            raise DefinitionError(msg)

    def _saving(self, entity: E) -> tuple[Pending, Change] | None:
        prepared = super()._saving(entity)
        if prepared is None:
            return None
        pending, change = prepared
        row = cast("Row", pending.write.row)
        if change.operation == "create":
            row = row._replace(version=current_session().first_version(self.entity, row.key))
            change = change._replace(version=row.version)
        size = current_session().size_of(self.entity, row)
        if size > self.entity_limit:
            reason = (
                f"{self.entity.__name__} {row.key!r} has {size} characters when sealed for the "
                f"browser, and {self.entity_limit} are allowed; this is its largest field. "
                f"Store less, or use another store"
            )
            raise NotStorable(self.entity, _largest(row), reason)
        return replace(pending, write=pending.write._replace(row=row._replace(mark=size))), change


DatastarRepo.abilities = frozenset({Ability.QUERY, Ability.TRANSACTIONS})


def _refuse_too_much(writes: Sequence[Write]) -> None:
    """Raise NotStorable if the browser would have to keep too much after *writes*."""
    saved = [write for write in writes if write.row is not None]
    if not saved:
        return
    places = {(write.cls, write.key) for write in writes}
    written = sum(_size_of(write) for write in saved)
    total = written + current_session().total(without=places)
    limit = max(_total_limit(cls) for cls in {write.cls for write in saved})
    if total > limit:
        last = saved[-1]
        reason = (
            f"with {last.cls.__name__} {last.key!r} all entities in the browser together would "
            f"have {total} characters when sealed, and {limit} are allowed. Delete some, or use "
            f"another store"
        )
        raise NotStorable(last.cls, _largest(cast("Row", last.row)), reason)


def _size_of(write: Write) -> int:
    row = cast("Row", write.row)
    if isinstance(row.mark, int):
        return row.mark
    return current_session().size_of(write.cls, row)  # kept as it was by a locking read


def _total_limit(cls: "type[Verbs]") -> int:
    return cast("DatastarRepo[Any]", repository_of(cls)).total_limit


def _largest(row: Row) -> str:
    values = cast("dict[str, object]", json.loads(row.document))
    return max(values, key=lambda name: len(json.dumps(values[name])))
