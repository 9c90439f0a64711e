"""What create, update and delete mean when several people do them at once.

A form carries, sealed, which fields it showed and a digest of each value. So what its user
changed can be told from what they only looked at: changes to different fields are merged, and
a change to the same field is never overwritten without being asked about.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from pydantic import ValidationError

from nitro_events.fields import MISSING, Field, text_of
from nitro_events.form_seal import FORM_PURPOSE, Seal, digest, opened_seal
from nitro_events.merging import Merge, merge, refused, taken
from nitro_events.moves import Moves, moved
from nitro_events.outcomes import (
    Conflict,
    Deleted,
    FieldConflict,
    Invalid,
    Outcome,
    Ran,
    Rearranged,
    Refused,
    Saved,
    Taken,
)
from nitro_events.reading import Reading, errors_in, read_fields
from nitro_events.texts import Text
from nitro_events.wording import FILL_IN

if TYPE_CHECKING:
    from datetime import datetime

    from nitro_events.actions import Action
    from nitro_events.http.problems import Problem
    from nitro_events.http.request import Request
    from nitro_events.http.response import Response

__all__ = [
    "FORM_PURPOSE",
    "Conflict",
    "Deleted",
    "FieldConflict",
    "Given",
    "Invalid",
    "Merge",
    "Outcome",
    "Presenter",
    "Ran",
    "Refused",
    "Saved",
    "Seal",
    "Taken",
    "Target",
    "TargetAction",
    "Targets",
    "create",
    "delete",
    "digest",
    "made_dict",
    "merge",
    "opened_seal",
    "typed_changes",
    "update",
]

log = logging.getLogger("nitro_events")


@dataclass(frozen=True, slots=True)
class TargetAction:
    """A declared action of a class; *on_class* says that it needs no entity."""

    action: Action
    function: Callable[..., object]
    on_class: bool = False


class Target(Protocol):
    """A class of things that can be changed over HTTP, said by who keeps them.

    Everything may block; nothing is awaited.
    """

    @property
    def slug(self) -> str:
        """Its name in paths, such as "cities"."""
        ...

    @property
    def kind(self) -> type:
        """The class itself, which the policy is asked about."""
        ...

    @property
    def retry_on(self) -> tuple[type[Exception], ...]:
        """What a commit raises when somebody else was faster, so that trying again may help."""
        ...

    def fields(self) -> Mapping[str, Field]:
        """Return the fields that may be set from outside: declared, no id, no secrets."""
        ...

    def actions(self) -> Mapping[str, TargetAction]:
        """Return the declared actions by name."""
        ...

    def id_of(self, entity: object, /) -> str:
        """Return the id of *entity* as paths write it."""
        ...

    def find(self, id: str, /) -> object | None:
        """Return the entity, or None."""
        ...

    def load(self, id: str, /) -> object:
        """Return the entity; raises a LookupError if there is none."""
        ...

    def current(self, entity: object, /) -> Mapping[str, object]:
        """Return the values of `fields` as JSON knows them."""
        ...

    def json(self, entity: object, /) -> Mapping[str, object]:
        """Return all that may be told of *entity* as JSON knows it, without secrets."""
        ...

    def draft(self, values: Mapping[str, object], id: str | None = None, /) -> object:
        """Return a new entity, not stored. Raises pydantic's ValidationError."""
        ...

    def insert(self, entity: object, /) -> None:
        """Store a draft."""
        ...

    def update(self, entity: object, values: Mapping[str, object], /) -> None:
        """Set *values* together and store. Raises pydantic's ValidationError."""
        ...

    def check(self, entity: object, values: Mapping[str, object], /) -> None:
        """Set *values* together without storing them. Raises pydantic's ValidationError."""
        ...

    def taken(self, values: Mapping[str, object], id: str | None, /) -> Mapping[str, str]:
        """Return messages by field for those of *values* that another one than *id* has already.

        Only a look ahead: the store has the last word.
        """
        ...

    def delete(self, entity: object, /) -> None:
        """Delete it."""
        ...

    def last_writer(self, id: str, field: str, /) -> tuple[str | None, datetime] | None:
        """Return who changed *field* last and when, if that is known."""
        ...


