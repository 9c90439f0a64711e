"""What one caller's browser keeps, as one request sees it."""

import logging
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from typing import Any, NamedTuple, cast

from pydantic_core import from_json

from nitro_entities import classes
from nitro_entities.config import utc_now
from nitro_entities.errors import UnreadableRow
from nitro_entities.stores.browser import names
from nitro_entities.stores.browser.packed import (
    PURPOSE,
    Packed,
    digest_of,
    pack,
    schema_of,
    unpack,
)
from nitro_entities.stores.browser.seal import MAX_LENGTH, sealing
from nitro_entities.stores.browser.versions import Newest, versions
from nitro_entities.stores.documents import documents
from nitro_entities.stores.rows import Conflict, Row, Write

logger = logging.getLogger("nitro_entities")

MAX_TEXTS = 500
"""Of more sealed texts than this the rest is not looked at: no browser of ours has as many."""

MAX_AGE = 30 * 24 * 3600
"""Seconds after which a sealed text is not believed; past half of it, it is sealed afresh."""

_SKEW = 300  # seconds that the clocks of several servers may differ


class Kept(NamedTuple):
    """One entity in a browser."""

    row: Row
    text: str
    """Sealed, as the browser has it."""


Table = dict[str, Kept]


class BrowserSession:
    """The entities in one browser: read from what it sent, written by what is sent back.

    *sent* are the signals of the request, or a function that finds them at the first use, as
    *caller* may be one that says whose browser it is. Only what was sealed for that caller is
    believed. A host that answers requests makes one session for each and sends `reply` back.
    """

    def __init__(
        self,
        sent: Mapping[str, object] | Callable[[], Mapping[str, object]] | None = None,
        *,
        caller: str | Callable[[], str],
    ) -> None:
        self._sent = sent
        self._caller = caller
        self._lock = threading.RLock()
        self._opened: dict[str, list[_Opened]] | None = None
        self._tables: dict[type, Table] = {}
        self._outgoing: dict[tuple[type, str], None] = {}

    def __repr__(self) -> str:
        return f"<BrowserSession with {sum(map(len, self._tables.values()))} entities>"

    @property
    def caller(self) -> str:
        """Answer whose browser it is."""
        if callable(self._caller):
            self._caller = self._caller()
        return self._caller

    def table(self, cls: type) -> Table:
        """Answer a copy of what is kept of *cls*, by key."""
        with self._lock:
            return dict(self._table(cls))

    def find(self, cls: type, keys: Sequence[str]) -> list[Row | None]:
        """Answer the rows with these *keys*."""
        with self._lock:
            table = self._table(cls)
            return [kept.row if (kept := table.get(key)) else None for key in keys]

    def total(self, *, without: Set[tuple[type, str]]) -> int:
        """Answer how many characters all sealed texts have, but those of some entities."""
        with self._lock:
            for cls, _ in without:
                self._table(cls)
            return sum(
                len(kept.text)
                for cls, table in self._tables.items()
                for key, kept in table.items()
                if (cls, key) not in without
            )

    def first_version(self, cls: type, key: str) -> int:
        """Answer the version of a new entity: after one that was deleted, or that was lost."""
        name = self._version_key(cls, key)
        before = versions().newest([name]).get(name)
        return 1 if before is None else before.version + 1

    def size_of(self, cls: type, row: Row) -> int:
        """Answer how many characters the sealed text of *row* has."""
        return len(self._sealed(cls, row))

    def write(self, writes: Sequence[Write]) -> None:
        """Do all *writes* or none. Raises Conflict."""
        with self._lock:
            keys = {self._version_key(write.cls, write.key): write for write in writes}
            known = versions().newest(tuple(keys))
            states: dict[str, Newest] = {}
            for key, write in keys.items():
                self._refuse_stale(write)
                if not _only_asks(write):
                    states[key] = self._after(write, known.get(key))
                elif key in known and write.row and known[key].version > write.row.version:
                    self._catch_up(keys)
                    raise Conflict(write)
            blocked = versions().advance(states)
            if blocked is not None:
                self._catch_up(keys)
                raise Conflict(keys[blocked])
            for key, now in states.items():
                self._put(keys[key], now)

    def reply(self) -> dict[str, Any]:
        """Answer the signals that the browser has to be sent, once; empty if there are none.

        They are a merge patch. The sealed texts stand in ``kept_sealed``, a deleted one is None.
        The values stand in ``kept``, to be shown and never believed; those of a deleted entity
        are an empty text, as no part of a page would hear of a signal that is removed.
        """
        with self._lock:
            outgoing, self._outgoing = self._outgoing, {}
            sealed: dict[str, str | None] = {}
            shown: dict[str, dict[str, object]] = {}
            for cls, key in outgoing:
                kept = self._tables[cls].get(key)
                kind, name = names.path_of(cls, key)
                signals: object = ""
                if kept is not None:
                    signals = documents(cast("Any", cls)).load(key, kept.row.document).signals
                sealed[names.slot_of(cls, key)] = None if kept is None else kept.text
                shown.setdefault(kind, {})[name] = signals
            return {names.SEALED: sealed, names.SHOWN: shown} if sealed else {}

    def _refuse_stale(self, write: Write) -> None:
        kept = self._table(write.cls).get(write.key)
        version = 0 if kept is None else kept.row.version
        removed = kept is None and write.row is None
        if write.expects not in (None, version) and not removed:
            raise Conflict(write)

    def _after(self, write: Write, newest: Newest | None) -> Newest:
        """Answer the state after *write*."""
        if write.row is not None:
            return Newest(write.row.version, self._sealed(write.cls, write.row))
        kept = self._table(write.cls).get(write.key)
        known = (0 if kept is None else kept.row.version, 0 if newest is None else newest.version)
        return Newest(1 + max(known), "")

    def _catch_up(self, keys: Mapping[str, Write]) -> None:
        """Take over what another request has saved meanwhile, so that a second try can succeed."""
        for version_key, known in versions().newest(tuple(keys)).items():
            write = keys[version_key]
            table = self._table(write.cls)
            mine = table.get(write.key)
            if mine is None or mine.row.version >= known.version:
                continue
            del table[write.key]
            self._outgoing[write.cls, write.key] = None
            if known.text:
                slot = names.slot_of(write.cls, write.key)
                with suppress(_Refused):
                    one = _open_text(slot, known.text, digest_of(self.caller))
                    row = Row(write.key, one.packed.version, _checked(write.cls, one.packed))
                    table[write.key] = Kept(row, known.text)

    def _put(self, write: Write, now: Newest) -> None:
        table = self._table(write.cls)
        if write.row is None:
            table.pop(write.key, None)
        else:
            table[write.key] = Kept(write.row, now.text)
        self._outgoing[write.cls, write.key] = None

    def _table(self, cls: type) -> Table:
        found = self._tables.get(cls)
        if found is None:
            if self._opened is None:
                self._opened = self._open()
            found = self._tables[cls] = self._believed(cls, self._opened)
        return found

    def _open(self) -> "dict[str, list[_Opened]]":
        """Open what was sealed for this caller and is not too old, by class."""
        sent = self._sent() if callable(self._sent) else self._sent or {}
        self._sent = None
        texts = sent.get(names.SEALED)
        if not isinstance(texts, Mapping):
            return {}
        pairs = [
            pair
            for pair in cast("Mapping[object, object]", texts).items()
            if pair[1] not in (None, "")  # what an expression reads of a missing signal
        ]
        refused: Counter[str] = Counter()
        if len(pairs) > MAX_TEXTS:
            refused[f"there are more than {MAX_TEXTS}"] = len(pairs) - MAX_TEXTS
            del pairs[MAX_TEXTS:]
        opened: dict[str, list[_Opened]] = {}
        for slot, text in pairs:
            try:
                one = _open_text(str(slot), text, digest_of(self.caller))
            except _Refused as exc:
                refused[str(exc)] += 1
            else:
                opened.setdefault(one.packed.entity, []).append(one)
        _tell("entities", refused)
        return opened

    def _believed(self, cls: type, opened: "dict[str, list[_Opened]]") -> Table:
        """Answer what of *opened* is an entity of *cls*, each in the newest state known."""
        sent = {
            self._version_key(cls, one.packed.key): one for one in opened.get(classes.key(cls), ())
        }
        table: Table = {}
        if not sent:
            return table
        known = versions().newest(tuple(sent))
        refused: Counter[str] = Counter()
        states: dict[str, Newest] = {}
        for version_key, one in sent.items():
            try:
                kept = self._newest(cls, one, known.get(version_key))
            except _Refused as exc:
                refused[str(exc)] += 1
                continue
            if kept is not None:
                table[one.packed.key] = kept
                states[version_key] = Newest(kept.row.version, kept.text)
        if states:
            versions().seen(states)
        _tell(cls.__name__, refused)
        return table

    def _newest(self, cls: type, one: "_Opened", known: Newest | None) -> Kept | None:
        """Answer what *one* is by now; None if it was deleted. Raises _Refused."""
        key = one.packed.key
        if one.slot != names.slot_of(cls, key):
            msg = "in the place of another one"
            raise _Refused(msg)
        if known is not None and known.version > one.packed.version:
            self._outgoing[cls, key] = None
            if not known.text:
                return None
            one = _open_text(one.slot, known.text, digest_of(self.caller))
        packed = one.packed
        row = Row(key, packed.version, _checked(cls, packed))
        text = one.text
        if _now() - packed.issued > MAX_AGE // 2:
            self._outgoing[cls, key] = None
            text = self._sealed(cls, row)
        return Kept(row, text)

    def _sealed(self, cls: type, row: Row) -> str:
        packed = Packed(
            entity=classes.key(cls),
            schema=schema_of(cls),
            caller=digest_of(self.caller),
            key=row.key,
            version=row.version,
            issued=_now(),
            document=row.document.decode(),
        )
        return sealing().sealer.sign(PURPOSE, pack(packed))

    def _version_key(self, cls: type, key: str) -> str:
        return f"{digest_of(self.caller)}:{names.slot_of(cls, key)}"


