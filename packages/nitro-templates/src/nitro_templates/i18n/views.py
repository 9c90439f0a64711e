"""Live views of one language: rendered once for all who read it, and not for the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nitro_templates.state import state

from .reader import Reader, reader_for, reading

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from nitro_templates.context import LiveView

__all__ = ["ReadView", "in_language"]


@dataclass(frozen=True, slots=True)
class ReadView:
    """A live view as one reader sees it: language, locale and zone are part of its key."""

    view: Any
    reader: Reader

    @property
    def key(self) -> Hashable:
        """Everything that the HTML depends on."""
        return (self.view.key, self.reader)

    @property
    def topics(self) -> frozenset[str]:
        """What makes it stale."""
        topics: frozenset[str] = self.view.topics
        return topics

    def opened(self) -> Callable[[], None] | None:
        """Have the view know that a stream shows it; answer what to call when that is closed."""
        opened = getattr(self.view, "opened", None)
        return None if opened is None else opened()

    def render(self) -> str:
        """Render for the reader, in whichever context the stream was made."""
        with reading(self.reader):
            html: str = self.view.render()
            return html


def in_language(views: Sequence[LiveView], reader: Reader) -> Sequence[LiveView]:
    """Answer *views* for *reader*; for the usual reader they are what they are."""
    if reader == reader_for(None, state.default_zone):
        return views
    return [view if isinstance(view, ReadView) else ReadView(view, reader) for view in views]
