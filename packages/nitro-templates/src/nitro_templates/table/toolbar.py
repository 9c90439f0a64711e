"""What stands above the rows: search, filters, columns, and what can be done to all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nitro_templates.datastar import js
from nitro_templates.html import Child, Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import inside

from . import importing
from .panel import columns_menu, filters_panel
from .saved import menu
from .view import TableView

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

_div, _form, _button, _a, _h2 = Tag("div"), Tag("form"), Tag("button"), Tag("a"), Tag("h2")
_input = Tag("input", void=True)
_ASK = js("@get(evt.detail.url, nitro.part())")


def box(view: TableView, context: RenderContext, toolbar: Element | None, rows: Child) -> Element:
    """Put a whole table together."""
    said = view.definition
    doing = view.doing
    return _div(
        _h2(said.caption, cls="nitro-caption") if said.caption else None,
        toolbar,
        said.slots.get("above"),
        None if doing is None else doing.machinery(context),
        rows,
        said.slots.get("below"),
        _asking(view) if context.live else None,
        id=view.id,
        cls="nitro-table-box",
        data_nitro_every=None if said.every is None else str(int(said.every * 1000)),
        data_nitro_at=_unsaid(view, context),
    )


def _unsaid(view: TableView, context: RenderContext) -> str | None:
    """Answer what the address would say if it named the view that opens by itself."""
    state = view.state
    if not state.saved or context.query.get(state.name("view")):
        return None
    return replace(state, others=()).link().removeprefix("?")


def toolbar(view: TableView, context: RenderContext) -> Element | None:
    """Answer the controls of *view*, None if it has none."""
    doing, own = view.doing, view.definition.slots.get("toolbar")
    form = _view_form(view) if view.has_form else None
    tools = None if doing is None else doing.tools(context)
    new = _creating(view, context)
    views, taking = _saved_views(view, context), _taking(view, context)
    parts = [form, views, own, tools, taking]
    if not new and all(part is None for part in parts):
        return None
    return _div(*parts, new, cls="nitro-toolbar")


def _taking(view: TableView, context: RenderContext) -> Element | None:
    offered, source = view.definition.importing, view.source
    if offered is None or source.slug is None or not context.live:
        return None
    if not context.can(importing.OPERATION, source.model):
        return None
    return importing.upload(view.id, source, offered.limits, context)


def _saved_views(view: TableView, context: RenderContext) -> Element | None:
    if not view.definition.saving or context.saved is None or view.source.slug is None:
        return None
    found = context.saved(view.id, view.source.model)
    return menu(view, found, context) if found.views or found.may_save else None


def _creating(view: TableView, context: RenderContext) -> list[Element]:
    slug = view.source.slug
    return [
        _a(
            action.label,
            href=context.links.new(slug),
            data_nitro_dialog=True,
            cls="nitro-button primary",
        )
        for action in view.actions
        if slug is not None and action.name == "create"
    ]


def _view_form(view: TableView) -> Element:
    said, state = view.definition, view.state
    narrowing = filters_panel(view.id, said.filters, state) if said.filters else None
    choosing = columns_menu(view.id, said.columns, state) if said.choosing else None
    return _form(
        _search(view) if said.search_in else None,
        narrowing,
        choosing,
        id=f"{view.id}-search",
        method="get",
        role="search",
        cls="nitro-search nitro-narrow" if narrowing or choosing else "nitro-search",
        aria_label=_("Search {things}", things=inside(view.source.plural)),
        data_nitro_key=view.id,
        # the parameters that a new search lets go
        data_nitro_view=f"{state.name('after')} {state.name('before')}",
    )


def _search(view: TableView) -> Element:
    box = _input(
        type="search",
        name=view.state.name("q"),
        value=view.state.search,
        id=f"{view.id}-q",
        aria_label=_("Search {things}", things=inside(view.source.plural)),
        placeholder=_("Search"),
        autocomplete="off",
    )
    return _div(box, _button(_("Search"), type="submit"), cls="nitro-find")


def _asking(view: TableView) -> Element | None:
    if not view.definition.filters and view.definition.count != "capped":
        return None
    return _div(id=f"{view.id}-ask", hidden=True, data_nitro_asks=True, on_nitro_ask=_ASK)
