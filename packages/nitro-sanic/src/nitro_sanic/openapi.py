"""The generated routes in the OpenAPI description that Sanic-Ext serves."""

from __future__ import annotations

from typing import Any

from sanic import Sanic

from nitro_events.http.openapi import describe, merge
from nitro_sanic.routing import GeneratedRouter

__all__ = ["describe_all"]


async def describe_all(app: Sanic[Any, Any]) -> None:
    """Let the description tell of Nitro's routes too; what the application says itself stays."""
    builder: Any = getattr(getattr(app, "_ext", None), "_openapi", None)
    # there is one builder for all applications of the process
    if builder is None or "build" in vars(builder):
        return
    build = builder.build

    def build_with_ours(asking: Sanic[Any, Any]) -> object:
        known = build(asking)
        return _Merged(known) if isinstance(asking.router, GeneratedRouter) else known

    builder.build = build_with_ours


class _Merged:
    """A description with ours in it."""

    def __init__(self, known: Any) -> None:
        self._known = known

    def __getattr__(self, name: str) -> Any:
        return getattr(self._known, name)

    def serialize(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        said: dict[str, Any] = self._known.serialize()
        ours = describe()
        if not ours["paths"]:
            return said
        # ours is of this version, and what is said in the one before reads the same in it
        return {**merge(said, ours), "openapi": "3.1.0"}
