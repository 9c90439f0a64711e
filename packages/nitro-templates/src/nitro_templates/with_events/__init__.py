"""The joint with nitro_events: pages become responses, and answers to forms become pages."""

from __future__ import annotations

from nitro_events.http import results
from nitro_events.http.markup import Markup
from nitro_events.http.understanding import Readers
from nitro_events.state import state
from nitro_events.texts import Saying
from nitro_templates.i18n import spoken
from nitro_templates.parts import PageParts
from nitro_templates.state import state as own_state

from .bulk import bulk
from .cells import CellPresenter
from .context import context_of, context_of_current_request
from .here import move
from .importing import import_file
from .language import reader_of_current_request
from .pages import FormPages
from .presenter import HtmlPresenter
from .relations import read_relations
from .responses import asset, convert, is_ours
from .saving import change_views
from .tabs import tabs
from .undo import undo

__all__ = ["HtmlPresenter", "connect", "context_of"]


def connect() -> None:
    """Answer with pages: register the converter, the assets, the form pages, the presenter."""
    results.register(is_ours, convert)
    state.routes.add("GET", "/_nitro/{hash}/{name}", asset, "nitro.asset")
    state.routes.provide(FormPages())
    state.routes.add("POST", "/_nitro/tabs", tabs, "nitro.tabs")
    state.routes.add("POST", "/_nitro/here", move, "nitro.here")
    state.routes.add("POST", "/_nitro/bulk/{slug}/{action}", bulk, "nitro.bulk")
    state.routes.add("POST", "/_nitro/undo", undo, "nitro.undo")
    state.routes.add("POST", "/_nitro/views/{slug}", change_views, "nitro.views")
    state.routes.add("POST", "/_nitro/import/{slug}/{step}", import_file, "nitro.import")
    state.presenters.append(CellPresenter())
    state.presenters.append(HtmlPresenter())
    state.part(Readers).append(read_relations)
    state.part(Markup).parts = PageParts()
    state.part(Saying).say = spoken
    own_state.request_context = context_of_current_request
    own_state.request_reader = reader_of_current_request
