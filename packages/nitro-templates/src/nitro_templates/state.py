"""What is global in this package, on one object that can be reset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from nitro_templates.context import RenderContext
    from nitro_templates.layout import Layout
    from nitro_templates.page import Theme

__all__ = ["State", "configure", "state"]

T = TypeVar("T")


class State:
    """Settings, and the registries that parts of the package keep here."""

    def __init__(self) -> None:
        self._parts: dict[object, object] = {}
        self.reset()

    def reset(self) -> None:
        """Forget every setting and every registration."""
        self.datastar: str | None = None
        self.datastar_integrity: str | None = None
        self.asset_base: str | None = None
        self.layout: Layout | None = None
        self.theme: Theme | None = None
        self.lang: str | None = None
        self.icon: str | None = None
        self.nonce: Callable[[Any], str | None] | None = None
        self.request_context: Callable[[], RenderContext | None] | None = None
        """Makes the context of the request that is being answered, if there is one."""
        self._parts.clear()

    def part(self, make: Callable[[], T], /) -> T:
        """Answer the one thing that *make* made since the last reset."""
        made = self._parts.get(make)
        if made is None:
            made = self._parts.setdefault(make, make())
        return made  # type: ignore[return-value]


state = State()


def configure(
    *,
    datastar: str | None = None,
    datastar_integrity: str | None = None,
    asset_base: str | None = None,
    layout: Layout | None = None,
    theme: Theme | None = None,
    lang: str | None = None,
    icon: str | None = None,
    nonce: Callable[[Any], str | None] | None = None,
) -> None:
    """Set what is given, leave the rest.

    *datastar* is a path or URL of another Datastar client than the packaged one (also
    the environment variable ``NITRO_DATASTAR``), *datastar_integrity* its integrity value
    (``NITRO_DATASTAR_INTEGRITY``), *asset_base* the path under which the application
    serves our files, ``/_nitro`` unless said otherwise.

    *layout* is what stands around every page that has none of its own, *theme*, *lang* and
    *icon* are those of such pages. *nonce* is called with the framework's request and answers
    the nonce of its Content-Security-Policy, which then stands on all our scripts and styles.
    """
    if datastar is not None:
        state.datastar = datastar
    if datastar_integrity is not None:
        state.datastar_integrity = datastar_integrity
    if asset_base is not None:
        state.asset_base = "/" + asset_base.strip("/")
    if layout is not None:
        state.layout = layout
    if theme is not None:
        state.theme = theme
    if lang is not None:
        state.lang = lang
    if icon is not None:
        state.icon = icon
    if nonce is not None:
        state.nonce = nonce
