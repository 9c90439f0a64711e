"""What a browser is told that edits one cell, or runs the action of one row."""

from __future__ import annotations

import re

from nitro_events.http import response
from nitro_events.http.problems import Problem
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.outcomes import Outcome, Ran, Saved
from nitro_events.patches import Patch, patch_elements
from nitro_events.threads import in_thread
from nitro_templates import shell
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n.labels import own
from nitro_templates.sources import source_of
from nitro_templates.table import editing

from .context import context_of
from .offers import offer_of, told
from .sent import Seal

_PLACE = re.compile(r"([A-Za-z0-9_-]{1,100})-cell", re.ASCII)


class CellPresenter:
    """Answers where the page shows by itself what was done; all else is for the others."""

    async def present(
        self, request: Request, outcome: Outcome | Problem, seal: Seal | None, /
    ) -> Response | None:
        """Close the editor of a cell that was saved; tell of an action that returned nothing."""
        if not request.is_datastar:
            return None
        place = _PLACE.fullmatch(request.headers.get("nitro-cell", ""))
        if place is not None and isinstance(outcome, Saved):
            closed = patch_elements(editing.place(place[1], saved=True))
            if outcome.undo is None:  # that it is saved is seen in the cell
                return response.events([closed])
            return await in_thread(_saved, request, outcome, closed)
        if request.headers.get("nitro-run") != "true" or not isinstance(outcome, Ran):
            return None
        silent = outcome.result is None and outcome.target is not None
        return await in_thread(_done, outcome) if silent else None


def _saved(request: Request, saved: Saved, closed: Patch) -> Response:
    source, context = source_of(saved.entity), context_of(request)
    text = _("{name} saved", name=source.title_of(saved.entity))
    offer = offer_of(saved, text, context.referrer or f"{request.root}/")
    return response.events([closed, *told(text, offer, context)])


def _done(ran: Ran) -> Response:
    assert ran.target is not None
    label = own(source_of(ran.target.kind).actions[ran.name].label)
    if ran.entity is not None:
        label = f"{label} {source_of(ran.entity).title_of(ran.entity)}"
    toast = shell.toast(_("{action}: done", action=label))
    return response.events([patch_elements(str(toast), selector="#nitro-toasts", mode="append")])
