"""What each row of a file would do, with the reasons where it cannot; nothing is stored here."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from pydantic import ValidationError

from nitro_events.fields import MISSING
from nitro_events.policy import Caller, can
from nitro_events.reading import errors_in, read_fields
from nitro_events.resources import Given, Target
from nitro_events.wording import FILL_IN
from nitro_templates.i18n import gettext as _
from nitro_templates.imports import Sheet
from nitro_templates.sources import Asked, RowSource, Test
from nitro_templates.table.importing import ID

from .import_lines import CREATE, MARK, REFUSED, REFUSING, SAME, UPDATE, Line, Plan
from .import_texts import reader_of

BATCH = 200


@dataclass(frozen=True, slots=True)
class Task:
    """What is imported: which columns are which fields, for whom."""

    target: Target
    source: RowSource
    sheet: Sheet
    columns: Mapping[str, int]
    key: str | None
    existing: str
    caller: Caller


class Planner:
    """Goes through the rows of a task; what it finds out once it remembers."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.plan = Plan(len(task.sheet.rows))
        known = task.target.fields()
        views = {view.name: view for view in task.source.fields}
        self._fields = {name: known[name] for name in task.columns if name in known}
        self._readers = {
            name: reader_of(views.get(name), item) for name, item in self._fields.items()
        }
        self._may_create = can(task.caller, "create", task.target.kind)
        self._seen: dict[object, int] = {}
        self._unique: dict[tuple[str, ...], dict[object, int]] = {}

    def steps(self) -> Iterator[None]:
        """Go through all rows, yielding after each batch."""
        rows = iter(self.task.sheet.rows)
        while batch := list(islice(rows, BATCH)):
            read = [(number, self._given(cells)) for number, cells in batch]
            found = self._found([given for _number, (given, _errors) in read])
            for number, (given, errors) in read:
                self.plan.lines.append(self._line(number, given, errors, found))
            yield

    def _given(self, cells: Sequence[object]) -> tuple[dict[str, str], dict[str, str]]:
        """Answer the texts of one row by field, and what was not understood."""
        given: dict[str, str] = {}
        errors: dict[str, str] = {}
        blank = None if self.task.sheet.kind == "json" else ""
        for name, at in self.task.columns.items():
            cell = cells[at] if at < len(cells) else blank
            if cell is None:
                continue
            text = str(cell).strip()
            given[name] = text
            if text and name in self._readers:
                try:
                    given[name] = self._readers[name](text)
                except ValueError as trouble:
                    errors[name] = str(trouble)
        return given, errors

    def _found(self, many: Sequence[Mapping[str, str]]) -> dict[object, Any]:
        """Answer what is there already of these, by the value of the key."""
        key, source = self.task.key, self.task.source
        if key is None:
            return {}
        texts = [given[key] for given in many if given.get(key)]
        if key == ID:
            return {source.id_of(thing): thing for thing in source.get_many(texts)}
        values = [value for text in texts if (value := self._key_of(text)) is not None]
        if not values:
            return {}
        asked = Asked(where=Test(key, "in", tuple(values)))
        return {
            _hashed(getattr(thing, key)): thing
            for things in source.stream(asked, batch=BATCH)
            for thing in things
        }

    def _key_of(self, text: str) -> object:
        """Read the key as its field does; None for what it cannot be."""
        key = self.task.key
        if key == ID:
            return text
        try:
            return _hashed(self._fields[cast("str", key)].read(text))
        except ValueError:
            return None

    def _line(
        self,
        number: int,
        given: dict[str, str],
        errors: dict[str, str],
        found: Mapping[object, Any],
    ) -> Line:
        line = Line(number, REFUSED, errors=errors)
        try:
            self._fill(line, given, found)
        finally:
            line.mark = self._mark(line)
        return line

    def _fill(self, line: Line, given: dict[str, str], found: Mapping[object, Any]) -> None:
        task, thing = self.task, None
        if task.key is not None:
            text = given.get(task.key, "")
            value = self._key_of(text) if text else None
            thing = None if value is None else found.get(value)
            if not text:
                line.errors.setdefault(task.key, FILL_IN)
            elif value is not None:
                self._once(line, value)
        given = {name: text for name, text in given.items() if name in self._fields}
        if thing is None:
            if task.key == ID and not line.errors:
                line.errors[ID] = _("There is none with this id")
            self._new(line, given)
        else:
            line.title = task.source.title_of(thing)
            if task.existing == REFUSING:
                line.errors.setdefault(str(task.key), _("This is there already"))
            self._changed(line, given, thing)

    def _once(self, line: Line, value: object) -> None:
        before = self._seen.setdefault(value, line.number)
        if before != line.number:
            line.errors.setdefault(
                str(self.task.key), _("Row {row} says something about it already", row=before)
            )

    def _new(self, line: Line, given: dict[str, str]) -> None:
        target, fields = self.task.target, self._fields
        if not self._may_create:
            line.errors.setdefault("", _("You may not create any"))
        raws = self._raws(given)
        reading = read_fields(fields, raws, Given(given, form=True), defaults=True)
        everything = target.fields()
        missing = [name for name, item in everything.items() if item.required and name not in raws]
        line.errors = {**dict.fromkeys(missing, FILL_IN), **reading.errors, **line.errors}
        line.title = next((text for text in given.values() if text), "")
        if line.errors:
            return
        try:
            thing = target.draft(reading.values)
        except ValidationError as error:
            line.errors = errors_in(error, everything)
            return
        self._finish(line, thing, CREATE, None, reading.values)

    def _changed(self, line: Line, given: dict[str, str], thing: Any) -> None:
        task = self.task
        if not can(task.caller, "update", thing):
            line.errors.setdefault("", _("You may not change it"))
        reading = read_fields(
            self._fields, self._raws(given), Given(given, form=True), defaults=False
        )
        line.errors = {**reading.errors, **line.errors}
        if line.errors:
            return
        changed = copy.copy(thing)  # what others hold stays as it is stored
        try:
            task.target.check(changed, reading.values)
        except ValidationError as error:
            line.errors = errors_in(error, task.target.fields())
            return
        before, after = task.target.current(thing), task.target.current(changed)
        changed_names = [name for name in reading.values if before[name] != after[name]]
        line.changes = {name: (before[name], after[name]) for name in changed_names}
        if not line.changes:
            line.does = SAME
            return
        new = {name: getattr(changed, name) for name in line.changes}
        self._finish(line, changed, UPDATE, task.target.id_of(thing), new)

    def _finish(
        self, line: Line, thing: object, does: str, id: str | None, values: Mapping[str, object]
    ) -> None:
        target = self.task.target
        whole = {name: getattr(thing, name) for name in target.fields()} if id else values
        line.errors = dict(target.taken(whole, id))
        groups: Callable[[], Sequence[tuple[str, ...]]] | None
        groups = getattr(target, "unique_groups", None)
        for group in groups() if groups is not None else ():
            mine = tuple(_hashed(getattr(thing, name, None)) for name in group)
            if None in mine:
                continue
            before = self._unique.setdefault(group, {}).setdefault(mine, line.number)
            if before != line.number:
                said = _("Row {row} has the same", row=before)
                line.errors.update(dict.fromkeys(group, said))
        if not line.errors:
            line.does, line.thing = does, thing
            line.title = self.task.source.title_of(thing)

    def _raws(self, given: Mapping[str, str]) -> dict[str, object]:
        raws = {
            name: item.from_form(given, {}, complete=False) for name, item in self._fields.items()
        }
        return {name: raw for name, raw in raws.items() if raw is not MISSING}

    def _mark(self, line: Line) -> bytes:
        said = [line.does, line.title, line.errors, line.changes]
        if line.does == UPDATE:
            said.append(self.task.target.id_of(line.thing))
        text = json.dumps(said, sort_keys=True, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:MARK]


def _hashed(value: object) -> object:
    try:
        hash(value)
    except TypeError:
        return str(value)
    return value
