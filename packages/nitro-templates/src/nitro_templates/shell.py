"""The fixed parts of every page, and the patches that reach them.

A page has these elements: ``#nitro-main``, ``#nitro-dialog`` with
``#nitro-dialog-content`` inside, ``#nitro-toasts``, ``#nitro-connection``, ``#nitro-go``,
``#nitro-live-reset`` and, if it is live, ``#nitro-live``. Each expression here is constant
text; what differs from page to page stands in attributes that ``nitro.js`` reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_templates.datastar import js
from nitro_templates.escape import Safe
from nitro_templates.i18n import gettext as _
from nitro_templates.tags import H2, A, Button, Dialog, Div, Fragment, Meta, P, Span
from nitro_templates.toasts import Toast, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nitro_templates.context import RenderContext
    from nitro_templates.html import Child, Element
    from nitro_templates.toasts import Kind

__all__ = [
    "dialog",
    "dialog_closed",
    "dialog_content",
    "dialog_live",
    "go_to",
    "kept",
    "lang",
    "live",
    "messages",
    "offers",
    "root",
    "toast",
    "token",
    "zone",
]


def dialog() -> Element:
    """Answer the one shared dialog, closed and empty."""
    # The close button stands last, so that opening focuses the first field.
    return Dialog(
        Div(id="nitro-dialog-content"),
        Button(
            Span("\u00d7", aria_hidden="true"),
            type="button",
            cls="nitro-close",
            data_nitro_close=True,
            aria_label=_("Close"),
        ),
        id="nitro-dialog",
        aria_labelledby="nitro-dialog-title",
        on_nitro_open=js("@get(evt.detail.url, nitro.dialog())"),
    )


def dialog_content(*content: Child, title: str = "") -> Element:
    """Answer what fills the dialog: patch it as ``outer``, it has its id."""
    heading = H2(title, id="nitro-dialog-title") if title else None
    return Div(heading, *content, id="nitro-dialog-content")


def dialog_closed() -> Element:
    """Answer the patch that empties and closes the dialog."""
    return Div(id="nitro-dialog-content", data_nitro_close=True)


def toast(text: str, *, kind: Kind = "success") -> Element:
    """Answer a short message: patch it with ``append`` to ``#nitro-toasts``."""
    return Fragment(Toast(text, kind=kind))


def go_to(url: str, *, message: str = "", kind: Kind = "success") -> Element:
    """Answer the patch that takes the browser to *url* of this origin.

    It has its id, patch it as ``outer``. *message* is shown there as a toast.
    """
    link = A(
        url,
        href=url,
        data_nitro_toast=message or None,
        data_nitro_kind=kind_of(kind) if message else None,
        init=js("nitro.go(el)"),
    )
    return Div(link, id="nitro-go", hidden=True)


def messages(*toasts: Toast) -> Element:
    """Answer where toasts, the state of the connection and orders of the server go."""
    return Fragment(
        Div(toasts, id="nitro-toasts", role="status", aria_live="polite", aria_atomic="false"),
        P(id="nitro-connection", role="status", aria_live="polite", hidden=True),
        Div(id="nitro-go", hidden=True),
        Div(id="nitro-live-reset", hidden=True),
    )


def offers(context: RenderContext) -> tuple[Toast, ...]:
    """Answer the message with what the caller has just done and may take back, if there is one."""
    if context.undo is None:
        return ()
    from nitro_templates.undo import undo_toast  # few pages are those after something was done

    return (undo_toast(context.undo, context),)


def kept(signals: Mapping[str, object]) -> Element:
    """Answer what holds the entities that this browser keeps, *signals* being new ones.

    It comes before anything that shows them. What the browser remembers of earlier pages comes
    first, so that what the server says now wins.
    """
    return Fragment(
        Safe('<div hidden data-signals="nitro.kept()"></div>'),
        Div(hidden=True, signals=signals) if signals else None,
        Div(
            id="nitro-kept",
            hidden=True,
            effect=js("nitro.keep($kept_sealed, $kept)"),
            # an effect does not hear of a signal that is removed
            on_signal_patch=js("nitro.keep($kept_sealed, $kept)"),
            on_nitro_kept=js("$kept_sealed = evt.detail.kept_sealed; $kept = evt.detail.kept"),
        ),
    )


def token(text: str) -> Element:
    """Answer what clicks send along, as forms send their seal."""
    return Meta(name="nitro-token", content=text)


def root(path: str) -> Element:
    """Answer where the application is, for clicks that know only what is inside of it."""
    return Meta(name="nitro-root", content=path)


def zone(name: str | None) -> Element:
    """Answer the time zone that the page is written for: the browser may know a better one."""
    return Meta(name="nitro-zone", content=name or "")


def lang(tag: str) -> Element:
    """Answer the language that the page has of its own: what it asks for is answered in it."""
    return Meta(name="nitro-lang", content=tag)


def live(context: RenderContext) -> Element:
    """Answer the element that holds the page's stream, taking up where the page was made."""
    return _live("nitro-live", context)


def dialog_live(context: RenderContext) -> Element:
    """Answer the element that holds the stream of the page in the dialog while that is open.

    It takes up where the page was made, so nothing is lost that happened while the dialog opened.
    """
    return _live("nitro-dialog-live", context)


def _live(id: str, context: RenderContext) -> Element:
    return Div(
        id=id,
        hidden=True,
        data_cursor=context.cursor or "",
        # where one tab of a browser asks for the streams of all of them
        data_tabs=f"{context.assets}/tabs",
        init=js("nitro.follow(el)"),
    )
