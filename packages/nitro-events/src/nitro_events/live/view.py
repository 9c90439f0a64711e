"""What a live page shows: the protocol that templates fulfil."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["View"]


class View(Protocol):
    """A part of a page that is rendered anew when one of its topics changes.

    One may have a method ``opened()`` beside these. It is called on the event loop for each
    stream that shows the view, so it waits for nothing; what it answers is called when the stream
    is closed, unless it is None.
    """

    @property
    def key(self) -> Hashable:
        """Views of equal key show the same to everybody and are rendered once for all."""
        ...

    @property
    def topics(self) -> frozenset[str]:
        """What it shows: "City" for all cities, "City:<id>" for one."""
        ...

    def render(self) -> str:
        """Return its markup, whose top element has an id.

        The markup may know itself in pieces: a string with two attributes more, *pieces* (the
        markup of elements inside by their id, in order) and *frame* (equal for markups that
        differ in nothing but their pieces). Then only pieces that changed are sent.

        Called in a worker thread, in the context in which the first stream of this key was made;
        it may do I/O. If it raises, it is called again later.
        """
        ...
