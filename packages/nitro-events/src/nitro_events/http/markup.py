"""The parts of a page, for the templates of a framework that write the document themselves."""

from __future__ import annotations

from typing import Protocol

from nitro_events.state import state

__all__ = ["Markup", "Parts", "page_parts"]


class Parts(Protocol):
    """What belongs into the head, and at the start and the end of the body; each has markup."""

    @property
    def html(self) -> object:
        """The attributes of ``<html>``."""
        ...

    @property
    def title(self) -> str:
        """The title of the page."""
        ...

    @property
    def head(self) -> object:
        """Styles and scripts."""
        ...

    @property
    def start(self) -> object:
        """What stands before the content."""
        ...

    @property
    def end(self) -> object:
        """What stands behind the content."""
        ...


class Markup:
    """Who writes these parts; None unless a joint connected it."""

    def __init__(self) -> None:
        self.parts: Parts | None = None


def page_parts() -> Parts:
    """Return the parts of the page that is being written. Raises LookupError if nobody can."""
    parts = state.part(Markup).parts
    if parts is None:
        msg = "The parts of pages come from nitro-templates. Run: pip install nitro-templates"
        raise LookupError(msg)
    return parts
