"""The state that SQLAlchemy keeps of each object, made when it is first asked for."""

from typing import Any

from sqlalchemy.orm import InstanceState

from nitro_entities.stores.sql.including import loaders
from nitro_entities.stores.sql.relations import STATE


class InstanceStates:
    """Make the state of an object; SQLAlchemy finds it in the object from then on.

    Most entities are never shown to SQLAlchemy: they have no relations, or nobody uses them.
    """

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        manager = None if instance is None else getattr(owner, "_sa_class_manager", None)
        if manager is None or owner.__nitro_abstract__:
            raise AttributeError(STATE)
        state: Any = InstanceState(instance, manager)
        known = loaders(owner)
        if known:
            state.callables = dict(known)
        return instance.__dict__.setdefault(STATE, state)
