"""``POST /_nitro/import/<slug>/<step>``: a file is sent, looked at, and imported."""

from __future__ import annotations

from collections.abc import Coroutine, Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from nitro_events.http import response
from nitro_events.http.inputs import Input, form_input, read_input
from nitro_events.http.multipart import PartsReader, is_multipart
from nitro_events.http.problems import BadRequest, Forbidden, NotFound
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.http.streaming import reads_stream
from nitro_events.patches import Patch, patch_elements
from nitro_events.policy import can
from nitro_events.resources import FORM_PURPOSE, Seal, Target
from nitro_events.seal import BadSeal
from nitro_events.state import state
from nitro_events.threads import in_thread
from nitro_events.undoing import MOST as MOST_UNDONE
from nitro_templates import export, imports, shell
from nitro_templates.asking import Download
from nitro_templates.context import RenderContext, rendering
from nitro_templates.form.seal import FIELD
from nitro_templates.html import Element
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import spoken
from nitro_templates.imports import Unreadable, Way
from nitro_templates.page import Page
from nitro_templates.table import TableView, import_page
from nitro_templates.table.bulk import payload_of
from nitro_templates.table.import_page import Choice, ImportPage, report_of
from nitro_templates.table.importing import FILE, ID, MOST, OPERATION, SIZE, Importing, matched
from nitro_templates.table.progress import Tally, running
from nitro_templates.tags import A, P
from nitro_templates.tags import Input as InputTag
from nitro_templates.undo import undo_button

from . import import_files
from .context import context_of
from .export import send
from .import_files import Upload
from .import_plan import REFUSED, REFUSING, UPDATING, Planner, Task
from .import_run import Run
from .language import page as written
from .matching import view_again
from .sent import Sent
from .undo_many import recorder_for

CHECK, RUN = "import-check", "import-run"
_WANTED = {"upload": OPERATION, "check": CHECK, "run": RUN, "refused": RUN}
_AT_ONCE = 2000
"""How many rows are looked at before the first page is shown."""
_FIELDS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Opened:
    """A step of an import, with the table that offers it to this caller."""

    request: Request
    given: Input
    sent: Sent
    said: Mapping[str, Any]
    view: TableView
    target: Target
    importing: Importing

    @property
    def context(self) -> RenderContext:
        """The page with the table, which the import belongs to."""
        return replace(context_of(self.request, url=self.sent.page), referrer=self.sent.page)


def import_file(request: Request, *, slug: str, step: str) -> Coroutine[Any, Any, object]:
    """Answer one step: "upload", "check", "run", or "refused" for a file of those rows."""
    return _answer(request, slug, step)


async def _answer(request: Request, slug: str, step: str) -> object:
    if step not in _WANTED:
        raise NotFound
    sent_file = await _received(request) if step == "upload" else None
    given = sent_file.given if sent_file else await read_input(request)
    opened = await _opened(request, slug, given, _WANTED[step])
    if sent_file is not None:
        return await in_thread(_uploaded, opened, sent_file.content, sent_file.name)
    if step == "refused":
        return await in_thread(_refused_rows, opened)
    try:
        run = await in_thread(_prepared, opened, step)
    except Unreadable as trouble:
        return await in_thread(_told, opened, str(trouble), 422)
    if reads_stream(request):
        return _stream(opened, run, step)
    return await in_thread(_whole, opened, run, step)


@dataclass(slots=True)
class Received:
    """A form with a file, as it came."""

    given: Input
    content: bytes = b""
    name: str = ""


class _File(bytearray):
    name = ""

    def write(self, piece: bytes, /) -> None:
        """Add *piece*."""
        self.extend(piece)

    def end(self) -> str:
        """Answer the text of the field."""
        return self.name


