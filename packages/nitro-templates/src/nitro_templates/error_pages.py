"""What people see when something cannot be shown or done, and how to show something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from nitro_templates.context import current_context
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import later, placed, spoken
from nitro_templates.page import Page
from nitro_templates.state import state

__all__ = ["Failure", "error_page", "page_of", "plain_page_of"]

_div, _p, _a, _ul, _li, _code = Tag("div"), Tag("p"), Tag("a"), Tag("ul"), Tag("li"), Tag("code")
_h1 = Tag("h1")

_TEXTS = {
    400: later("The request could not be read. Go back and try once more."),
    403: later("You are not allowed to see or do this."),
    404: later("There is nothing at this address. It may have been moved or deleted."),
    405: later("This address cannot be opened like that."),
    409: later("Somebody else changed this in the meantime. Nothing of theirs was overwritten."),
    413: later("That was too much to send at once."),
    422: later("Something in what was sent is not valid."),
    429: later("There were too many requests. Wait a moment and try once more."),
    500: later("This is our mistake, not yours."),
}
_OTHERWISE = later("This could not be done.")


@dataclass(frozen=True, slots=True)
class Failure:
    """What may be told of a failure; nothing in it tells of the application's insides."""

    status: int
    title: str
    text: str = ""
    """What happened, in a sentence."""
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    """Messages by field."""
    id: str | None = None
    """Finds the failure in the log."""
    back: str = "/"
    """The page of this application that the request came from."""


Write: TypeAlias = Callable[[Failure], Any]
W = TypeVar("W", bound=Write)


class ErrorPages(dict[int | None, Write]):
    """The functions that write error pages, by status; None stands for every other."""


def error_page(*statuses: int) -> Callable[[W], W]:
    """Let the decorated function write the pages for *statuses*, by default for every failure.

    It gets a `Failure` and answers a `Page`, or what goes into one. The status stays what it is.
    """

    def register(write: W) -> W:
        written = state.part(ErrorPages)
        for status in statuses or (None,):
            written[status] = write
        return write

    return register


def page_of(failure: Failure) -> Page:
    """Answer the page for *failure*: that of the application for its status, else its general
    one, else ours."""
    written = state.part(ErrorPages)
    write = written.get(failure.status) or written.get(None) or _content
    made: object = write(failure)
    page = made if isinstance(made, Page) else Page(made, title=spoken(failure.title))
    return page.still()


def plain_page_of(failure: Failure) -> Page:
    """Answer our own page without a frame, for when those of the application fail too."""
    return Page(_content(failure), title=spoken(failure.title), live=False).within(None)


def _content(failure: Failure) -> Element:
    text = spoken(failure.text) or _(_TEXTS.get(failure.status, _OTHERWISE))
    errors = [
        _li(f"{name}: {spoken(message)}" if name else spoken(message))
        for name, message in failure.errors.items()
    ]
    start = f"{current_context().root}/"
    back = failure.back if failure.back not in ("/", start) else None
    return _div(
        _p(str(failure.status), cls="nitro-failure-status", aria_hidden="true"),
        _h1(spoken(failure.title)),
        _p(text),
        _ul(errors) if errors else None,
        _p(placed(_("Noted as {id}"), id=_code(failure.id))) if failure.id else None,
        _p(
            _a(_("Back"), href=back, cls="nitro-button primary") if back else None,
            _a(_("To the start"), href=start, cls=["nitro-button", None if back else "primary"]),
            cls="nitro-buttons",
        ),
        cls="nitro-failure",
    )
