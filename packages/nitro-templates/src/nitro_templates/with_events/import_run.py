"""One import: its rows are gone through with progress, and written in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nitro_events.http.problems import problem_of
from nitro_events.http.request import Request
from nitro_templates.context import RenderContext, rendering
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import grouped, ngettext
from nitro_templates.table.import_page import Choice
from nitro_templates.undo import UndoOffer

from . import import_files
from .bulk_run import part
from .import_files import Upload
from .import_lines import CREATE, MARK, UPDATE, Line, Plan
from .import_plan import Planner, Task
from .undo_many import Recorder

_NAMED = 5


@dataclass(slots=True)
class Run:
    """What is imported by whom, and what came of it."""

    request: Request
    context: RenderContext
    upload: Upload
    choice: Choice
    planner: Planner
    only_good: bool = False
    recorder: Recorder | None = None
    trouble: str = ""
    """Why nothing was written; nothing if all was."""

    @property
    def task(self) -> Task:
        """What is imported."""
        return self.planner.task

    @property
    def plan(self) -> Plan:
        """What was found out until now."""
        return self.planner.plan

    def steps(self) -> Iterator[None]:
        """Go through the rows; texts are in the language of who asks."""
        steps = self.planner.steps()
        while True:
            with rendering(self.context):
                if next(steps, _END) is _END:
                    return
            yield

    def keep_marks(self) -> None:
        """Keep what stands for what is shown now."""
        task = self.task
        import_files.keep_marks(self.upload, self.plan.marks, task.caller, task.target.kind)

    def write(self) -> None:
        """Write all of it, or nothing and say in `trouble` why. In one unit, which is open."""
        with rendering(self.context):
            self.trouble = self._unlike_shown()
            if self.trouble:
                self.keep_marks()  # what is shown now is what the next try is compared with
                return
            self.trouble = self._not_good()
            if self.trouble:
                return
            try:
                with part():
                    self._store()
            except Exception as error:
                problem = problem_of(error)
                said = problem.detail or problem.title
                self.trouble = _("Nothing was imported. {reason}", reason=said)

    def offer(self, text: str) -> UndoOffer | None:
        """Answer what takes it back."""
        return None if self.recorder is None else self.recorder.offer(text)

    @property
    def sentence(self) -> str:
        """Say what was done."""
        return _(
            "Imported: {created} created, {changed} changed",
            created=grouped(self.plan.count(CREATE)),
            changed=grouped(self.plan.count(UPDATE)),
        )

    def _store(self) -> None:
        target, good = self.task.target, [x for x in self.plan.lines if x.does in (CREATE, UPDATE)]
        for line in good:
            if line.does == CREATE:
                target.insert(line.thing)
            else:
                assert line.thing is not None
                values = {name: getattr(line.thing, name) for name in line.changes}
                target.update(line.thing, values)
        if self.recorder is not None:
            self.recorder.keep(len(good))
        import_files.use(self.upload, self.task.caller, target.kind)

    def _unlike_shown(self) -> str:
        """Say which rows would do something else now than what was shown."""
        task, now = self.task, self.plan.marks
        shown = import_files.marks_of(self.upload, task.caller, task.target.kind)
        if shown == now:
            return ""
        other = [
            line
            for number, line in enumerate(self.plan.lines)
            if shown[number * MARK : (number + 1) * MARK] != line.mark
        ]
        text = _("Nothing was imported: something has changed since you looked. See row {rows}")
        return text.format(rows=_numbers(other))

    def _not_good(self) -> str:
        refused = self.plan.count("refused")
        if refused and not self.only_good:
            return ngettext(
                "Nothing was imported: {count} row is refused.",
                "Nothing was imported: {count} rows are refused.",
                refused,
            )
        return ""


def _numbers(lines: list[Line]) -> str:
    said = ", ".join(str(line.number) for line in lines[:_NAMED])
    return f"{said} …" if len(lines) > _NAMED else said


_END = object()
