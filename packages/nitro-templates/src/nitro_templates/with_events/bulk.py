"""One action on many things: what is asked of the browser first, and what it posts then."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any

from nitro_events.handed import Handed
from nitro_events.http import response
from nitro_events.http.callables import arguments_of
from nitro_events.http.inputs import Input, read_input
from nitro_events.http.problems import BadRequest, Forbidden, NotFound
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.http.streaming import reads_stream
from nitro_events.outcomes import Invalid
from nitro_events.patches import patch_elements
from nitro_events.policy import can
from nitro_events.resources import FORM_PURPOSE, Given, Seal, Target
from nitro_events.state import state
from nitro_events.texts import Text
from nitro_events.threads import in_thread
from nitro_templates import shell
from nitro_templates.context import rendering
from nitro_templates.form import RefusedForm
from nitro_templates.i18n import gettext as _
from nitro_templates.page import Page
from nitro_templates.sources import RowSource, row_source_of
from nitro_templates.table import TableView
from nitro_templates.table.actions import Offered, offer
from nitro_templates.table.bulk import (
    ALL,
    ASK,
    CONFIRMED,
    IDS,
    BulkForm,
    Chosen,
    key_of,
    operation_of,
)
from nitro_templates.table.progress import Tally, reasons
from nitro_templates.table.selection import MOST_IDS
from nitro_templates.tags import A, P
from nitro_templates.undo import undo_button

from .bulk_run import MOST, Doing, offer_of_many, run, run_whole, unique
from .context import context_of
from .language import page as written
from .matching import count_of, read_ids, view_again
from .sent import Sent
from .undo_many import recorder_for


@dataclass(frozen=True, slots=True)
class Posted:
    """A form for many, opened and looked at."""

    request: Request
    given: Input
    sent: Sent
    target: Target
    source: RowSource
    offered: Offered
    chosen: Chosen


def bulk(request: Request, *, slug: str, action: str) -> Coroutine[Any, Any, object]:
    """Answer ``POST /_nitro/bulk/<slug>/<action>``: ask first, then do it with progress."""
    return _answer(request, slug, action)


async def _answer(request: Request, slug: str, name: str) -> object:
    posted = await _opened(request, slug, name)
    view = await view_again(request, posted.sent) if posted.chosen.everything else None
    if CONFIRMED not in posted.given.values:
        return await in_thread(_question, posted, view)
    trouble = await in_thread(_wrong_arguments, posted)
    if trouble is not None:
        return await in_thread(_question, posted, view, trouble)
    doing = _doing(posted, view)
    if reads_stream(request):
        return run(doing)
    return await in_thread(_told, posted, doing, await run_whole(doing))


async def _opened(request: Request, slug: str, name: str) -> Posted:
    """Read the form. Raises BadSeal, BadRequest, NotFound or Forbidden if it is not ours."""
    given = await read_input(request)
    if given.kind != "form" or given.seal is None:
        msg = Text("Send a form that this application made")
        raise BadRequest(msg)
    payload = state.sealer.open(FORM_PURPOSE, given.seal)
    target = state.targets.named(slug)
    if target is None:
        raise NotFound
    wanted = operation_of(name) if CONFIRMED in given.values else ASK
    Seal.from_payload(payload).check(slug, None, wanted, request.caller.id)
    sent = Sent.with_request(request, payload)
    source = row_source_of(target.kind)
    offered = _offered(source, name)
    if not await in_thread(can, request.caller, offered.operation, target.kind):
        msg = Text("You may not do this")
        raise Forbidden(msg)
    chosen = _chosen(given)
    return Posted(request, given, sent, target, source, offered, chosen)


def _offered(source: RowSource, name: str) -> Offered:
    action = source.actions.get(name)
    if name != "delete" and (action is None or not action.bound or action.kind == "query"):
        raise NotFound
    return offer([name], source)[0]


def _chosen(given: Input) -> Chosen:
    if given.values.get(ALL):
        return Chosen(everything=True)
    ids = unique(given.lists.get(IDS, ()))
    if not ids:
        msg = Text("Nothing is selected. Tick the boxes of some rows first")
        raise BadRequest(msg)
    if len(ids) > MOST_IDS:
        msg = Text(
            "At most {most} can be selected one by one. Narrow the search and select all",
            most=MOST_IDS,
        )
        raise BadRequest(msg)
    return Chosen(ids, count=len(ids))


def _question(
    posted: Posted, view: TableView | None, trouble: RefusedForm | None = None
) -> Response:
    """Ask for the arguments and whether it is meant, as a page or in the dialog."""
    sent, name = posted.sent, posted.offered.name
    chosen = posted.chosen if view is None else replace(posted.chosen, count=count_of(view))
    forms = {} if trouble is None else {key_of(sent.key, name): trouble}
    context = context_of(posted.request, url=sent.page, forms=forms)
    with rendering(context):
        undo = sent.undo
        form = BulkForm(posted.source, posted.offered, sent.key, chosen, sent.page, undo=undo)
        if posted.request.is_datastar:
            content = shell.dialog_content(form, title=form.title)
            return response.events([patch_elements(str(content))])
        status = 200 if trouble is None else 422
        return written(str(Page(form, title=form.title, live=False)), status=status)


def _wrong_arguments(posted: Posted) -> RefusedForm | None:
    """Read the arguments once before anything is done; answer what was wrong with them."""
    declared = posted.target.actions().get(posted.offered.name)
    if declared is None:
        return None
    handed = Handed(posted.request.caller, posted.request)
    arguments = arguments_of(declared.function, of_entity=True)
    try:
        arguments.read(_as_given(posted), handed, complete=True)
    except Invalid as refused:
        return RefusedForm(values=refused.values, errors=refused.errors)
    return None


def _doing(posted: Posted, view: TableView | None) -> Doing:
    chosen, sent = posted.chosen.ids, posted.sent
    return Doing(
        posted.request,
        posted.source,
        posted.target,
        posted.offered.name,
        posted.offered.label,
        posted.sent.key,
        _as_given(posted),
        lambda: chosen if view is None else read_ids(view, MOST),
        asyncio.get_running_loop(),
        recorder_for(posted.target, posted.offered.operation, posted.request.caller, sent.page)
        if sent.undo
        else None,
    )


def _as_given(posted: Posted) -> Given:
    return Given(posted.given.values, posted.given.lists, form=True)


def _told(posted: Posted, doing: Doing, tally: Tally) -> Response:
    """Say on a page what came of it."""
    context, offer = context_of(posted.request), offer_of_many(doing, tally)
    page = Page(
        P(tally.sentence),
        reasons(tally.lines),
        None if offer is None else undo_button(offer, replace(context, live=False)),
        P(A(_("Back"), href=posted.sent.page)),
        title=posted.offered.label,
        live=False,
    )
    with rendering(context):
        return written(str(page))
