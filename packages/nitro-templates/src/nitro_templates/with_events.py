"""The joint with nitro_events: pages become responses, and answers to forms become pages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from nitro_events.http import csrf, response, results
from nitro_events.http.inputs import read_input
from nitro_events.http.operations import Operation
from nitro_events.http.problems import Forbidden, NotFound, Problem
from nitro_events.http.request import Request, current_request
from nitro_events.http.response import Response
from nitro_events.http.routes import Matched
from nitro_events.live.stream import Stream
from nitro_events.outcomes import Deleted, Outcome, Ran, Refused, Saved, Taken
from nitro_events.patches import Patch, patch_elements
from nitro_events.policy import can
from nitro_events.state import state
from nitro_events.threads import in_thread
from nitro_templates import assets, shell
from nitro_templates.component import Component
from nitro_templates.context import Conflict, FormState, PlainLinks, RenderContext, rendering
from nitro_templates.fields.formats import text_of
from nitro_templates.fields.source import source_of
from nitro_templates.form import Form, RefusedForm
from nitro_templates.form.find import find_form
from nitro_templates.html import Element, Tag
from nitro_templates.page import Page
from nitro_templates.state import state as own_state

if TYPE_CHECKING:
    from nitro_events.resources import Target

__all__ = ["HtmlPresenter", "connect", "context_of"]

Seal = Mapping[str, Any]
log = logging.getLogger("nitro_templates")
_p, _a = Tag("p"), Tag("a")


def connect() -> None:
    """Answer with pages: register the converter, the assets, the form pages, the presenter."""
    results.register(_is_ours, _convert)
    state.routes.add("GET", "/_nitro/{hash}/{name}", _asset, "nitro.asset")
    state.routes.provide(FormPages())
    state.presenters.append(HtmlPresenter())
    own_state.request_context = _context_of_current_request


def context_of(
    request: Request, *, url: str | None = None, forms: Mapping[str, FormState] | None = None
) -> RenderContext:
    """Make what components may know of *request*; *url*: as if that page had been asked for."""
    query = {name: values for name, values in request.query.items() if name != "datastar"}
    path = request.path
    if url is not None:
        parts = urlsplit(url)
        path, query = unquote(parts.path), parse_qs(parts.query, keep_blank_values=True)
    caller = request.caller
    prefix = state.settings.prefix
    if prefix and own_state.asset_base is None:
        own_state.asset_base = f"{prefix}/_nitro"
    return RenderContext(
        path=path,
        query=query,
        url=url or _url(request.path, query),
        links=PlainLinks(prefix),
        sealer=state.sealer,
        can=partial(can, caller),
        caller_id=caller.id,
        caller_name=caller.label,
        # read before anything that the page shows is read
        cursor=str(state.hub.position),
        live=True,
        forms=forms or {},
        referrer=_referrer(request),
    )


def _context_of_current_request() -> RenderContext | None:
    """Answer what a handler needs that writes a component itself, as with ``str(form)``."""
    request = current_request.get()
    return None if request is None else context_of(request)


def _url(path: str, query: Mapping[str, list[str]]) -> str:
    path = quote(path)  # that of a request is decoded
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


def _referrer(request: Request) -> str | None:
    """Answer the page of this application that the request came from."""
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.netloc.lower() != request.host or not parts.path:
        return None
    url = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return url if response.is_local(url) and url.isascii() else None


def _is_ours(value: object) -> bool:
    return isinstance(value, Component | Element)


def _convert(value: object, request: Request, status: int) -> Response:
    """Choose the representation: an event stream, content for the dialog, or HTML."""
    context = context_of(request)
    with rendering(context):
        if isinstance(value, Page):
            if request.is_safe and request.live_cursor is not None:
                return _stream(value, request, context)
            if request.wants_dialog:
                return response.events([patch_elements(value.for_dialog())])
        return response.html(str(value), status=status)


def _stream(page: Page, request: Request, context: RenderContext) -> Response:
    csrf.check(request)
    views = page.views(context) if page.live else ()
    if not (views or page.topics) or not can(request.caller, "stream", page):
        return response.empty()  # 204: the client stops asking
    cursor = request.live_cursor or ""
    position = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 20 else None
    # made in here, so that it renders in this context
    return Response(200, stream=Stream(state.hub, views, page.topics, position))


def _asset(request: Request, *, hash: str, name: str) -> Response:
    found = assets.find(request.path)
    if found is None:
        msg = "This file is not there any more. Reload the page"
        raise NotFound(msg)
    headers = [
        ("content-type", found.content_type),
        ("cache-control", assets.CACHE_CONTROL),
        ("x-content-type-options", "nosniff"),
    ]
    return Response(200, headers, found.body)


class FormPages:
    """The generated pages with forms: new, edit, delete, and the arguments of actions."""

    def find(self, path: str, /) -> Mapping[str, Matched]:
        """Answer the page at *path*, if there is one."""
        slug, *rest = path[1:].split("/")
        target = state.targets.named(slug) if slug and all(rest) and 1 <= len(rest) <= 2 else None
        if target is None:
            return {}
        page = _page_at(target, rest)
        return {} if page is None else {"GET": Matched(page, {}, f"{slug}.form")}


def _page_at(target: Target, rest: list[str]) -> Callable[[Request], Page] | None:
    *id, name = rest
    if not id and name == "new":
        return partial(_form_page, target, None, "create")
    if id and name in ("edit", "delete"):
        return partial(_form_page, target, id[0], "update" if name == "edit" else "delete")
    declared = target.actions().get(name)
    # a query answers GET itself; one of a class has no id, one of an entity has
    if declared is None or declared.action.kind == "query" or declared.on_class == bool(id):
        return None
    return partial(_form_page, target, id[0] if id else None, name)


def _form_page(target: Target, id: str | None, operation: str, request: Request) -> Page:
    """Show the form for *operation*; who may not is not told whether the entity exists."""
    named = operation in ("create", "update", "delete")
    asked = operation if named else f"action:{operation}"
    if not can(request.caller, asked, target.kind):
        msg = "You may not do this"
        raise Forbidden(msg)
    entity = None if id is None else target.load(id)
    if entity is not None and not can(request.caller, asked, entity):
        msg = "You may not do this"
        raise Forbidden(msg)
    form = _form_for(target, entity, operation)
    back = _referrer(request)
    if back is not None and unquote(urlsplit(back).path) != request.path:
        form = form.on_saved(redirect=back)
    return Page(form, title=_title(target, entity, operation))


def _form_for(target: Target, entity: object | None, operation: str) -> Form:
    subject = target.kind if entity is None else entity
    if operation in ("create", "update"):
        return Form.from_entity(subject)
    source = source_of(subject)
    if operation == "delete":
        return Form.for_deletion(source, entity)
    return Form.for_action(source, entity, source.actions[operation])


def _title(target: Target, entity: object | None, operation: str) -> str:
    source = source_of(target.kind)
    name = source.title_of(entity) if entity is not None else source.label.lower()
    if operation in ("create", "update", "delete"):
        return f"{ {'create': 'New', 'update': 'Edit', 'delete': 'Delete'}[operation] } {name}"
    return f"{source.actions[operation].label}: {name}"


@dataclass(frozen=True, slots=True)
class Sent:
    """The form that a request came with."""

    slug: str | None
    id: str | None
    operation: str
    key: str
    page: str
    next: str | None
    fields: tuple[str, ...]
    digests: Mapping[str, str]

    @classmethod
    def from_seal(cls, seal: Seal) -> Sent:
        """Read what was sealed by `Form`; only paths of this application are kept."""
        page, following = seal.get("p"), seal.get("n")
        return cls(
            slug=seal.get("c"),
            id=seal.get("i"),
            operation=str(seal.get("o")),
            key=str(seal.get("k")),
            page=page if isinstance(page, str) and response.is_local(page) else "/",
            next=following if _fit(following) else None,
            fields=tuple(seal.get("f") or ()),
            digests=dict(seal.get("d") or {}),
        )


def _fit(url: object) -> bool:
    return isinstance(url, str) and response.is_local(url) and url.isascii()


class HtmlPresenter:
    """Answers browsers: Datastar with patches and status 200, others with pages."""

    async def present(
        self, request: Request, outcome: Outcome | Problem, seal: Seal | None, /
    ) -> Response | None:
        """Answer None for programs that read JSON, which somebody else answers."""
        if not request.wants_html:
            return None
        sent = None if seal is None else Sent.from_seal(seal)
        if isinstance(outcome, Problem):
            return await _failure(request, outcome, sent)
        return await _success(request, outcome, sent)


async def _success(request: Request, outcome: Outcome, sent: Sent | None) -> Response | None:
    shown = _shown_by_result(request, outcome, sent)
    if shown is not None:
        return await in_thread(shown)
    if sent is None:
        return _back(request, outcome)
    message = await in_thread(lambda: _message(outcome))
    if not request.is_datastar:
        return _go_on(outcome, sent, message)
    if request.wants_dialog:
        return _patches(patch_elements(shell.dialog_closed()), _toast(message))
    if sent.next is not None:
        return _patches(patch_elements(shell.go_to(sent.next, message=message)))
    if isinstance(outcome, Deleted):
        return _patches(patch_elements(shell.go_to("/", message=message)))
    return await _fresh_form(request, sent, message)


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
    return None


def _is_markup(value: object) -> bool:
    return hasattr(type(value), "__html__")


def _back(request: Request, outcome: Outcome) -> Response | None:
    """Answer a hand-written form, which has no seal, by going back to its page."""
    nothing = isinstance(outcome, Ran) and outcome.result is None
    if request.is_datastar or request.content_type == "application/json" or not nothing:
        return None
    return response.redirect(_referrer(request) or "/")


def _go_on(outcome: Outcome, sent: Sent, message: str) -> Response:
    if sent.next is not None:
        return response.redirect(sent.next)
    if (
        isinstance(outcome, Saved)
        and outcome.created
        and sent.page == _links().new(sent.slug or "")
    ):
        id = outcome.target.id_of(outcome.entity)
        return response.redirect(_links().edit(outcome.target.slug, id))
    if isinstance(outcome, Deleted) or not sent.page.isascii():
        page = Page(_p(message), _p(_a("To the start", href="/")), title=message)
        with rendering(RenderContext()):
            return response.html(str(page))
    return response.redirect(sent.page)


def _links() -> PlainLinks:
    return PlainLinks(state.settings.prefix)


def _message(outcome: Outcome) -> str:
    if isinstance(outcome, Ran):
        label = outcome.name.replace("_", " ").capitalize()
        if outcome.target is not None:
            label = source_of(outcome.target.kind).actions[outcome.name].label
        plain = isinstance(outcome.result, str | int | float)
        return f"{label}: {text_of(outcome.result)}" if plain else f"{label}: done"
    label = source_of(outcome.target.kind).label
    if isinstance(outcome, Deleted):
        return f"{label} deleted"
    return f"{label} created" if outcome.created else f"{label} saved"


async def _fresh_form(request: Request, sent: Sent, message: str) -> Response:
    """Send the form again with a new seal: the next one it saves is another one."""
    form = await _form_again(request, sent, {})
    patches = [patch_elements(form.html, mode="replace")] if form is not None else []
    return _patches(*patches, _toast(message))


async def _failure(request: Request, problem: Problem, sent: Sent | None) -> Response:
    if sent is not None:
        refused = await _refused_form(request, problem, sent)
        if refused is not None:
            return refused
    text = _told(problem)
    if not request.is_datastar:
        return await in_thread(lambda: _problem_page(request, problem, text))
    if request.is_safe and request.wants_dialog:
        content = shell.dialog_content(_p(text), title=problem.title)
        return _patches(patch_elements(content))
    # the form stays as it is, and so does what was typed
    return _patches(_toast(text, kind="error"))


def _told(problem: Problem) -> str:
    said = [problem.detail, *problem.errors.values()]
    text = " ".join(part for part in said if part) or problem.title
    return f"{text} ({problem.id})" if problem.id else text


def _problem_page(request: Request, problem: Problem, text: str) -> Response:
    back = _referrer(request) or "/"
    page = Page(_p(text), _p(_a("Back", href=back)), title=problem.title, live=False)
    with rendering(context_of(request)):
        return response.html(str(page), status=problem.status, headers=problem.headers)


async def _refused_form(request: Request, problem: Problem, sent: Sent) -> Response | None:
    """Show the form again with all that was typed; None if that is not the answer."""
    if problem.refused is not None:
        form_state = _state_of(problem.refused, sent)
    elif problem.status in (409, 422) and not request.is_datastar:
        form_state = await _state_as_typed(request, problem, sent)
    else:
        return None
    again = await _form_again(request, sent, {sent.key: form_state})
    if again is None:
        return None
    if request.is_datastar:
        return _patches(patch_elements(again.html))
    return await in_thread(lambda: again.page(problem.status))


def _state_of(refused: Refused, sent: Sent) -> RefusedForm:
    notice = None
    if isinstance(refused, Taken) and not refused.conflicts:
        notice = "Their value is in the form now. Save to keep your other changes."
    elif refused.conflicts:
        notice = "Not saved: somebody else changed this meanwhile. Nothing you typed is lost."
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


async def _state_as_typed(request: Request, problem: Problem, sent: Sent) -> RefusedForm:
    given = await read_input(request)
    values = {name: str(given.values.get(name, "")) for name in sent.fields}
    errors = dict(problem.errors) or {"": _told(problem)}
    return RefusedForm(values=values, errors=errors, digests=sent.digests, next=sent.next)


@dataclass(frozen=True, slots=True)
class Again:
    """A form that is shown again: alone, and on the page it came from."""

    html: str
    page: Callable[[int], Response]


async def _form_again(
    request: Request, sent: Sent, forms: Mapping[str, FormState]
) -> Again | None:
    """Ask for the page that the form came from once more; else make the form from its seal."""
    context = context_of(request, url=sent.page, forms=forms)
    with rendering(context):
        value = await _rerun(request, sent.page)
        return await in_thread(lambda: _written_again(value, sent, context))


def _written_again(value: object, sent: Sent, context: RenderContext) -> Again | None:
    form = find_form(value, sent.key, context)
    page = value if form is not None and isinstance(value, Page) else _page_from_seal(sent)
    if page is None:
        return None
    html = str(form or find_form(page, sent.key, context))

    def whole(status: int) -> Response:
        with rendering(context):
            return response.html(str(page), status=status)

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
    form = _form_for(target, entity, sent.operation)
    if sent.operation in ("create", "update"):
        form = form.only(*sent.fields)
    return Page(form.keyed(sent.key), title=_title(target, entity, sent.operation))


async def _rerun(request: Request, url: str) -> object | None:
    """Answer what the page at *url* returns, None if that cannot be found out."""
    try:
        value = None if request.rerun is None else await request.rerun(url)
        return await _rerun_own(request, url) if value is None else value
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
    )
    handler = matched.handler
    return await in_thread(lambda: handler(again, **matched.params))


def _patches(*patches: Patch) -> Response:
    return response.events(patches)


def _toast(text: str, *, kind: Any = "success") -> Patch:
    return patch_elements(shell.toast(text, kind=kind), selector="#nitro-toasts", mode="append")
