"""The generated pages with forms: new, edit, delete, and the arguments of actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from nitro_events.http.generated import homes, target_at
from nitro_events.http.problems import Forbidden
from nitro_events.http.request import Request
from nitro_events.http.routes import Matched
from nitro_events.policy import can
from nitro_events.texts import Text
from nitro_templates.form import Form
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import inside
from nitro_templates.i18n.labels import own
from nitro_templates.page import Page
from nitro_templates.presence import Presence
from nitro_templates.sources import source_of
from nitro_templates.state import state

from .context import referrer

if TYPE_CHECKING:
    from nitro_events.resources import Target


class FormPages:
    """The generated pages with forms: new, edit, delete, and the arguments of actions."""

    def find(self, path: str, /) -> Mapping[str, Matched]:
        """Answer the page at *path*, if there is one."""
        found = target_at(path)
        if found is None or not all(found[1]) or not 1 <= len(found[1]) <= 2:
            return {}
        target, rest = found
        page = _page_at(target, rest)
        return {} if page is None else {"GET": Matched(page, {}, f"{target.slug}.form")}

    def ways(self) -> Iterator[tuple[str, str, str]]:
        """Yield name, pattern and method of each page."""
        for home, target in homes().items():
            yield f"{target.slug}.new", f"{home}/new", "GET"
            for name in ("edit", "delete"):
                yield f"{target.slug}.{name}", f"{home}/{{id}}/{name}", "GET"
            for name, declared in target.actions().items():
                if declared.action.kind != "query":
                    below = "" if declared.on_class else "/{id}"
                    yield f"{target.slug}.{name}", f"{home}{below}/{name}", "GET"


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
        msg = Text("You may not do this")
        raise Forbidden(msg)
    entity = None if id is None else target.load(id)
    if entity is not None and not can(request.caller, asked, entity):
        msg = Text("You may not do this")
        raise Forbidden(msg)
    form = form_for(target, entity, operation)
    if request.query.get("_final"):
        form = form.with_undo(False)
    back = referrer(request)
    if back is not None and unquote(urlsplit(request.inside(back)).path) != request.path:
        form = form.on_saved(redirect=back)
    shows_who = state.presence and operation == "update"
    here = Presence(entity, editing=True) if shows_who else None
    return Page(here, form, title=title_for(target, entity, operation))


def form_for(target: Target, entity: object | None, operation: str) -> Form:
    """Answer the form for *operation*, on *entity* or on the class."""
    subject = target.kind if entity is None else entity
    if operation in ("create", "update"):
        return Form.from_entity(subject)
    source = source_of(subject)
    if operation == "delete":
        return Form.for_deletion(source, entity)
    return Form.for_action(source, entity, source.actions[operation])


def title_for(target: Target, entity: object | None, operation: str) -> str:
    """Answer what the page of that form is called."""
    source = source_of(target.kind)
    name = source.title_of(entity) if entity is not None else inside(source.label)
    if operation == "create":
        return _("New {thing}", thing=name)
    if operation == "update":
        return _("Edit {thing}", thing=name)
    if operation == "delete":
        return _("Delete {thing}", thing=name)
    return f"{own(source.actions[operation].label)}: {name}"
