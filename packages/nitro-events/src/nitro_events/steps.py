"""A form that is filled in one step after the other, and creates its thing with the last one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from nitro_events import drafts
from nitro_events.drafts import Draft
from nitro_events.fields import text_of
from nitro_events.form_seal import digest
from nitro_events.merging import Merge, merge
from nitro_events.moves import moved
from nitro_events.outcomes import (
    Conflict,
    FieldConflict,
    Invalid,
    Outcome,
    Rearranged,
    Saved,
    Stepped,
    Taken,
)
from nitro_events.reading import errors_in, read_fields
from nitro_events.resources import allowed_fields, digests_of, raw_values
from nitro_events.texts import Text
from nitro_events.wording import FILL_IN

if TYPE_CHECKING:
    from nitro_events.fields import Field
    from nitro_events.form_seal import Seal
    from nitro_events.form_steps import Steps
    from nitro_events.policy import Caller
    from nitro_events.resources import Given, Target

__all__ = ["take_step"]

GONE = Text(
    "This was finished or discarded in another window. What you typed here begins a new one"
)


def take_step(target: Target, given: Given, seal: Seal, *, owner: str, caller: Caller) -> Outcome:
    """Keep what was filled in and go to another step; with the last one create the entity.

    Raises as `create` does for the fields of this step, Conflict where another window of the same
    owner has filled in the same fields otherwise, and TooManyRequests where *caller* has begun
    too many forms.
    """
    assert seal.steps is not None
    return _Taking(target, given, seal, seal.steps, owner, caller).result()


class _Taking:
    def __init__(
        self,
        target: Target,
        given: Given,
        seal: Seal,
        steps: Steps,
        owner: str,
        caller: Caller,
    ) -> None:
        self.target, self.given, self.seal, self.steps = target, given, seal, steps
        self.owner, self.caller = owner, caller
        self.fields = allowed_fields(target, seal)
        self.raws = raw_values(self.fields, given, seal)
        self.found = drafts.find(target.kind, seal.key, owner)

    def result(self) -> Outcome:
        steps, given = self.steps, self.given
        if given.step == "":
            drafts.drop(self.target.kind, self.seal.key, self.owner)
            return Stepped(self.target, steps.names[0])
        if given.moves:
            self.raws = moved(self.fields, self.raws, given.moves)
            raise Rearranged({}, self._texts(), digests=self._seen())
        if self.found is None and steps.begun:
            return self._was_finished()
        draft = self._merged(self.found or Draft(self.seal.id))
        # back, or to a step that was there: nothing has to be right yet
        if given.step is not None:
            draft = replace(draft, done=draft.done - {steps.at})
            return self._go(draft, given.step)
        self._check()
        applying = {n: v for n, v in draft.values.items() if n not in given.hidden}
        draft = replace(draft, values=applying, done=draft.done | {steps.at})
        if steps.at == steps.names[-1]:
            return self._finish(draft)
        return self._go(draft, steps.names[steps.names.index(steps.at) + 1])

    def _go(self, draft: Draft, wanted: str) -> Stepped:
        self._keep(draft)
        return Stepped(self.target, self._reachable(draft, wanted))

    def _keep(self, draft: Draft) -> None:
        if self.found is None:
            drafts.check_room(self.target.kind, self.caller)
        drafts.keep(self.target.kind, self.seal.key, self.owner, draft, self.caller)

    def _reachable(self, draft: Draft, wanted: str) -> str:
        names = self.steps.names
        first = next((name for name in names if name not in draft.done), names[-1])
        known = [*names[: names.index(first) + 1], *draft.done, self.steps.at]
        return wanted if wanted in known and wanted in names else first

    def _was_finished(self) -> Saved | Stepped:
        """Return what a form became that was sent twice; what was not there begins a new one."""
        id = self.seal.id
        stored = None if id is None else self.target.find(id)
        if stored is not None and self.steps.at == self.steps.names[-1]:
            reading = read_fields(self.fields, self.raws, self.given, defaults=True)
            now = digests_of(self.target, stored, reading.digests)
            if now == reading.digests:
                return Saved(self.target, stored, repeated=True)
        self._keep(Draft(None, self.raws))
        return Stepped(self.target, self.steps.names[0], note=GONE)

    def _merged(self, draft: Draft) -> Draft:
        """Return *draft* with what was filled in here.

        Raises Conflict where another window has filled in the same since this one was shown.
        """
        base = self.seal.digests
        texts = draft.texts
        mine = {name: digest(text_of(raw)) for name, raw in self.raws.items()}
        theirs = {
            name: digest(texts[name]) if name in texts else base.get(name, "") for name in mine
        }
        merged = merge(base, mine, theirs)
        if self.given.take:
            taken = [name for name in self.given.take if name in theirs]
            kept = {name: text for name, text in self._texts().items() if name not in taken}
            raise Taken({}, kept, digests=self._seen() | {name: theirs[name] for name in taken})
        if merged.conflicts:
            seen = self._seen() | {name: theirs[name] for name in merged.conflicts}
            raise Conflict({}, self._texts(), conflicts=self._found(merged, texts), digests=seen)
        fresh = {
            name: raw
            for name, raw in self.raws.items()
            if name in merged.changed or name not in draft.values
        }
        # a file that was there is sent along, or it was removed
        gone = [n for n, item in self.fields.items() if item.stored and n not in self.raws]
        values = {n: v for n, v in {**draft.values, **fresh}.items() if n not in gone}
        return replace(draft, values=values, id=draft.id or self.seal.id)

    def _found(self, merged: Merge, texts: Mapping[str, str]) -> dict[str, FieldConflict]:
        by = Text("you, in another window")
        return {
            name: FieldConflict(text_of(raw), texts[name], by)
            for name, raw in self.raws.items()
            if name in merged.conflicts
        }

    def _check(self) -> None:
        errors = _errors(self.fields, self.raws, self.given)
        if not errors:
            reading = read_fields(self.fields, self.raws, self.given, defaults=True)
            errors = dict(self.target.taken(reading.values, self.seal.id))
        if errors:
            raise Invalid(errors, self._texts(), digests=self._seen())

    def _finish(self, draft: Draft) -> Outcome:
        target = self.target
        for step, names in self.steps.fields.items():
            fields = {n: item for n, item in target.fields().items() if n in names}
            # one that was left by "Back" was not checked: its values may be none of the choices
            if step not in draft.done or _errors(fields, draft.values, self.given):
                return self._go(replace(draft, done=draft.done - {step}), step)
        fields = {
            n: item
            for n, item in target.fields().items()
            if any(n in names for names in self.steps.fields.values())
        }
        raws = {n: raw for n, raw in draft.values.items() if n in fields}
        reading = read_fields(fields, raws, self.given, defaults=True)
        try:
            entity = target.draft(reading.values, draft.id)
        except ValidationError as exc:
            errors = errors_in(exc, self.fields)
            raise Invalid(errors, self._texts(), digests=self._seen()) from None
        drafts.drop(target.kind, self.seal.key, self.owner)
        target.insert(entity)
        return Saved(target, entity, created=True)

    def _texts(self) -> dict[str, str]:
        return {name: text_of(raw) for name, raw in self.raws.items()}

    def _seen(self) -> dict[str, str]:
        return {name: self.seal.digests.get(name, "") for name in self.raws}


def _errors(
    fields: Mapping[str, Field], values: Mapping[str, Any], given: Given
) -> dict[str, str]:
    raws = {name: values[name] for name in fields if name in values}
    reading = read_fields(fields, raws, given, defaults=True)
    missing = [name for name, item in fields.items() if item.required and name not in raws]
    return {**reading.errors, **dict.fromkeys(missing, FILL_IN)}
