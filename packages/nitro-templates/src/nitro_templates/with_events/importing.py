"""``POST /_nitro/import/<slug>/<step>``: a file is sent, looked at, and imported."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any

from nitro_events.http.inputs import read_input
from nitro_events.http.problems import NotFound
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.http.streaming import reads_stream
from nitro_events.patches import Patch, patch_elements
from nitro_events.threads import in_thread
from nitro_events.undoing import MOST as MOST_UNDONE
from nitro_templates import imports
from nitro_templates.context import rendering
from nitro_templates.i18n import gettext as _
from nitro_templates.imports import Unreadable, Way
from nitro_templates.table.import_page import Choice
from nitro_templates.table.importing import OPERATION, matched
from nitro_templates.table.progress import Tally, running

from . import import_files
from .import_answers import CHECK, RUN, gone, page_of, shown, told
from .import_choosing import prepared, run_of
from .import_lines import UPDATING
from .import_opened import Opened, open_step
from .import_receiving import receive
from .import_refused import refused_rows
from .import_run import Run
from .undo_many import recorder_for

_WANTED = {"upload": OPERATION, "check": CHECK, "run": RUN, "refused": RUN}
_AT_ONCE = 2000
"""How many rows are looked at before the first page is shown."""


def import_file(request: Request, *, slug: str, step: str) -> Coroutine[Any, Any, object]:
    """Answer one step: "upload", "check", "run", or "refused" for a file of those rows."""
    return _answer(request, slug, step)


async def _answer(request: Request, slug: str, step: str) -> object:
    if step not in _WANTED:
        raise NotFound
    sent_file = await receive(request) if step == "upload" else None
    given = sent_file.given if sent_file else await read_input(request)
    opened = await open_step(request, slug, given, _WANTED[step])
    if sent_file is not None:
        return await in_thread(_uploaded, opened, sent_file.content, sent_file.name)
    if step == "refused":
        return await in_thread(refused_rows, opened)
    try:
        run = await in_thread(prepared, opened, step)
    except Unreadable as trouble:
        return await in_thread(told, opened, str(trouble), 422)
    if reads_stream(request):
        return _stream(opened, run, step)
    return await in_thread(_whole, opened, run, step)


def _uploaded(opened: Opened, content: bytes, name: str) -> Response:
    caller, kind = opened.request.caller, opened.target.kind
    with rendering(opened.context):
        try:
            sheet = imports.read(content, Way(), opened.importing.limits)
        except Unreadable as trouble:
            return told(opened, str(trouble), 422)
    upload = import_files.keep(content, name, caller, kind)
    with rendering(opened.context):
        views = [view for view in opened.view.source.fields if view.name in opened.names]
        choice = Choice(tuple(matched(sheet.columns, views, opened.importing.key)), UPDATING)
    run = run_of(opened, upload, sheet, choice)
    if len(sheet.rows) > _AT_ONCE or not any(choice.fields):
        return page_of(opened, run)
    return _whole(opened, run, "check")


def _whole(opened: Opened, run: Run, step: str) -> Response:
    for _step in run.steps():
        pass
    if step == "check":
        run.keep_marks()
        return page_of(opened, run)
    _write(opened, run)
    if run.trouble:
        return page_of(opened, run, status=409)
    with rendering(opened.context):
        return told(opened, run.sentence, 200, run)


def _stream(opened: Opened, run: Run, step: str) -> Generator[list[Patch] | None, None, None]:
    tally, table = Tally("", run.plan.total), opened.view.id

    def progress() -> list[Patch]:
        with rendering(opened.context):
            tally.label, tally.done = _("Checking"), len(run.plan.lines)
            return [patch_elements(running(table, tally, stop=False))]

    yield progress()
    for _step in run.steps():
        yield progress()
    if step == "run":
        _write(opened, run)  # one step, so one transaction: committed before what follows is said
        if not run.trouble:
            yield None
            yield [gone(opened, run)]
            return
    else:
        run.keep_marks()
    yield [shown(opened, run)]


def _write(opened: Opened, run: Run) -> None:
    good = run.plan.count("create") + run.plan.count("update")
    if opened.view.definition.undo and good <= MOST_UNDONE:
        page, caller = opened.sent.page, opened.request.caller
        run.recorder = recorder_for(opened.target, OPERATION, caller, page)
    run.write()
    if run.trouble:
        run.recorder = None