def _only_asks(write: Write) -> bool:
    """Say whether *write* only asks that its row is as it was, after a locking read."""
    return write.expects == (0 if write.row is None else write.row.version)


class _Opened(NamedTuple):
    """A sealed text of this caller."""

    slot: str
    packed: Packed
    text: str


class _Refused(Exception):
    """A sealed text is not believed; the message holds no value."""


def _open_text(slot: str, text: object, caller: str) -> _Opened:
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        msg = "no sealed text"
        raise _Refused(msg)
    try:
        packed = unpack(sealing().sealer.open(PURPOSE, text))
    except (ValueError, RecursionError):
        msg = "not sealed here, or changed"
        raise _Refused(msg) from None
    if not secrets.compare_digest(packed.caller, caller):
        msg = "of somebody else"
        raise _Refused(msg)
    if not -_SKEW <= _now() - packed.issued <= MAX_AGE:
        msg = "too old"
        raise _Refused(msg)
    return _Opened(slot, packed, text)


def _checked(cls: type[Any], packed: Packed) -> bytes:
    """Answer the document, valid for the class as it is now. Raises _Refused."""
    document = packed.document.encode()
    try:
        if packed.schema != schema_of(cls):
            document = _upgraded(cls, document)
        documents(cls).load(packed.key, document)
    except _Refused:
        raise
    except UnreadableRow:
        msg = "not valid for its class"
        raise _Refused(msg) from None
    except Exception as exc:  # what a validator or an upgrade of the application raises
        msg = f"its class raised {type(exc).__name__}"
        raise _Refused(msg) from None
    return document


def _upgraded(cls: type[Any], document: bytes) -> bytes:
    """Let the class bring values of an earlier form of it up to date, if it knows how."""
    upgrade = getattr(cls, "__upgrade__", None)
    before = from_json(document)
    after = None if upgrade is None else upgrade(dict(before))
    if after is None:
        msg = "its class had other fields"
        raise _Refused(msg)
    entity = cls.__nitro_load__({**after, "id": before["id"]})
    return documents(cls).dump(entity)


def _tell(what: str, refused: Counter[str]) -> None:
    if refused:
        reasons = ", ".join(f"{reason} ({number})" for reason, number in refused.items())
        logger.warning("Not believed of the %s that a browser sent: %s", what, reasons)


def _now() -> int:
    return int(utc_now().timestamp())
