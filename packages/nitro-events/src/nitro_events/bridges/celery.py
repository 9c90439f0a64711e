"""Celery runs durable handlers: ``use_celery(app)`` in the module that its workers load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nitro_events.bridges.chosen import Chosen, handle
from nitro_events.durable.registry import registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from celery import Celery  # type: ignore[import-untyped]  # pyright: ignore

    from nitro_events.durable.registry import Registered

__all__ = ["use_celery"]


def use_celery(app: Celery, /, *handlers: Callable[..., Any], **options: Any) -> None:
    """Let the workers of *app* run these durable handlers; without any, all of them.

    Each becomes a task named ``module:function``, for ``task_routes`` and monitoring; *options*
    are those of ``app.task``. The application calls this too, so that it hands over.
    """
    registry().use(_CeleryBridge(app, Chosen(handlers), options))


class _CeleryBridge:
    def __init__(self, app: Any, chosen: Chosen, options: dict[str, Any]) -> None:
        self._app = app
        self._options = {"serializer": "json", "ignore_result": True, **options}
        self.wants = chosen.wants

    def __repr__(self) -> str:
        return f"<durable handlers in {self._app!r}>"

    def add(self, registered: Registered, /) -> None:
        if registered.name not in self._app.tasks:
            self._app.task(handle, name=registered.name, **self._options)

    def send(self, name: str, id: str, document: dict[str, str], /) -> None:
        self._app.tasks[name].apply_async(args=(document,), task_id=id)
