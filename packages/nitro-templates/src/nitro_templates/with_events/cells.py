"""What a browser is told that edits one cell, or runs the action of one row."""

from __future__ import annotations

import re

from nitro_events.http import response
from nitro_events.http.problems import Problem
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.outcomes import Outcome, Ran, Saved
from nitro_events.patches import patch_elements
from nitro_events.threads import in_thread
from nitro_templates import shell
from nitro_templates.sources import source_of
from nitro_templates.table import editing

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
            closed = editing.place(place[1], saved=True)
            return response.events([patch_elements(str(closed))])
        if request.headers.get("nitro-run") != "true" or not isinstance(outcome, Ran):
            return None
        silent = outcome.result is None and outcome.target is not None
        return await in_thread(_done, outcome) if silent else None


def _done(ran: Ran) -> Response:
    assert ran.target is not None
    label = source_of(ran.target.kind).actions[ran.name].label
    title = "" if ran.entity is None else f" {source_of(ran.entity).title_of(ran.entity)}"
    toast = shell.toast(f"{label}{title}: done")
    return response.events([patch_elements(str(toast), selector="#nitro-toasts", mode="append")])
