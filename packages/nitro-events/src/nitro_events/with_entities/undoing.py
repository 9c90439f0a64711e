"""What a unit of work has changed, kept beside it, and put back."""

from __future__ import annotations

import copy
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import from_json, to_json

from nitro_entities import FileMissing, MixedUnit, Unit, classes
from nitro_entities.backends import repository_of
from nitro_entities.errors import UnknownClass, UnreadableRow
from nitro_entities.loaded import set_loaded
from nitro_entities.stores.documents import documents
from nitro_entities.traits import traits
from nitro_entities.units.ambient import current_unit
from nitro_events.keeping import PART, Kept, key_of
from nitro_events.state import state
from nitro_events.texts import Text
from nitro_events.undoing import LIFETIME, MOST_BYTES, CannotUndo
from nitro_events.with_entities.keeping import EntityKeeper, can_keep
from nitro_events.with_entities.kinds import is_internal

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

__all__ = ["EntityMemory"]

_AT_ONCE = 500
_NAMED = 3
_TOO_LATE = Text("This was undone before, or too long ago. Nothing was changed")


@dataclass(slots=True)
class Step:
    """One entity as it was before and after, as documents; None where it was not there."""

    kind: type[Any]
    key: str
    before: bytes | None
    after: bytes | None


class EntityMemory:
    """Remembers what became of entities, see `nitro_events.undoing.Memory`."""

    def may(self, kind: type, /) -> bool:
        """Tell whether the class lets it be, and its store is able to.

        A class says no by ``__undo__ = False``.
        """
        return _may(kind) and can_keep(kind)

    def weigh(self, things: Sequence[object], /) -> int:
        """Return how long their documents are, twice: as they are and as they will be."""
        return 2 * sum(len(_dumped(thing)) for thing in things)

    def remember(self, key: str, part: int, owner: str | None, near: type, /) -> int:
        """Keep what the open unit has written until now."""
        unit = current_unit()
        if unit is None:
            return 0
        for entity in unit.dirty:
            unit.save(entity)
        unit.flush()
        try:
            steps = [step for step in _steps(unit) if step.before != step.after]
        except _NotOurs:
            return 0
        if not steps:
            return 0
        text = to_json([[classes.key(s.kind), s.key, s.before, s.after] for s in steps])
        if len(text) > MOST_BYTES:
            return 0
        packed = zlib.compress(text, 1)
        pieces = [packed[at : at + PART] for at in range(0, len(packed), PART)]
        keeper = state.part(EntityKeeper)
        try:
            for number, piece in enumerate(pieces):
                id, last = _id(key, part, number), number == len(pieces) - 1
                name = "last" if last else "more"
                kept = Kept(id, _place(key), owner, name, piece)
                keeper.keep(kept, near, lifetime=LIFETIME)
        except MixedUnit:  # the class has a store of its own beside the usual one
            return 0
        return len(text)

    def put_back(
        self,
        key: str,
        owner: str | None,
        near: type,
        allowed: Callable[[object, bool], bool],
        name: Callable[[object], str],
        /,
    ) -> int:
        """Make everything as it was before, or nothing."""
        unit = current_unit()
        assert unit is not None, "what is undone is undone in a unit of work"
        ids, steps, broken = _read(key, owner, near)
        if not steps:
            raise CannotUndo(_TOO_LATE)
        changed = [name(_loaded_from(step)) for step in broken]
        ready: list[tuple[Verbs, bool]] = []
        for step, now in _with_present(steps, unit):
            if not _is_as_left(step, now):
                changed.append(name(now if now is not None else _loaded_from(step)))
                continue
            entity = _restored(step, now)
            if not allowed(entity, step.before is None):
                msg = Text("You may not do this")
                raise PermissionError(msg)
            ready.append((entity, step.before is None))
        if changed:
            raise CannotUndo(_told(changed))
        try:
            for entity, goes in reversed(ready):
                (unit.delete if goes else unit.save)(entity)
            state.part(EntityKeeper).forget(ids, near)
            unit.flush()
        except FileMissing:
            raise CannotUndo(_TOO_LATE) from None
        return len(ready)


def _may(kind: type[Any]) -> bool:
    return bool(getattr(kind, "__undo__", True)) and not is_internal(kind)


class _NotOurs(Exception):
    """Something was written of which nothing is known, so that it cannot be put back."""


