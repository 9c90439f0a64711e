"""Entity classes for our own use: one for each kind of store, defined when it is first needed."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from nitro_entities import Entity
from nitro_entities.outbox import default_store

__all__ = ["Kinds", "default_backend", "is_internal"]

E = TypeVar("E", bound=Entity)


class Kinds(Generic[E]):
    """The classes made of an abstract *base*, one for each backend, whoever asks first."""

    def __init__(self, base: type[E]) -> None:
        self._base = base
        self._made: dict[type[Any], type[E]] = {}
        self._lock = threading.RLock()
        _all.add(self)

    def of(self, backend: type[Any]) -> type[E]:
        """Return the class that *backend* keeps."""
        found = self._made.get(backend)
        if found is None:
            with self._lock:  # two threads must not define the same table
                found = self._made.get(backend)
                if found is None:
                    found = self._made[backend] = self._define(backend)
        return found

    def _define(self, backend: type[Any]) -> type[E]:
        base: Any = self._base
        name = f"{base.__name__}In{backend.__name__}"
        made = {
            "__module__": base.__module__,
            "__qualname__": name,
            "_persistence_backend_class": backend,
        }
        found: type[E] = type(base)(name, (base,), made)
        return found

    def begin_in_child(self) -> None:
        """Let nobody wait for a thread of the parent process, after a fork."""
        self._lock = threading.RLock()


def is_internal(kind: type[Any]) -> bool:
    """Say whether a class is for our own use: no routes, and nobody hears of its changes."""
    return bool(getattr(kind, "__nitro_internal__", False))


def default_backend() -> type[Any]:
    """Return who keeps what belongs to a unit that writes no entities."""
    store = default_store()
    if not store.durable:
        from nitro_entities import MemoryRepo

        return MemoryRepo
    in_redis = sys.modules.get("nitro_entities.stores.redis.store")
    if in_redis is not None and isinstance(store, in_redis.RedisStore):
        from nitro_entities import RedisRepo

        return RedisRepo
    from nitro_entities import SQLModelBackend

    return SQLModelBackend


_all: WeakSet[Kinds[Any]] = WeakSet()


def _begin_in_child() -> None:
    for kinds in tuple(_all):
        kinds.begin_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)
