"""Methods of an entity that run by themselves when it is saved or deleted.

Each runs once for each write, whether it was awaited or not, in a unit of work or outside of
one. They are plain functions: those that have to wait belong into handlers of events.
"""

import inspect
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from nitro_entities.errors import DefinitionError

if TYPE_CHECKING:
    from nitro_entities.changes import Change
    from nitro_entities.verbs import Verbs

F = TypeVar("F", bound=Callable[..., object])

MARK = "__nitro_hook__"


class Moment(Enum):
    """When a hook runs."""

    BEFORE_SAVE = "before_save"
    AFTER_SAVE = "after_save"
    BEFORE_DELETE = "before_delete"
    AFTER_DELETE = "after_delete"
    AFTER_COMMIT = "after_commit"


class Hook(NamedTuple):
    """A method to run, by name, so that a subclass can override it."""

    name: str
    takes_change: bool


Hooks = dict[Moment, tuple[Hook, ...]]


def before_save(method: F) -> F:
    """Run *method* right before a new or changed entity is written; it may assign fields.

    An exception in it keeps the entity from being saved.
    """
    return _marked(method, Moment.BEFORE_SAVE)


def after_save(method: F) -> F:
    """Run *method* right after the write, in the same transaction.

    What it saves is committed with the entity; an exception in it undoes all of it. A method
    that takes one more argument is given the `Change`.
    """
    return _marked(method, Moment.AFTER_SAVE)


def before_delete(method: F) -> F:
    """Run *method* right before an entity is removed; an exception in it keeps the entity."""
    return _marked(method, Moment.BEFORE_DELETE)


def after_delete(method: F) -> F:
    """Run *method* right after the removal, in the same transaction."""
    return _marked(method, Moment.AFTER_DELETE)


def after_commit(method: F) -> F:
    """Run *method* when the write is committed, outside of the transaction; never if it is not.

    An exception in it is logged: the commit stands. A method that takes one more argument is
    given the `Change`.
    """
    return _marked(method, Moment.AFTER_COMMIT)


def collect(cls: type[Any]) -> Hooks:
    """Answer the hooks of *cls*, those of its bases first. Raises DefinitionError."""
    found: dict[Moment, dict[str, Hook]] = {}
    for base in reversed(cls.__mro__):
        for name, value in tuple(base.__dict__.items()):
            for moment in getattr(value, MARK, ()):
                found.setdefault(moment, {})[name] = Hook(name, _takes_change(cls, name))
    return {moment: tuple(hooks.values()) for moment, hooks in found.items()}


def run(entity: "Verbs", hooks: tuple[Hook, ...], change: "Change | None" = None) -> None:
    """Call the methods."""
    for hook in hooks:
        method = getattr(entity, hook.name)
        if hook.takes_change:
            method(change)
        else:
            method()


def _marked(method: F, moment: Moment) -> F:
    if inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method):
        msg = (
            f"{method.__qualname__} is async, and a hook runs in sync and async code alike. Write "
            f"def, and leave what has to wait to a handler of an event"
        )
        raise DefinitionError(msg)
    setattr(method, MARK, (*getattr(method, MARK, ()), moment))
    return method


def _takes_change(cls: type[Any], name: str) -> bool:
    method = getattr(cls, name)
    parameters = list(inspect.signature(method).parameters.values())[1:]
    needed = [p for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
    if len(needed) > 1:
        msg = f"{cls.__name__}.{name} is a hook: it takes self, and the change if it likes"
        raise DefinitionError(msg)
    return bool(needed)
