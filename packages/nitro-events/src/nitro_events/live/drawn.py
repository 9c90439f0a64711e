"""One state of a view as it is sent: whole, or only what differs from the state before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_events.patches import patch_elements

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Drawn"]


class Drawn:
    """What a view rendered.

    Markup that knows itself in pieces (see `View.render`) is compared piece by piece: to a client
    that shows the state before, only the pieces that changed are sent.
    """

    __slots__ = ("_frame", "_pieces", "_since", "whole")

    def __init__(self, html: str) -> None:
        self.whole = patch_elements(html).encode()
        """The patch that makes any client show this state."""
        self._pieces: Mapping[str, str] | None = getattr(html, "pieces", None)
        self._frame: object = getattr(html, "frame", None)
        self._since: tuple[Drawn, bytes] | None = None

    def says_the_same(self, other: Drawn | None) -> bool:
        """Tell whether a client that shows *other* shows this already."""
        return other is not None and self.whole == other.whole

    def after(self, shown: Drawn | None) -> bytes:
        """Return the patch for a client that shows *shown*; None if that is not known."""
        if shown is None:
            return self.whole
        known = self._since  # once for all clients: nearly all of them show the same
        if known is None or known[0] is not shown:
            known = self._since = (shown, self._difference(shown))
            shown._since = None  # or every state would keep the one before
        return known[1]

    def _difference(self, shown: Drawn) -> bytes:
        now, before = self._pieces, shown._pieces
        if now is None or before is None or self._frame != shown._frame:
            return self.whole
        if list(now) != list(before):
            return self.whole
        changed = [piece for id, piece in now.items() if piece != before[id]]
        return patch_elements("".join(changed)).encode()
