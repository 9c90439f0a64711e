"""What is offered after something was done: the button by which it is taken back."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from nitro_events.http.request import Request
from nitro_events.outcomes import Deleted, Outcome, Saved
from nitro_events.patches import Patch, patch_elements, remove_elements
from nitro_events.seal import BadSeal
from nitro_events.undoing import ticket_of
from nitro_templates.context import RenderContext
from nitro_templates.html import Tag
from nitro_templates.shell import toast
from nitro_templates.toasts import Kind
from nitro_templates.undo import PARAMETER, UndoOffer, undo_toast

TOASTS = "#nitro-toasts"
OFFERED = f"{TOASTS} > :is(.nitro-toast:has(.nitro-undo), .nitro-withdrawn)"
_MARK = Tag("i")(cls="nitro-withdrawn", hidden=True)


def offer_of(outcome: Outcome, text: str, page: str) -> UndoOffer | None:
    """Answer what is offered after *outcome*; *page* is where its user goes on."""
    ticket = outcome.undo if isinstance(outcome, Saved | Deleted) else None
    return None if ticket is None else UndoOffer(text, ticket.sealed(text, page))


def offer_in(request: Request) -> UndoOffer | None:
    """Answer what the URL of a page offers, if that was made here and for this caller."""
    sealed = request.query.get(PARAMETER, [""])[-1]
    if not sealed or request.method != "GET":
        return None
    try:
        ticket = ticket_of(sealed, request.caller)
    except BadSeal:
        return None  # an old address, or somebody else's
    return UndoOffer(ticket.text, sealed)


def told(
    text: str, offer: UndoOffer | None, context: RenderContext, kind: Kind = "success"
) -> list[Patch]:
    """Answer the patches that say what was done, with the button if there is an *offer*.

    One button stands at a time: the last thing that was done is what people want back.
    """
    if offer is None:
        return [patch_elements(toast(text, kind=kind), selector=TOASTS, mode="append")]
    shown = undo_toast(offer, context, kind=kind)
    return [*withdrawn(), patch_elements(shown, selector=TOASTS, mode="append")]


def withdrawn() -> list[Patch]:
    """Answer the patches that take away the button, if one stands."""
    # a removal that finds nothing is a warning in the console, so it always finds the mark
    return [patch_elements(_MARK, selector=TOASTS, mode="append"), remove_elements(OFFERED)]


def without_offer(url: str) -> str:
    """Answer *url* without an offer in it."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if name != PARAMETER]
    return url if len(kept) == len(pairs) else parts._replace(query=urlencode(kept)).geturl()
