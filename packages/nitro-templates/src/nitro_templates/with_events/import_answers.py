"""What comes of a step of an import: its page again, a message, or the page of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nitro_events.http import response
from nitro_events.http.response import Response
from nitro_events.patches import Patch, patch_elements
from nitro_events.resources import FORM_PURPOSE
from nitro_events.state import state
from nitro_templates import shell
from nitro_templates.context import rendering
from nitro_templates.form.seal import FIELD
from nitro_templates.html import Element
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import inside
from nitro_templates.page import Page
from nitro_templates.table.bulk import payload_of
from nitro_templates.table.import_page import ImportPage
from nitro_templates.table.import_report import report_of
from nitro_templates.tags import A, P
from nitro_templates.tags import Input as InputTag
from nitro_templates.undo import undo_button

from .import_opened import Opened
from .import_run import Run
from .language import page as written

CHECK, RUN = "import-check", "import-run"


def page_of(opened: Opened, run: Run, status: int = 200) -> Response:
    """Answer the page of the import, with what is known of its rows."""
    with rendering(opened.context):
        page = Page(_built(opened, run), title=_title(opened), live=False)
        return written(str(page), status=status)


def shown(opened: Opened, run: Run) -> Patch:
    """Answer the same as a patch of the page."""
    with rendering(opened.context):
        return patch_elements(str(_built(opened, run)))


def gone(opened: Opened, run: Run) -> Patch:
    """Lead to the page of the table, which says what was done."""
    # the context is entered and left in one step: the next one may be in another thread
    with rendering(opened.context):
        offer, page = run.offer(run.sentence), opened.sent.page
        if offer is not None:
            return patch_elements(shell.go_to(offer.on(page)))
        return patch_elements(shell.go_to(page, message=run.sentence))


def told(opened: Opened, text: str, status: int, run: Run | None = None) -> Response:
    """Answer *text* as a toast, or as a page; with what takes back the *run*, if there is one."""
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


def _title(opened: Opened) -> str:
    return _("Import {things}", things=inside(opened.view.source.plural))


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
