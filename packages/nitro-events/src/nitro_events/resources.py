"""What create, update and delete mean when several people do them at once.

A form carries, sealed, which fields it showed and a digest of each value. So what its user
changed can be told from what they only looked at: changes to different fields are merged, and
a change to the same field is never overwritten without being asked about.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import ValidationError

from nitro_events.fields import MISSING, Field, Unreadable, text_of
from nitro_events.outcomes import (
    Conflict,
    Deleted,
    FieldConflict,
    Invalid,
    Outcome,
    Ran,
    Refused,
    Saved,
    Taken,
)
from nitro_events.seal import BadSeal
from nitro_events.wording import FILL_IN, messages_of

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
    "merge",
    "typed_changes",
    "update",
]

log = logging.getLogger("nitro_events")

FORM_PURPOSE = "form"
"""What forms are sealed for: ``sealer.sign(FORM_PURPOSE, payload)``."""


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


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller sent: form texts (with the lists of repeated fields) or JSON values."""

    values: Mapping[str, object] = field(default_factory=dict[str, object])
    lists: Mapping[str, list[str]] = field(default_factory=dict[str, list[str]])
    take: tuple[str, ...] = ()
    form: bool = False


@dataclass(frozen=True, slots=True)
class Seal:
    """What a form carries to the browser and back, and nobody can change on the way."""

    slug: str | None
    id: str | None
    operation: str
    fields: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict[str, str])
    page: str | None = None
    next: str | None = None
    key: str = ""
    caller: str | None = None

    def payload(self) -> dict[str, object]:
        """Return what is sealed."""
        return {
            "v": 1,
            "c": self.slug,
            "i": self.id,
            "o": self.operation,
            "f": list(self.fields),
            "d": dict(self.digests),
            "p": self.page,
            "n": self.next,
            "k": self.key,
            "u": self.caller,
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Seal:
        """Read a payload. Raises BadSeal if it was made by another version of ours."""
        if payload.get("v") != 1:
            msg = "This form was made by another version"
            raise BadSeal(msg)
        return cls(
            payload.get("c"),
            payload.get("i"),
            str(payload.get("o")),
            tuple(payload.get("f") or ()),
            dict(payload.get("d") or {}),
            payload.get("p"),
            payload.get("n"),
            payload.get("k") or "",
            payload.get("u"),
        )

    def check(self, slug: str | None, id: str | None, operation: str, caller: str | None) -> None:
        """Raise BadSeal unless the form was made for just this, and for this caller."""
        # the id of a new entity is the form's own; no path names it
        expected = (slug, self.id if operation == "create" else id, operation, caller)
        if (self.slug, self.id, self.operation, self.caller) != expected:
            msg = "This form was made for something else, or for somebody else"
            raise BadSeal(msg)


def digest(value: object) -> str:
    """Return 16 characters that stand for a JSON value.

    Line ends count as one, whichever they are: browsers send others than they were given.
    """
    if isinstance(value, str):
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:12]).decode()


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


def create(target: Target, given: Given, seal: Seal | None) -> Saved:
    """Store a new entity from what was *given*.

    The same form sent twice stores one: a form that carries an id gives it to the entity.
    Raises Invalid.
    """
    fields = allowed_fields(target, seal)
    raws = raw_values(fields, given, seal)
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
    note = "This was saved before. Open it to change it, or begin a new one"
    raise Invalid({"": note}, texts(raws))


def update(target: Target, entity: object, given: Given, seal: Seal | None) -> Saved:
    """Change *entity* by what was *given*; with a seal only the fields that its user changed.

    Raises Invalid, Conflict where somebody else changed the same fields, Taken if the user asked
    to see theirs.
    """
    fields = allowed_fields(target, seal)
    raws = raw_values(fields, given, seal)
    reading = read_fields(fields, raws, given, defaults=False)
    now = target.current(entity)
    theirs = {name: digest(now[name]) for name in raws}
    # who sends no seal has said which fields to set, and means them
    base = theirs if seal is None else seal.digests
    mine = {name: _mine(name, raw, base, reading) for name, raw in raws.items()}
    merged = merge(base, mine, theirs)
    errors = {name: text for name, text in reading.errors.items() if name in merged.changed}
    if given.take:
        raise _taken(given.take, target, entity, raws, base, theirs, merged)
    if errors or merged.conflicts:
        raise _refused(errors, target, entity, raws, base, theirs, merged)
    changes = {name: reading.values[name] for name in raws if name in merged.changed}
    if changes:
        try:
            target.update(entity, changes)
        except ValidationError as exc:
            errors = errors_in(exc, fields)
            raise _refused(errors, target, entity, raws, base, theirs, merged) from None
    return Saved(target, entity)


