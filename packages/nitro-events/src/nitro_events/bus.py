"""Has declared functions, methods and messages done, with everything that goes around them.

``dispatch(PlaceOrder(customer="Ann"))`` finds the one handler of the message;
``dispatch(restock_all, quantity=5)`` and ``dispatch(product.restock, quantity=5)`` run what was
declared with ``@action``, ``@command`` or ``@query``. Arguments are validated, what changes is
committed as one unit, and tried again when somebody else was faster, just as for a request.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from nitro_events.actions import Action, action_of
from nitro_events.arguments import Arguments
from nitro_events.http.request import current_request
from nitro_events.jobs import FunctionJob, MessageJob, MethodJob
from nitro_events.messages import Message, NoHandler, handled
from nitro_events.middleware.idempotency import checked_key
from nitro_events.middleware.standard import standard
from nitro_events.middleware.work import Work
from nitro_events.policy import Caller
from nitro_events.resources import Given
from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.middleware.work import Job

__all__ = ["adispatch", "dispatch"]


def dispatch(
    subject: Message | Callable[..., object],
    /,
    *,
    caller: Caller | None = None,
    idempotency_key: str | None = None,
    **arguments: object,
) -> Any:
    """Do what *subject* says and return the result.

    *subject* is a message, or a declared function, or a declared method of an entity; that one is
    loaded anew, so the object itself stays as it is. With *caller* the policy is asked; without,
    it is the application itself that calls. Inside a unit of work what is changed becomes a part
    of that one. Raises NoHandler, TypeError for what was not declared, Invalid for arguments that
    cannot be, Forbidden, and what the handler raises.
    """
    work = _work(subject, arguments, caller, idempotency_key)
    return standard(work).run(work)


async def adispatch(
    subject: Message | Callable[..., object],
    /,
    *,
    caller: Caller | None = None,
    idempotency_key: str | None = None,
    **arguments: object,
) -> Any:
    """Await `dispatch`: an async handler runs on the event loop, any other in a worker thread."""
    work = _work(subject, arguments, caller, idempotency_key)
    return await standard(work).arun(work)


def _work(
    subject: Message | Callable[..., object],
    arguments: dict[str, object],
    caller: Caller | None,
    key: str | None,
) -> Work:
    request = current_request.get()
    if caller is None:
        # who asked for what is going on here, if that is known by now
        acting = Caller() if request is None else request.known_caller or Caller()
    else:
        acting = caller
    return Work(
        _job(subject, arguments),
        acting,
        request,
        checked_key(key),
        trusted=caller is None,
    )


def _job(subject: Message | Callable[..., object], arguments: dict[str, object]) -> Job:
    if isinstance(subject, Message):
        if arguments:
            msg = (
                f"{type(subject).__name__} holds its own values; besides it dispatch() takes none"
            )
            raise TypeError(msg)
        found = handled(type(subject))
        return MessageJob(subject, found, cast("Action", action_of(found.function)))
    declared = action_of(subject)
    if declared is None or not callable(subject):
        raise NoHandler(_undeclared(subject))
    _check_names(subject, arguments)
    given = Given(arguments)
    owner: object = getattr(subject, "__self__", None)
    if owner is None or isinstance(owner, type):
        return FunctionJob(subject, declared, given, target=owner)
    target = state.targets.of(type(owner))
    if target is None:
        return FunctionJob(subject, declared, given)
    return MethodJob(subject, declared, target, target.id_of(owner), given)


def _undeclared(subject: object) -> str:
    name = getattr(subject, "__qualname__", None) or f"a {type(subject).__qualname__}"
    return (
        f"Nobody handles {name}: dispatch() takes a Command or Query, or a function or method "
        f"declared with @action, @command or @query"
    )


def _check_names(function: Callable[..., object], arguments: dict[str, object]) -> None:
    known = Arguments.of(function).fields
    for name in arguments:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" It takes: {', '.join(known)}"
            msg = f"{getattr(function, '__qualname__', function)} has no argument {name!r}.{hint}"
            raise TypeError(msg)
