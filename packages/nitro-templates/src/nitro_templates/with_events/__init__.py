"""The joint with nitro_events: pages become responses, and answers to forms become pages."""

from __future__ import annotations

from nitro_events.http import results
from nitro_events.state import state
from nitro_templates.state import state as own_state

from .context import context_of, context_of_current_request
from .pages import FormPages
from .presenter import HtmlPresenter
from .responses import asset, convert, is_ours

__all__ = ["HtmlPresenter", "connect", "context_of"]


def connect() -> None:
    """Answer with pages: register the converter, the assets, the form pages, the presenter."""
    results.register(is_ours, convert)
    state.routes.add("GET", "/_nitro/{hash}/{name}", asset, "nitro.asset")
    state.routes.provide(FormPages())
    state.presenters.append(HtmlPresenter())
    own_state.request_context = context_of_current_request
