"""Messages and moves that handlers and actions answer: patches for the page that asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_events.patches import Patch, patch_elements
from nitro_templates import shell
from nitro_templates.toasts import Toast

if TYPE_CHECKING:
    from nitro_templates.html import Child
    from nitro_templates.toasts import Kind

__all__ = ["go_to", "toast"]


def toast(*content: Child, kind: Kind = "success", seconds: float | None = None) -> Patch:
    """Return the patch that shows a short message: return or yield it, alone or among others.

    *content* is escaped text and elements. Warnings and errors are read out at once and stay
    until they are closed; others go after *seconds*, 6 unless said otherwise.
    """
    made = Toast(*content, kind=kind, seconds=seconds)
    return patch_elements(made, selector="#nitro-toasts", mode="append")


def go_to(url: str, *, message: str = "", kind: Kind = "success") -> Patch:
    """Return the patch that takes the browser to *url*, of this application, with a *message*."""
    return patch_elements(shell.go_to(url, message=message, kind=kind))