def delete(target: Target, entity: object) -> Deleted:
    """Delete *entity*."""
    target.delete(entity)
    return Deleted(target, entity)


@dataclass(frozen=True, slots=True)
class Reading:
    """The values that could be read, their digests, and messages for the others."""

    values: dict[str, object]
    digests: dict[str, str]
    errors: dict[str, str]


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
        raise Invalid(dict.fromkeys(unknown, "There is no such field to set"))
    if unknown:
        log.debug("Left out, as they may not be set here: %s", ", ".join(unknown))
    if not given.form:
        return {name: given.values[name] for name in fields if name in given.values}
    sent = {
        name: item.from_form(given.values, given.lists, complete=seal is not None)
        for name, item in fields.items()
    }
    return {name: raw for name, raw in sent.items() if raw is not MISSING}


def read_fields(
    fields: Mapping[str, Field], raws: Mapping[str, object], given: Given, *, defaults: bool
) -> Reading:
    """Read each of *raws* by its field; *defaults*: one left blank may take its default."""
    reading = Reading({}, {}, {})
    for name, raw in raws.items():
        item = fields[name]
        if given.form and raw == "" and not (item.text and not item.required):
            if item.required or not defaults:
                reading.errors[name] = FILL_IN
            continue
        try:
            value = item.read(raw)
        except Unreadable as exc:
            reading.errors[name] = str(exc)
        else:
            reading.values[name] = value
            reading.digests[name] = digest(item.dump(value))
    return reading


def digests_of(target: Target, entity: object, names: Mapping[str, object]) -> dict[str, str]:
    """Return the digests of the fields *names* of *entity*."""
    now = target.current(entity)
    return {name: digest(now[name]) for name in names}


def errors_in(error: ValidationError, fields: Mapping[str, object]) -> dict[str, str]:
    """Return the messages of *error* by field; those of fields not shown go to the whole form."""
    errors: dict[str, str] = {}
    for name, text in messages_of(error).items():
        if not name or name in fields:
            errors[name] = text
        else:
            errors.setdefault("", f"{name}: {text}")
    return errors


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


def _refused(
    errors: dict[str, str],
    target: Target,
    entity: object,
    raws: Mapping[str, object],
    base: Mapping[str, str],
    theirs: Mapping[str, str],
    merged: Merge,
) -> Refused:
    kind = Conflict if merged.conflicts else Invalid
    return kind(
        errors,
        {name: text_of(raws[name]) for name in merged.changed},
        conflicts=_conflicts(target, entity, raws, merged.conflicts),
        digests=_seen(base, theirs, merged),
    )


def _taken(
    take: tuple[str, ...],
    target: Target,
    entity: object,
    raws: Mapping[str, object],
    base: Mapping[str, str],
    theirs: Mapping[str, str],
    merged: Merge,
) -> Taken:
    kept = Merge(merged.changed.difference(take), merged.conflicts.difference(take))
    return Taken(
        {},
        {name: text_of(raws[name]) for name in kept.changed},
        conflicts=_conflicts(target, entity, raws, kept.conflicts),
        digests=_seen(base, theirs, kept),
    )


def _seen(base: Mapping[str, str], theirs: Mapping[str, str], merged: Merge) -> dict[str, str]:
    # a conflict tells the user what is stored now, so that is what they have seen
    return {
        name: theirs[name] if name in merged.conflicts else base.get(name, "")
        for name in merged.changed
    }


def _conflicts(
    target: Target, entity: object, raws: Mapping[str, object], names: frozenset[str]
) -> dict[str, FieldConflict]:
    if not names:
        return {}
    now, id = target.current(entity), target.id_of(entity)

    def conflict(name: str) -> FieldConflict:
        by, at = target.last_writer(id, name) or (None, None)
        return FieldConflict(text_of(raws[name]), text_of(now[name]), by, at)

    return {name: conflict(name) for name in raws if name in names}
