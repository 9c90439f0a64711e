"""What the bus and the routes have done: a declared function, method or message handler."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from nitro_events.arguments import Arguments
from nitro_events.hints import hints_of
from nitro_events.middleware.permission import loaded, require
from nitro_events.middleware.work import RETRIES, Job, Work
from nitro_events.resources import Given
from nitro_events.signals import Signals
from nitro_events.state import state
from nitro_events.units import Units

if TYPE_CHECKING:
    from nitro_events.actions import Action
    from nitro_events.messages import Handled, Message
    from nitro_events.resources import Target

__all__ = ["FunctionJob", "MessageJob", "MethodJob", "is_stale"]


class AsyncInDisguise(set[Callable[..., object]]):
    """Functions that are not async and have returned something to await."""


@lru_cache(maxsize=512)
def only_begins(function: Callable[..., object]) -> bool:
    """Tell whether to call *function* runs nothing yet: it is async, or a generator."""
    return (
        inspect.iscoroutinefunction(function)
        or inspect.isasyncgenfunction(function)
        or inspect.isgeneratorfunction(function)
    )


@lru_cache(maxsize=512)
def returned_by(function: Callable[..., object]) -> object:
    """Return what *function* is annotated to return, None if that is not said."""
    return hints_of(function).get("return")


def is_stale(error: BaseException) -> bool:
    """Tell whether somebody else was faster; of a group, whether one error says so."""
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        return any(map(is_stale, group.exceptions))
    return state.part(Units).is_stale(error)


class DeclaredJob(Job):
    """A function with ``@action``, ``@command`` or ``@query``."""

    def __init__(self, function: Callable[..., object], action: Action) -> None:
        self.function = function
        self.action = action
        self.name = action.name
        self.kind = action.kind
        self.idempotent = action.idempotent
        self.retries = RETRIES if action.retry is None else action.retry
        self._inner = getattr(function, "__func__", function)
        self.is_async = only_begins(self._inner)
        if not self.is_async and self._inner in state.part(AsyncInDisguise):
            self.is_async = self.in_thread = True

    def returned_pending(self) -> None:
        """Let the next call go through the chain on the event loop."""
        state.part(AsyncInDisguise).add(self._inner)

    @property
    def returns(self) -> object:  # type: ignore[override]
        """What the function is annotated to return."""
        return returned_by(self._inner)

    @property
    def operation(self) -> str:
        """What the policy is asked for."""
        return f"action:{self.name}"

    def check(self, work: Work) -> None:
        """Look at what came with the call, once it is known that the caller may."""

    def may_wait(self, work: Work) -> bool:
        """Tell whether the policy is the application's, which may ask a store."""
        return not work.trusted and state.settings.policy is not None

    def is_stale(self, error: BaseException) -> bool:
        """Tell whether somebody else was faster."""
        return is_stale(error)

    def read_by(
        self, function: Callable[..., object], work: Work, given: Given, all: bool
    ) -> None:
        """Read the arguments of *function*."""
        work.arguments = Arguments.of(function).read(given, work, complete=all)

    def own_arguments(self, work: Work) -> dict[str, object]:
        """Return the arguments that the caller chose: not the request, nor who calls."""
        handed = Arguments.of(self.function).handed_in
        return {
            name: dict(value) if isinstance(value, Signals) else value
            for name, value in work.arguments.items()
            if handed.get(name) not in ("request", "caller")
        }


class FunctionJob(DeclaredJob):
    """A declared function that belongs to no class, or is called on a class."""

    def __init__(
        self,
        function: Callable[..., object],
        action: Action,
        given: Given,
        *,
        complete: bool = False,
        target: object = None,
    ) -> None:
        super().__init__(function, action)
        self.given = given
        self.complete = complete
        self.target = function if target is None else target
        self.near = target if isinstance(target, type) else None

    def allow(self, work: Work) -> None:
        """Ask the policy about the function, or about the class."""
        if not work.trusted:
            require(work.caller, self.operation, self.target)
        self.check(work)

    def read(self, work: Work) -> None:
        """Read the arguments."""
        self.read_by(self.function, work, self.given, self.complete)

    def call(self, work: Work) -> object:
        """Call it."""
        return self.function(**work.arguments)

    def input(self, work: Work) -> object:
        """Return the class, if there is one, and the arguments."""
        return [self.near and self.near.__qualname__, self.own_arguments(work)]


class MethodJob(DeclaredJob):
    """A declared method of an entity, which is loaded anew for it."""

    def __init__(
        self,
        function: Callable[..., object],
        action: Action,
        target: Target,
        id: str,
        given: Given,
        *,
        complete: bool = False,
    ) -> None:
        super().__init__(function, action)
        self.given = given
        self.complete = complete
        self.target = target
        self.id = id
        self.near = target.kind

    def may_wait(self, work: Work) -> bool:
        """Tell whether the entity is loaded from where that may take time."""
        return getattr(self.target, "may_wait", True) or super().may_wait(work)

    def allow(self, work: Work) -> None:
        """Load the entity and ask the policy about it."""
        if work.trusted:
            work.target = self.target.load(self.id)
        else:
            work.target = loaded(self.target, self.id, work.caller, self.operation)
        self.check(work)

    def read(self, work: Work) -> None:
        """Read the arguments of the method."""
        self.read_by(getattr(work.target, self.name), work, self.given, self.complete)

    def call(self, work: Work) -> object:
        """Call the method."""
        method: Callable[..., object] = getattr(work.target, self.name)
        return method(**work.arguments)

    def input(self, work: Work) -> object:
        """Return which entity it is, and the arguments."""
        return [self.target.slug, self.id, self.own_arguments(work)]


class MessageJob(DeclaredJob):
    """A message that was made in this process, and its handler."""

    def __init__(self, message: Message, handled: Handled, action: Action) -> None:
        super().__init__(handled.function, action)
        self.message = message
        self.parameter = handled.parameter
        self.name = type(message).__name__

    @property
    def operation(self) -> str:
        """What the policy is asked for: the name of the handler, as over HTTP."""
        return f"action:{self.action.name}"

    def allow(self, work: Work) -> None:
        """Ask the policy about the handler."""
        if not work.trusted:
            require(work.caller, self.operation, self.function)

    def read(self, work: Work) -> None:
        """Take the message, which was validated when it was made."""
        arguments = Arguments.of(self.function)
        work.arguments = {self.parameter: self.message}
        if arguments.handed_in:
            work.arguments.update(arguments.hand_in(_NOTHING, work))

    def call(self, work: Work) -> object:
        """Call the handler."""
        return self.function(**work.arguments)

    def input(self, work: Work) -> object:
        """Return the fields of the message."""
        return self.message.model_dump()


_NOTHING = Given()
