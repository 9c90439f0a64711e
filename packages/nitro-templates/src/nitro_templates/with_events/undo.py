"""What was done is taken back: the offer, and ``POST /_nitro/undo``."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from nitro_events.http import response
from nitro_events.http.inputs import read_input
from nitro_events.http.problems import BadRequest, Forbidden, NotFound
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.patches import patch_elements
from nitro_events.policy import can
from nitro_events.resources import Target
from nitro_events.state import state
from nitro_events.texts import Text
from nitro_events.threads import in_thread
from nitro_events.undoing import CannotUndo, Ticket, Undoing, ticket_of
from nitro_templates.context import rendering
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import ngettext
from nitro_templates.page import Page
from nitro_templates.shell import toast
from nitro_templates.sources import source_of
from nitro_templates.table.importing import OPERATION
from nitro_templates.tags import A, P

from .context import context_of
from .language import page as written
from .offers import TOASTS, withdrawn, without_offer


def undo(request: Request) -> Coroutine[Any, Any, object]:
    """Answer ``POST /_nitro/undo``: put everything back in one transaction, or nothing."""
    return _answer(request)


async def _answer(request: Request) -> Response:
    given = await read_input(request)
    if given.seal is None:
        msg = Text("Send a form that this application made")
        raise BadRequest(msg)
    ticket = ticket_of(given.seal, request.caller)
    target = state.targets.named(ticket.slug)
    if target is None:
        raise NotFound
    count = await in_thread(_put_back, request, ticket, target)
    return await in_thread(_said, request, ticket, count)


def _put_back(request: Request, ticket: Ticket, target: Target) -> int:
    memory, caller = state.part(Undoing).memory, request.caller
    if memory is None or not memory.may(target.kind):
        raise CannotUndo
    # who may not do it any more may not take it back either; asked as it was for the action
    if not can(caller, ticket.operation, target.kind):
        raise Forbidden(_NOT_YOU)

    def allowed(entity: object, created: bool) -> bool:
        if not isinstance(entity, target.kind):
            return True
        if ticket.operation == OPERATION:  # asked about the class, and so about each row
            return can(caller, "create", target.kind) if created else can(caller, "update", entity)
        return can(caller, ticket.operation, entity)

    def name(entity: object) -> str:
        return source_of(entity).title_of(entity)

    try:
        return memory.put_back(ticket.key, caller.id, target.kind, allowed, name)
    except PermissionError:
        raise Forbidden(_NOT_YOU) from None


_NOT_YOU = Text("You may not do this")


def _said(request: Request, ticket: Ticket, count: int) -> Response:
    with rendering(context_of(request)):
        text = _("Undone: {what}", what=ticket.text) if ticket.text else _("Undone")
        if count > 1:
            text += " (" + ngettext("{count} change", "{count} changes", count) + ")"
        if request.is_datastar:
            said = patch_elements(toast(text), selector=TOASTS, mode="append")
            return response.events([*withdrawn(), said])
        back = without_offer(ticket.page if response.is_local(ticket.page) else "/")
        page = Page(P(text), P(A(_("Back"), href=back)), title=_("Undone"), live=False)
        return written(str(page))