class Targets:
    """The targets of this process. Who keeps entities registers where to look for them."""

    def __init__(self) -> None:
        self.by_slug: Callable[[str], Target | None] = _none
        self.by_kind: Callable[[type], Target | None] = _none
        self.kinds: Callable[[], Iterable[type]] = tuple
        self.version = 0
        """Raised by who keeps entities when their classes change; what was made of them is old."""

    def __iter__(self) -> Iterator[Target]:
        """Yield the targets that are there now."""
        return filter(None, map(self.of, self.kinds()))

    def named(self, slug: str) -> Target | None:
        """Return the target of this *slug*, or None."""
        return self.by_slug(slug)

    def of(self, kind: type) -> Target | None:
        """Return the target of the class *kind*, or None."""
        return self.by_kind(kind)


def _none(_: object) -> None:
    return None


class Presenter(Protocol):
    """Turns what came of an operation into a response, or leaves that to the next (None)."""

    def present(
        self,
        request: Request,
        outcome: Outcome | Problem,
        seal: Mapping[str, object] | None,
        /,
    ) -> Awaitable[Response | None]:
        """*seal* is the payload of the form that was sent, if there was one."""
        ...


# quicker than to call dict[str, object], which a request does several times
made_dict = cast("Callable[[], dict[str, Any]]", dict)


@dataclass(slots=True)
class Given:
    """What the caller sent: form texts (with the lists of repeated fields) or JSON values."""

    values: Mapping[str, object] = field(default_factory=made_dict)
    lists: Mapping[str, list[str]] = field(default_factory=made_dict)
    take: tuple[str, ...] = ()
    form: bool = False
    hidden: frozenset[str] = frozenset()
    """The fields of the form that do not apply."""
    moves: Moves = ()
    """The buttons of lists that were pressed: the form comes back, and nothing is stored."""
    step: str | None = None
    """The step of the form that was asked for, "" to begin anew; None to go on."""
    refused: Mapping[str, str] = field(default_factory=made_dict)
    """What was found wrong before reading, by (dotted) name."""


def create(target: Target, given: Given, seal: Seal | None) -> Saved:
    """Store a new entity from what was *given*.

    The same form sent twice stores one: a form that carries an id gives it to the entity.
    Raises Invalid.
    """
    fields = allowed_fields(target, seal)
    raws = raw_values(fields, given, seal)
    if given.moves:
        raise Rearranged({}, texts(moved(fields, raws, given.moves)))
    reading = read_fields(fields, raws, given, defaults=True)
    missing = [name for name, item in fields.items() if item.required and name not in raws]
    reading.errors.update(dict.fromkeys(missing, FILL_IN))
    if reading.errors:
        raise Invalid(reading.errors, texts(raws))
    id = None if seal is None else seal.id
    try:
        entity = target.draft(reading.values, id)
    except ValidationError as exc:
        raise Invalid(errors_in(exc, fields), texts(raws)) from None
    stored = None if id is None else target.find(id)
    if stored is None:
        target.insert(entity)
        return Saved(target, entity, created=True)
    if digests_of(target, entity, fields) == digests_of(target, stored, fields):
        return Saved(target, stored, repeated=True)
    note = Text("This was saved before. Open it to change it, or begin a new one")
    raise Invalid({"": note}, texts(raws))


def update(target: Target, entity: object, given: Given, seal: Seal | None) -> Saved:
    """Change *entity* by what was *given*; with a seal only the fields that its user changed.

    Raises Invalid, Conflict where somebody else changed the same fields, Taken if the user asked
    to see theirs.
    """
    fields = allowed_fields(target, seal)
    raws = moved(fields, raw_values(fields, given, seal), given.moves)
    reading = read_fields(fields, raws, given, defaults=False)
    now = target.current(entity)
    theirs = {name: digest(now[name]) for name in raws}
    # who sends no seal has said which fields to set, and means them
    base = theirs if seal is None else seal.digests
    mine = {name: _mine(name, raw, base, reading) for name, raw in raws.items()}
    merged = merge(base, mine, theirs)
    errors = reading.errors_of(merged.changed)
    if given.take or given.moves:
        asked = merged.changed.intersection(() if seal is None else seal.asked)
        merged = Merge(merged.changed, merged.conflicts | asked)
        kind = Rearranged if given.moves else Taken
        raise taken(given.take, target, entity, raws, base, theirs, merged, kind)
    if errors or merged.conflicts:
        raise refused(errors, target, entity, raws, base, theirs, merged)
    changes = {name: reading.values[name] for name in raws if name in merged.changed}
    if changes:
        try:
            target.update(entity, changes)
        except ValidationError as exc:
            errors = errors_in(exc, fields)
            raise refused(errors, target, entity, raws, base, theirs, merged) from None
    return Saved(target, entity)


