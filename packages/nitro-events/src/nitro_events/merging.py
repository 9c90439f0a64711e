"""What becomes of a form when somebody else has changed the same thing meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nitro_events.fields import text_of
from nitro_events.outcomes import Conflict, FieldConflict, Invalid, Refused, Taken

if TYPE_CHECKING:
    from nitro_events.resources import Target

__all__ = ["Merge", "merge", "refused", "taken"]


@dataclass(frozen=True, slots=True)
class Merge:
    """Which fields the user changed, and which of those somebody else changed otherwise."""

    changed: frozenset[str]
    conflicts: frozenset[str]


def merge(base: Mapping[str, str], mine: Mapping[str, str], theirs: Mapping[str, str]) -> Merge:
    """Compare three states of the same fields, given as digests.

    *base* is what the user saw, *mine* what they sent, *theirs* what is stored now. A field that
    *base* lacks was never seen, so sending another value for it is a conflict.
    """
    changed = frozenset(
        name
        for name, value in mine.items()
        if value != base.get(name) and value != theirs.get(name)
    )
    conflicts = frozenset(name for name in changed if theirs.get(name) != base.get(name))
    return Merge(changed, conflicts)


def refused(
    errors: dict[str, str],
    target: Target,
    entity: object,
    raws: Mapping[str, object],
    base: Mapping[str, str],
    theirs: Mapping[str, str],
    merged: Merge,
) -> Refused:
    """Return what to raise for a form that cannot be saved: Conflict, or Invalid without one."""
    kind = Conflict if merged.conflicts else Invalid
    return kind(
        errors,
        {name: text_of(raws[name]) for name in merged.changed},
        conflicts=_found(target, entity, raws, merged.conflicts),
        digests=_seen(base, theirs, merged),
    )


def taken(
    take: tuple[str, ...],
    target: Target,
    entity: object,
    raws: Mapping[str, object],
    base: Mapping[str, str],
    theirs: Mapping[str, str],
    merged: Merge,
    kind: type[Taken] = Taken,
) -> Taken:
    """Return what to raise when the user wants what is stored in the fields *take*."""
    kept = Merge(merged.changed.difference(take), merged.conflicts.difference(take))
    return kind(
        {},
        {name: text_of(raws[name]) for name in kept.changed},
        conflicts=_found(target, entity, raws, kept.conflicts),
        digests=_seen(base, theirs, kept),
    )


def _seen(base: Mapping[str, str], theirs: Mapping[str, str], merged: Merge) -> dict[str, str]:
    # a conflict tells the user what is stored now, so that is what they have seen
    return {
        name: theirs[name] if name in merged.conflicts else base.get(name, "")
        for name in merged.changed
    }


def _found(
    target: Target, entity: object, raws: Mapping[str, object], names: frozenset[str]
) -> dict[str, FieldConflict]:
    if not names:
        return {}
    now, id = target.current(entity), target.id_of(entity)

    def conflict(name: str) -> FieldConflict:
        by, at = target.last_writer(id, name) or (None, None)
        return FieldConflict(text_of(raws[name]), text_of(now[name]), by, at)

    return {name: conflict(name) for name in raws if name in names}