async def _received(request: Request) -> Received:
    """Read the form; how large it may be was signed for this caller."""
    if not is_multipart(request):
        msg = "Send a form with a file"
        raise BadRequest(msg)
    try:
        signed = state.sealer.open(SIZE, request.query.get(MOST, [""])[-1])
    except BadSeal:
        signed = {}
    size = signed.get("b") if signed.get("u") == request.caller.id else None
    most = size if isinstance(size, int) else 0
    file = _File()

    def begin(field: str, name: str) -> _File | None:
        file.name = name
        return file if field == FILE and not file else None

    reader = PartsReader(request, begin)
    async for chunk in request.stream(most + _FIELDS):
        reader.write(chunk)
    parts = reader.end()
    return Received(form_input(parts.texts, parts.files), bytes(file), file.name)


async def _opened(request: Request, slug: str, given: Input, operation: str) -> Opened:
    if given.seal is None:
        msg = "Send a form that this application made"
        raise BadRequest(msg)
    payload = state.sealer.open(FORM_PURPOSE, given.seal)
    Seal.from_payload(payload).check(slug, None, operation, request.caller.id)
    sent = Sent.from_seal(payload)
    target = state.targets.named(slug)
    view = await view_again(request, sent)
    offered = view.definition.importing
    if target is None or offered is None or view.source.slug != slug:
        raise NotFound
    if not await in_thread(can, request.caller, OPERATION, target.kind):
        msg = "You may not do this"
        raise Forbidden(msg)
    said = cast("Mapping[str, Any]", payload.get("x") or {})
    return Opened(request, given, sent, said, view, target, offered)


def _uploaded(opened: Opened, content: bytes, name: str) -> Response:
    caller, kind = opened.request.caller, opened.target.kind
    with rendering(opened.context):
        try:
            sheet = imports.read(content, Way(), opened.importing.limits)
        except Unreadable as trouble:
            return _told(opened, str(trouble), 422)
    upload = import_files.keep(content, name, caller, kind)
    with rendering(opened.context):
        views = [view for view in opened.view.source.fields if view.name in _names(opened)]
        choice = Choice(tuple(matched(sheet.columns, views, opened.importing.key)), UPDATING)
    run = _run(opened, upload, sheet, choice)
    if len(sheet.rows) > _AT_ONCE or not any(choice.fields):
        return _page(opened, run)
    return _whole(opened, run, "check")


def _prepared(opened: Opened, step: str) -> Run:
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
    run = _run(opened, upload, sheet, choice)
    run.only_good = bool(values.get(import_page.ONLY_GOOD))
    return run


def _chosen(opened: Opened, width: int) -> Choice:
    """Read the choices. Only fields that the table offers, each once."""
    fit, values = {*_names(opened), ID}, opened.given.values
    fields = [_of(values, f"{import_page.COLUMN}{at}") for at in range(width)]
    named = [name for name in fields if name]
    if len({*named}) < len(named):
        raise Unreadable(_("Two columns become the same field. Choose another, or leave one out."))
    if not {*named} <= fit or (ID in named and opened.importing.key != ID):
        raise Unreadable(_("A column becomes a field that cannot be imported here."))
    existing = _of(values, import_page.EXISTING) or UPDATING
    return Choice(tuple(fields), existing if existing in (UPDATING, REFUSING) else REFUSING)


def _run(opened: Opened, upload: Upload, sheet: imports.Sheet, choice: Choice) -> Run:
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


def _whole(opened: Opened, run: Run, step: str) -> Response:
    for _step in run.steps():
        pass
    if step == "check":
        run.keep_marks()
        return _page(opened, run)
    _write(opened, run)
    if run.trouble:
        return _page(opened, run, status=409)
    with rendering(opened.context):
        return _told(opened, run.sentence, 200, run)


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
            yield [_gone(opened, run)]
            return
    else:
        run.keep_marks()
    yield [_shown(opened, run)]


def _write(opened: Opened, run: Run) -> None:
    good = run.plan.count("create") + run.plan.count("update")
    if opened.view.definition.undo and good <= MOST_UNDONE:
        page, caller = opened.sent.page, opened.request.caller
        run.recorder = recorder_for(opened.target, OPERATION, caller, page)
    run.write()
    if run.trouble:
        run.recorder = None


