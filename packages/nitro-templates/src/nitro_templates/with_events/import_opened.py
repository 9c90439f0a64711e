"""A step of an import: which table offers it, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from nitro_events.http.inputs import Input
from nitro_events.http.problems import BadRequest, Forbidden, NotFound
from nitro_events.http.request import Request
from nitro_events.policy import can
from nitro_events.resources import FORM_PURPOSE, Seal, Target
from nitro_events.state import state
from nitro_events.texts import Text
from nitro_events.threads import in_thread
from nitro_templates.context import RenderContext
from nitro_templates.table import TableView
from nitro_templates.table.importing import OPERATION, Importing

from .context import context_of
from .matching import view_again
from .sent import Sent


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

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that may be imported."""
        known = self.target.fields()
        return tuple(name for name in self.importing.fields if name in known)


async def open_step(request: Request, slug: str, given: Input, operation: str) -> Opened:
    """Open the seal of the form, and ask the policy. Raises BadRequest, NotFound, Forbidden."""
    if given.seal is None:
        msg = Text("Send a form that this application made")
        raise BadRequest(msg)
    payload = state.sealer.open(FORM_PURPOSE, given.seal)
    Seal.from_payload(payload).check(slug, None, operation, request.caller.id)
    sent = Sent.with_request(request, payload)
    target = state.targets.named(slug)
    view = await view_again(request, sent)
    offered = view.definition.importing
    if target is None or offered is None or view.source.slug != slug:
        raise NotFound
    if not await in_thread(can, request.caller, OPERATION, target.kind):
        msg = Text("You may not do this")
        raise Forbidden(msg)
    said = cast("Mapping[str, Any]", payload.get("x") or {})
    return Opened(request, given, sent, said, view, target, offered)
