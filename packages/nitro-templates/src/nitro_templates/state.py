"""What is global in this package, on one object that can be reset."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from nitro_templates.context import RenderContext

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
) -> None:
    """Set what is given, leave the rest.

    *datastar* is a path or URL of another Datastar client than the packaged one (also
    the environment variable ``NITRO_DATASTAR``), *datastar_integrity* its integrity value
    (``NITRO_DATASTAR_INTEGRITY``), *asset_base* the path under which the application
    serves our files, ``/_nitro`` unless said otherwise.
    """
    if datastar is not None:
        state.datastar = datastar
    if datastar_integrity is not None:
        state.datastar_integrity = datastar_integrity
    if asset_base is not None:
        state.asset_base = "/" + asset_base.strip("/")