def _gone(opened: Opened, run: Run) -> Patch:
    # the context is entered and left in one step: the next one may be in another thread
    with rendering(opened.context):
        offer, page = run.offer(run.sentence), opened.sent.page
        if offer is not None:
            return patch_elements(shell.go_to(offer.on(page)))
        return patch_elements(shell.go_to(page, message=run.sentence))


def _shown(opened: Opened, run: Run) -> Patch:
    with rendering(opened.context):
        return patch_elements(str(_built(opened, run)))


def _page(opened: Opened, run: Run, status: int = 200) -> Response:
    with rendering(opened.context):
        page = Page(_built(opened, run), title=_title(opened), live=False)
        return written(str(page), status=status)


def _title(opened: Opened) -> str:
    return _("Import {things}", things=opened.view.source.plural.lower())


def _built(opened: Opened, run: Run) -> Element:
    view, context, choice, way = opened.view, opened.context, run.choice, run.task.sheet.way
    slug = opened.target.slug
    file = {"r": run.upload.ref, "p": run.upload.parts, "n": run.upload.name}
    chosen = {**file, "f": list(choice.fields), "e": way.encoding, "s": way.separator}
    chosen["d"] = choice.existing
    known = bool(run.plan.lines)
    page = ImportPage(
        view.id,
        view.source,
        opened.importing,
        run.task.sheet,
        choice,
        opened.sent.page,
        _sealed(opened, CHECK, file),
        _sealed(opened, RUN, chosen) if known else None,
        report_of(run.plan.lines) if known else None,
        (run.trouble,) if run.trouble else (),
        view.definition.undo,
    )
    steps = ("check", "run", "refused")
    return page.build(context, {step: context.links.imports(slug, step) for step in steps})


def _sealed(opened: Opened, operation: str, said: Mapping[str, object]) -> Element:
    payload = payload_of(opened.target.slug, operation, opened.view.id, opened.context)
    payload["p"], payload["x"] = opened.sent.page, dict(said)
    return InputTag(type="hidden", name=FIELD, value=state.sealer.sign(FORM_PURPOSE, payload))


def _told(opened: Opened, text: str, status: int, run: Run | None = None) -> Response:
    context = opened.context
    with rendering(context):
        if opened.request.is_datastar:
            toast = shell.toast(text, kind="error" if status >= 400 else "success")
            return response.events(
                [patch_elements(str(toast), selector="#nitro-toasts", mode="append")]
            )
        offer = None if run is None else run.offer(text)
        page = Page(
            P(text, role="alert" if status >= 400 else None),
            None if offer is None else undo_button(offer, replace(context, live=False)),
            P(A(_("Back"), href=opened.sent.page)),
            title=_title(opened),
            live=False,
        )
        return written(str(page), status=status)


def _refused_rows(opened: Opened) -> Response:
    """Answer the rows that are refused, with the reasons, as a file to mend and send again."""
    run = _prepared(opened, "refused")
    for _step in run.steps():
        pass
    sheet = run.task.sheet
    cells = dict(sheet.rows)
    with rendering(opened.context):
        heads = tuple((name, name) for name in (*sheet.columns, _("Why")))
        rows = [
            [*_padded(cells[line.number], len(sheet.columns)), _reasons(line.errors)]
            for line in run.plan.lines
            if line.does == REFUSED
        ]
        title = _("{things} not imported", things=opened.view.source.plural)
        options = export.Options(separator=sheet.way.separator or ",")
        written_rows = export.write("csv", export.Sheet(title, heads, iter([rows]), options))
        name = export.file_name(title, "csv")
        content = b"".join(written_rows)
        return send(Download("text/csv; charset=utf-8", [content], name), opened.context)


def _padded(cells: tuple[object, ...], width: int) -> list[Any]:
    return [*cells, *[""] * (width - len(cells))]


def _reasons(errors: Mapping[str, str]) -> str:
    said = ((name, spoken(text)) for name, text in errors.items())
    return "; ".join(f"{name}: {text}" if name else text for name, text in said)


def _names(opened: Opened) -> tuple[str, ...]:
    known = opened.target.fields()
    return tuple(name for name in opened.importing.fields if name in known)


def _of(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
