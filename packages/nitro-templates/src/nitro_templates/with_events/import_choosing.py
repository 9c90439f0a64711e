"""What was chosen for an import: how the file is read, what its columns become."""

from __future__ import annotations

from collections.abc import Mapping

from nitro_templates import imports
from nitro_templates.context import rendering
from nitro_templates.i18n import gettext as _
from nitro_templates.imports import Unreadable, Way
from nitro_templates.table import import_page
from nitro_templates.table.import_page import Choice
from nitro_templates.table.import_report import ONLY_GOOD
from nitro_templates.table.importing import ID

from . import import_files
from .import_files import Upload
from .import_lines import REFUSING, UPDATING
from .import_opened import Opened
from .import_plan import Planner, Task
from .import_run import Run


def prepared(opened: Opened, step: str) -> Run:
    """Read the file again, as it was chosen. Raises Unreadable."""
    said, values = opened.said, opened.given.values
    upload = Upload(str(said.get("r")), int(said.get("p") or 0), str(said.get("n") or ""))
    content = import_files.load(upload, opened.request.caller, opened.target.kind)
    with rendering(opened.context):
        if step == "check":
            way = Way(_of(values, import_page.ENCODING), _of(values, import_page.SEPARATOR))
            sheet = imports.read(content, way, opened.importing.limits)
            choice = _chosen(opened, len(sheet.columns))
        else:
            way = Way(str(said.get("e") or ""), str(said.get("s") or ""))
            sheet = imports.read(content, way, opened.importing.limits)
            choice = Choice(tuple(said.get("f") or ()), str(said.get("d")))
    run = run_of(opened, upload, sheet, choice)
    run.only_good = bool(values.get(ONLY_GOOD))
    return run


def _chosen(opened: Opened, width: int) -> Choice:
    """Read the choices. Only fields that the table offers, each once."""
    fit, values = {*opened.names, ID}, opened.given.values
    fields = [_of(values, f"{import_page.COLUMN}{at}") for at in range(width)]
    named = [name for name in fields if name]
    if len({*named}) < len(named):
        raise Unreadable(_("Two columns become the same field. Choose another, or leave one out."))
    if not {*named} <= fit or (ID in named and opened.importing.key != ID):
        raise Unreadable(_("A column becomes a field that cannot be imported here."))
    existing = _of(values, import_page.EXISTING) or UPDATING
    return Choice(tuple(fields), existing if existing in (UPDATING, REFUSING) else REFUSING)


def run_of(opened: Opened, upload: Upload, sheet: imports.Sheet, choice: Choice) -> Run:
    """Answer what goes through the rows of *sheet*."""
    columns = {name: at for at, name in enumerate(choice.fields) if name}
    key = opened.importing.key
    task = Task(
        opened.target,
        opened.view.source,
        sheet,
        columns,
        key,
        choice.existing,
        opened.request.caller,
    )
    with rendering(opened.context):
        return Run(opened.request, opened.context, upload, choice, Planner(task))


def _of(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
