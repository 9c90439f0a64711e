"""Taskiq runs durable handlers: ``use_taskiq(broker)`` in the module that its workers load."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from nitro_events.bridges.chosen import Chosen, handle
from nitro_events.durable.loop import Loop
from nitro_events.durable.registry import registry
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable

    from taskiq import AsyncBroker

    from nitro_events.durable.registry import Registered

__all__ = ["use_taskiq"]


def use_taskiq(broker: AsyncBroker, /, *handlers: Callable[..., Any], **labels: Any) -> None:
    """Let the workers of *broker* run these durable handlers; without any, all of them.

    Each becomes a task named ``module:function`` with *labels*. The application calls this too,
    so that it hands over; give it a broker that it does not use on a loop of its own.
    """
    bridge = _TaskiqBridge(broker, Chosen(handlers), labels)
    state.on_reset(bridge.close)
    registry().use(bridge)


class _TaskiqBridge:
    def __init__(self, broker: AsyncBroker, chosen: Chosen, labels: dict[str, Any]) -> None:
        self._broker = broker
        self._labels = labels
        self._loop = Loop()
        self._lock: asyncio.Lock | None = None
        self._is_started = False
        self.wants = chosen.wants

    def __repr__(self) -> str:
        return f"<durable handlers in {self._broker!r}>"

    def add(self, registered: Registered, /) -> None:
        if self._broker.find_task(registered.name) is None:
            self._broker.register_task(handle, task_name=registered.name, **self._labels)

    def send(self, name: str, id: str, document: dict[str, str], /) -> None:
        self._loop.run(self._send(name, id, document))

    def close(self) -> None:
        """Leave the broker."""
        if self._is_started:
            self._is_started = False
            self._loop.run(_coroutine(self._broker.shutdown()))
        self._loop.close()

    async def _send(self, name: str, id: str, document: dict[str, str]) -> None:
        if self._lock is None:
            self._lock = asyncio.Lock()
        async with self._lock:
            if not self._is_started:
                await self._broker.startup()
                self._is_started = True
        task: Any = self._broker.find_task(name)
        await task.kicker().with_task_id(id).kiq(document)


async def _coroutine(work: Any) -> None:
    await work
