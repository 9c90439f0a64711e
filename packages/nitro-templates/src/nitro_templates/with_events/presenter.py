"""Answers to forms, for browsers: Datastar gets patches, others get pages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from nitro_events.http import response, results
from nitro_events.http.problems import Problem
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.outcomes import Deleted, Outcome, Ran, Saved, Stepped
from nitro_events.patches import Mode, Patch, patch_elements
from nitro_events.threads import in_thread
from nitro_templates import shell
from nitro_templates.context import RenderContext, rendering
from nitro_templates.error_pages import Failure, page_of, plain_page_of
from nitro_templates.fields.formats import text_of
from nitro_templates.form.seal import with_step
from nitro_templates.html import Tag
from nitro_templates.i18n import current_reader, spoken
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n.labels import own
from nitro_templates.page import Page
from nitro_templates.sources import source_of
from nitro_templates.undo import UndoOffer, undo_button

from .context import context_of, referrer
from .language import page as written
from .links import links
from .nonces import nonce_of
from .offers import offer_of, without_offer
from .offers import told as said
from .refused import state_as_typed, state_of, told
from .rerun import form_again
from .sent import Seal, Sent

_p, _a = Tag("p"), Tag("a")

log = logging.getLogger("nitro_templates")


class HtmlPresenter:
    """Answers browsers: Datastar with patches and status 200, others with pages."""

    async def present(
        self, request: Request, outcome: Outcome | Problem, seal: Seal | None, /
    ) -> Response | None:
        """Answer None for programs that read JSON, which somebody else answers."""
        if not request.wants_html:
            return None
        await request.identify()  # what is shown may depend on who asks
        sent = None if seal is None else Sent.with_request(request, seal)
        if isinstance(outcome, Problem):
            return await _failure(request, outcome, sent)
        return await _success(request, outcome, sent)


async def _success(request: Request, outcome: Outcome, sent: Sent | None) -> Response | None:
    shown = _shown_by_result(request, outcome, sent)
    if shown is not None:
        return await in_thread(shown)
    if sent is None:
        return _back(request, outcome)
    if isinstance(outcome, Stepped):
        url = with_step(sent.page, outcome.step)
        if request.is_datastar:
            message = "" if outcome.note is None else spoken(outcome.note)
            return _patches(patch_elements(shell.go_to(url, message=message, kind="warning")))
        return response.redirect(url)
    message = await in_thread(lambda: _message(outcome))
    stays = _start(request) if isinstance(outcome, Deleted) else sent.page
    offer = offer_of(outcome, message, sent.next or stays)
    if not request.is_datastar:
        return _go_on(request, outcome, sent, message, offer)
    if request.wants_dialog:
        closed = patch_elements(shell.dialog_closed())
        return _patches(closed, *said(message, offer, context_of(request)))
    following = sent.next or (_start(request) if isinstance(outcome, Deleted) else None)
    if following is None:
        return await _fresh_form(request, sent, message, offer)
    if offer is not None:  # which the page shows that the browser goes to
        return _patches(patch_elements(shell.go_to(offer.on(following))))
    return _patches(patch_elements(shell.go_to(following, message=message)))


def _shown_by_result(
    request: Request, outcome: Outcome, sent: Sent | None
) -> Callable[[], Response | None] | None:
    """Answer how the result of an action shows itself, None if it does not."""
    if not isinstance(outcome, Ran):
        return None
    patches = results.patches_of(outcome.result)
    if patches is not None and sent is not None and request.wants_dialog:
        return lambda: _patches(*patches, patch_elements(shell.dialog_closed()))
    if patches is not None or isinstance(outcome.result, Response) or _is_markup(outcome.result):
        return partial(results.to_response, outcome.result, request)
    if sent is None and request.is_datastar and isinstance(outcome.result, str | int | float):
        # a click without a form: as JSON it would be taken for signals
        return lambda: _patches(_toast(_message(outcome)))
    return None


def _is_markup(value: object) -> bool:
    return hasattr(type(value), "__html__")


def _back(request: Request, outcome: Outcome) -> Response | None:
    """Answer a hand-written form, which has no seal, by going back to its page."""
    nothing = isinstance(outcome, Ran) and outcome.result is None
    if request.is_datastar or request.content_type == "application/json" or not nothing:
        return None
    return response.redirect(referrer(request) or _start(request))


def _start(request: Request) -> str:
    return f"{request.root}/"


def _go_on(
    request: Request, outcome: Outcome, sent: Sent, message: str, offer: UndoOffer | None
) -> Response:
    if sent.next is not None:
        return response.redirect(sent.next if offer is None else offer.on(sent.next))
    if (
        isinstance(outcome, Saved)
        and outcome.created
        and sent.page == links(request).new(sent.slug or "")
    ):
        id = outcome.target.id_of(outcome.entity)
        return response.redirect(links(request).edit(outcome.target.slug, id))
    if isinstance(outcome, Deleted) or not sent.page.isascii():
        button = (
            None if offer is None else undo_button(offer, replace(context_of(request), live=False))
        )
        start = _p(_a(_("To the start"), href=_start(request)))
        page = Page(_p(message), button, start, title=message)
        with rendering(RenderContext(lang=current_reader().lang, nonce=nonce_of(request))):
            return written(str(page))
    back = without_offer(sent.page)
    return response.redirect(back if offer is None else offer.on(back))


def _message(outcome: Saved | Deleted | Ran) -> str:
    if isinstance(outcome, Ran):
        label = outcome.name.replace("_", " ").capitalize()
        if outcome.target is not None:
            label = own(source_of(outcome.target.kind).actions[outcome.name].label)
        plain = isinstance(outcome.result, str | int | float)
        done = _("{action}: done", action=label)
        return f"{label}: {text_of(outcome.result)}" if plain else done
    label = source_of(outcome.target.kind).label
    if isinstance(outcome, Deleted):
        return _("{thing} deleted", thing=label)
    saved = _("{thing} saved", thing=label)
    return _("{thing} created", thing=label) if outcome.created else saved


async def _fresh_form(
    request: Request, sent: Sent, message: str, offer: UndoOffer | None
) -> Response:
    """Send the form again with a new seal: the next one it saves is another one.

    One that edits stays the same, with what was typed since it was sent.
    """
    form = await form_again(request, sent, {})
    mode: Mode = "outer" if sent.operation == "update" else "replace"
    patches = [patch_elements(form.html, mode=mode)] if form is not None else []
    return _patches(*patches, *said(message, offer, context_of(request)))


async def _failure(request: Request, problem: Problem, sent: Sent | None) -> Response:
    if sent is not None:
        refused = await _refused_form(request, problem, sent)
        if refused is not None:
            return refused
    if not request.is_datastar:
        return await in_thread(lambda: _problem_page(request, problem))
    text = told(problem)
    if request.is_safe and request.wants_dialog:
        content = shell.dialog_content(_p(text), title=spoken(problem.title))
        return _patches(patch_elements(content))
    # the form stays as it is, and so does what was typed
    return _patches(_toast(text, kind="error"))


def _problem_page(request: Request, problem: Problem) -> Response:
    failure = Failure(
        problem.status,
        problem.title,
        problem.detail,
        problem.errors,
        problem.id,
        referrer(request) or _start(request),
    )
    with rendering(context_of(request)):
        try:
            html = str(page_of(failure))
        except Exception:  # the application's own page or frame: what went wrong comes first
            log.exception("The page for status %s failed", problem.status)
            html = str(plain_page_of(failure))
        return written(html, status=problem.status, headers=problem.headers)


async def _refused_form(request: Request, problem: Problem, sent: Sent) -> Response | None:
    """Show the form again with all that was typed; None if that is not the answer."""
    if problem.refused is not None:
        form_state = state_of(problem.refused, sent)
    elif problem.status in (409, 422) and not request.is_datastar:
        form_state = await state_as_typed(request, problem, sent)
    else:
        return None
    again = await form_again(request, sent, {sent.key: form_state})
    if again is None:
        return None
    if request.is_datastar:
        return _patches(patch_elements(again.html))
    return await in_thread(lambda: again.page(problem.status))


def _patches(*patches: Patch) -> Response:
    return response.events(patches)


def _toast(text: str, *, kind: Any = "success") -> Patch:
    return patch_elements(shell.toast(text, kind=kind), selector="#nitro-toasts", mode="append")
