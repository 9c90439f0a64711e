"""The joint with nitro_events: pages become responses, and answers to forms become pages."""

from __future__ import annotations

from nitro_events.http import results
from nitro_events.http.markup import Markup
from nitro_events.http.understanding import Readers
from nitro_events.state import state
from nitro_templates.parts import PageParts
from nitro_templates.state import state as own_state

from .bulk import bulk
from .cells import CellPresenter
from .context import context_of, context_of_current_request
from .pages import FormPages
from .presenter import HtmlPresenter
from .relations import read_relations
from .responses import asset, convert, is_ours

__all__ = ["HtmlPresenter", "connect", "context_of"]


def connect() -> None:
    """Answer with pages: register the converter, the assets, the form pages, the presenter."""
    results.register(is_ours, convert)
    state.routes.add("GET", "/_nitro/{hash}/{name}", asset, "nitro.asset")
    state.routes.provide(FormPages())
    state.routes.add("POST", "/_nitro/bulk/{slug}/{action}", bulk, "nitro.bulk")
    state.presenters.append(CellPresenter())
    state.presenters.append(HtmlPresenter())
    state.part(Readers).append(read_relations)
    state.part(Markup).parts = PageParts()
    own_state.request_context = context_of_current_request