def delete(target: Target, entity: object, seal: Seal | None = None) -> Deleted:
    """Delete *entity*. Raises Conflict if it is not what the user of the form was shown."""
    changed = [] if seal is None else _changed_since(target, entity, seal)
    if changed:
        digests = digests_of(target, entity, dict.fromkeys(changed))
        raise Conflict({"": _says_who_changed(target, entity, changed)}, digests=digests)
    target.delete(entity)
    return Deleted(target, entity)


def _changed_since(target: Target, entity: object, seal: Seal) -> list[str]:
    now = target.current(entity)
    return [n for n, seen in seal.digests.items() if n in now and digest(now[n]) != seen]


def _says_who_changed(target: Target, entity: object, names: list[str]) -> str:
    id = target.id_of(entity)
    writers = [found[0] for name in names if (found := target.last_writer(id, name))]
    by = " and ".join(dict.fromkeys(filter(None, writers))) or Text("Somebody else")
    return Text(
        "{name} changed this meanwhile. Look at it again. To delete it all the same, press again",
        name=by,
    )


def allowed_fields(target: Target, seal: Seal | None) -> dict[str, Field]:
    """Return the fields that may be set: those that the target allows and the form showed."""
    fields = target.fields()
    if seal is None:
        return dict(fields)
    return {name: fields[name] for name in seal.fields if name in fields}


def raw_values(fields: Mapping[str, Field], given: Given, seal: Seal | None) -> dict[str, object]:
    """Return what was given for *fields*.

    Anything else in a form is left alone, as pages add fields of their own; in the JSON of a
    program it is a mistake that would pass for success, but for the id that it read with the
    rest. Raises Invalid.
    """
    unknown = sorted(name for name in given.values if name not in fields and name != "id")[:20]
    if unknown and not given.form and seal is None:
        raise Invalid(dict.fromkeys(unknown, Text("There is no such field to set")))
    if unknown:
        log.debug("Left out, as they may not be set here: %s", ", ".join(unknown))
    if not given.form:
        return {name: given.values[name] for name in fields if name in given.values}
    sent = {
        name: item.from_form(given.values, given.lists, complete=seal is not None)
        for name, item in fields.items()
    }
    return {name: raw for name, raw in sent.items() if raw is not MISSING}


def digests_of(target: Target, entity: object, names: Mapping[str, object]) -> dict[str, str]:
    """Return the digests of the fields *names* of *entity*."""
    now = target.current(entity)
    return {name: digest(now[name]) for name in names}


def texts(raws: Mapping[str, object]) -> dict[str, str]:
    """Return *raws* as the form shows them again."""
    return {name: text_of(raw) for name, raw in raws.items()}


def typed_changes(
    target: Target, given: Given, seal: Seal | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the fields that the user of a form changed: what they typed, what they had seen."""
    fields = allowed_fields(target, seal)
    raws = raw_values(fields, given, seal)
    if seal is None:
        return texts(raws), {}
    reading = read_fields(fields, raws, given, defaults=False)
    changed = [
        name
        for name in raws
        if _mine(name, raws[name], seal.digests, reading) != seal.digests.get(name)
    ]
    return (
        {name: text_of(raws[name]) for name in changed},
        {name: seal.digests.get(name, "") for name in changed},
    )


def _mine(name: str, raw: object, base: Mapping[str, str], reading: Reading) -> str:
    # a text that comes back as it was shown was not touched, whatever it is read as; what
    # cannot be read is a change in any case
    raw_digest = digest(text_of(raw))
    if raw_digest == base.get(name):
        return raw_digest
    return reading.digests.get(name, f"?{raw_digest}")
