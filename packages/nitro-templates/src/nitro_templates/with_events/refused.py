"""What a form that was not accepted shows when it comes back."""

from __future__ import annotations

from nitro_events.fields import text_of
from nitro_events.http.inputs import read_input
from nitro_events.http.problems import Problem
from nitro_events.http.request import Request
from nitro_events.outcomes import Rearranged, Refused, Taken
from nitro_events.trees import typed_texts
from nitro_templates.context import Conflict
from nitro_templates.form import RefusedForm
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import spoken

from .sent import Sent


def state_of(refused: Refused, sent: Sent) -> RefusedForm:
    """Answer what is shown after the fields themselves were refused."""
    notice = None
    if isinstance(refused, Rearranged):
        notice = _("The list is changed in the form. Save to keep it.")
    elif isinstance(refused, Taken):
        notice = _("Their value is in the form now. Save to keep your other changes.")
    elif refused.conflicts:
        notice = _("Not saved: somebody else changed this meanwhile. Nothing you typed is lost.")
    return RefusedForm(
        values=refused.values,
        errors=refused.errors,
        conflicts={
            name: Conflict(mine=found.mine, theirs=found.theirs, by=found.by, at=found.at)
            for name, found in refused.conflicts.items()
        },
        notice=notice,
        digests=refused.digests,
        next=sent.next,
    )


async def state_as_typed(request: Request, problem: Problem, sent: Sent) -> RefusedForm:
    """Answer what is shown when only the request tells what was typed."""
    given = await read_input(request, files=True)
    typed = typed_texts(given.values, given.lists)
    values = {name: text_of(typed.get(name, "")) for name in sent.fields}
    errors = dict(problem.errors) or {"": told(problem)}
    return RefusedForm(values=values, errors=errors, digests=sent.digests, next=sent.next)


def told(problem: Problem) -> str:
    """Answer *problem* in words, with the number it has in the log."""
    said = [problem.detail, *problem.errors.values()]
    text = " ".join(spoken(part) for part in said if part) or spoken(problem.title)
    return f"{text} ({problem.id})" if problem.id else text