def _steps(unit: Unit) -> Iterator[Step]:
    first: dict[tuple[type, object], Any] = {}
    last: dict[tuple[type, object], Verbs] = {}
    written, changes = unit.what_was_written()
    for entity, before in written:
        if not is_internal(type(entity)):
            name = (type(entity), entity.id)
            first.setdefault(name, before)
            last[name] = entity
    gone: dict[tuple[type, object], bool] = {}
    for change in changes:
        if change.operation == "unknown" and not is_internal(change.entity):
            raise _NotOurs
        gone[change.entity, change.id] = change.operation == "delete"
    for (kind, id), entity in last.items():
        if not (_may(kind) and can_keep(kind)):
            raise _NotOurs
        known = traits(kind)
        hidden = known.deleted is not None and getattr(entity, known.deleted) is not None
        deleted = gone.get((kind, id), False) and not hidden
        original = _as_loaded(entity, first[kind, id])
        yield Step(
            kind,
            str(id),
            None if original is None else _dumped(original),
            None if deleted else _dumped(entity),
        )


def _as_loaded(entity: Any, before: Any) -> object | None:
    if before is None:
        return None
    shown = copy.copy(entity)
    set_loaded(shown, before)
    repository: Any = repository_of(cast("type[Verbs]", type(entity)))
    return cast("object", repository.original(shown))


def _dumped(entity: object) -> bytes:
    return documents(type(entity)).dump(entity)


def _read(key: str, owner: str | None, near: type) -> tuple[list[str], list[Step], list[Step]]:
    """Return the ids of what is kept, what is to be put back, and what was changed in between."""
    keeper = state.part(EntityKeeper)
    ids: list[str] = []
    merged: dict[tuple[type, str], Step] = {}
    broken: list[Step] = []
    part = 0
    while True:
        packed, number, whole = b"", 0, False
        while not whole:
            found = keeper.find([_id(key, part, number)], near)
            if not found or found[0].owner != owner:
                break
            ids.append(found[0].id)
            packed += found[0].data
            whole, number = found[0].name == "last", number + 1
        if not whole:
            break
        for step in _unpacked(packed):
            known = merged.get((step.kind, step.key))
            if known is None:
                merged[step.kind, step.key] = step
            elif not _same(step.kind, known.after, step.before):
                broken.append(step)
            else:
                known.after = step.after
        part += 1
    return ids, list(merged.values()), broken


def _unpacked(packed: bytes) -> Iterator[Step]:
    for name, key, before, after in from_json(zlib.decompress(packed)):
        kind = next((cls for cls in classes.all() if classes.key(cls) == name), None)
        if kind is None:
            msg = f"There is no class {name} any more"
            raise UnknownClass(msg)
        yield Step(
            kind,
            key,
            None if before is None else before.encode(),
            None if after is None else after.encode(),
        )


def _with_present(steps: Sequence[Step], unit: Unit) -> Iterator[tuple[Step, Any]]:
    by_kind: dict[type[Any], list[Step]] = defaultdict(list)
    for step in steps:
        by_kind[step.kind].append(step)
    for kind, some in by_kind.items():
        ids: dict[str, Any] = {}
        for step in some:
            ids[step.key] = _loaded_from(step).id
        wanted, now = list(ids.values()), dict[Any, Any]()
        for start in range(0, len(wanted), _AT_ONCE):
            # from the store itself: what is hidden from others may be put back too
            found = unit.get_many(kind, wanted[start : start + _AT_ONCE])
            now.update((one.id, one) for one in found)
        for step in some:
            yield step, now.get(ids[step.key])


def _is_as_left(step: Step, now: Any) -> bool:
    return _same(step.kind, step.after, None if now is None else _dumped(now))


def _same(kind: type[Any], one: bytes | None, other: bytes | None) -> bool:
    if one is None or other is None or one == other:
        return one is other or one == other
    known: Any = documents(kind)
    return not known.differences(known.load("", one), one, other)


def _loaded_from(step: Step) -> Any:
    document = step.before if step.before is not None else step.after
    assert document is not None
    try:
        return documents(step.kind).load(step.key, document)
    except UnreadableRow as error:
        msg = Text("The class has other fields now, so it cannot be as it was")
        raise CannotUndo(msg) from error


def _restored(step: Step, now: Any) -> Any:
    if step.before is None:
        return now
    before = documents(step.kind).load(step.key, step.before)
    if now is None:
        set_loaded(before, None)
        return before
    now.__nitro_take__(before)
    return now


def _told(changed: Sequence[str]) -> str:
    names = ", ".join(changed[:_NAMED])
    more = len(changed) - _NAMED
    if more > 0:
        return Text(
            "Changed since: {names} and {count} more. Nothing was undone", names=names, count=more
        )
    return Text("Changed since: {names}. Nothing was undone", names=names)


def _place(key: str) -> str:
    return key_of("undo", key)


def _id(key: str, part: int, number: int) -> str:
    return key_of("undo", key, str(part), str(number))
