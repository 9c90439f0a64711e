"""A form once more: on the page it came from, or made from its seal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from nitro_events.http.operations import Operation
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.state import state
from nitro_events.threads import in_thread
from nitro_templates.context import FormState, RenderContext, rendering
from nitro_templates.form.find import find_form
from nitro_templates.page import Page

from .context import context_of
from .language import page as written
from .pages import form_for, title_for
from .sent import Sent

log = logging.getLogger("nitro_templates")


@dataclass(frozen=True, slots=True)
class Again:
    """A form that is shown again: alone, and on the page it came from."""

    html: str
    page: Callable[[int], Response]


async def form_again(request: Request, sent: Sent, forms: Mapping[str, FormState]) -> Again | None:
    """Ask for the page that the form came from once more; else make the form from its seal."""
    context = context_of(request, url=sent.page, forms=forms)
    with rendering(context):
        value = await page_again(request, sent.page)
        return await in_thread(lambda: _written_again(value, sent, context))


def _written_again(value: object, sent: Sent, context: RenderContext) -> Again | None:
    form = find_form(value, sent.key, context)
    page = value if form is not None and isinstance(value, Page) else _page_from_seal(sent)
    if page is None:
        return None
    read_by = page.read_by(context)
    with rendering(read_by):
        html = str(form or find_form(page, sent.key, read_by))

    def whole(status: int) -> Response:
        with rendering(read_by):
            return written(str(page), status=status)

    return Again(html, whole)


def _page_from_seal(sent: Sent) -> Page | None:
    target = state.targets.named(sent.slug) if sent.slug else None
    if target is None:
        return None
    entity = None
    if sent.id is not None and sent.operation != "create":
        entity = target.find(sent.id)
        if entity is None:
            return None
    form = form_for(target, entity, sent.operation)
    if sent.operation in ("create", "update"):
        form = form.only(*sent.fields)
    return Page(form.keyed(sent.key), title=title_for(target, entity, sent.operation))


async def page_again(request: Request, url: str) -> object | None:
    """Answer what the page returns that is *url* to browsers, None if that cannot be known."""
    try:
        inside = request.inside(url)  # here, for all who run pages again
        value = None if request.rerun is None else await request.rerun(inside)
        return await _rerun_own(request, inside) if value is None else value
    except Exception:  # the page fails for reasons of its own; its form can be made without it
        log.debug("The page of a refused form failed", exc_info=True)
        return None


async def _rerun_own(request: Request, url: str) -> object | None:
    parts = urlsplit(url)
    matched = state.routes.match("GET", unquote(parts.path))
    if matched is None or isinstance(matched.handler, Operation):
        return None
    again = Request(
        "GET",
        unquote(parts.path),
        query_string=parts.query,
        headers={"host": request.host},
        client=request.client,
        scheme=request.scheme,
        caller=request.caller,
        framework=request.framework,
        root=request.root,
    )
    handler = matched.handler
    return await in_thread(lambda: handler(again, **matched.params))
