"""Django's transaction of a request ends as Nitro's unit does.

ATOMIC_REQUESTS commits when the view returns. What Nitro writes is committed after that, and may
fail; so a transaction around Django's own waits for it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

from django.db import connections, transaction
from django.http import HttpRequest

from nitro_django.callables import is_async

__all__ = ["enter", "is_held", "leave", "wants_atomic"]


class Held(NamedTuple):
    """The transactions that wait."""

    aliases: tuple[str, ...]
    stack: ExitStack


def wants_atomic(view: Callable[..., Any]) -> bool:
    """Tell whether Django makes *view* atomic in any database."""
    return any(_aliases(view)) and not is_async(view)


def enter(request: HttpRequest, view: Callable[..., Any]) -> None:
    """Begin a transaction in each database in which *view* is atomic."""
    aliases = tuple(_aliases(view))
    with ExitStack() as stack:
        for alias in aliases:
            stack.enter_context(transaction.atomic(using=alias))
        vars(request)["_nitro_held"] = Held(aliases, stack.pop_all())


def is_held(request: HttpRequest) -> bool:
    """Tell whether transactions wait for `leave`."""
    return "_nitro_held" in vars(request)


def leave(request: HttpRequest, *, undo: bool) -> None:
    """End what `enter` began, without effect if *undo*. Call it in the same thread."""
    held: Held | None = vars(request).pop("_nitro_held", None)
    if held is None:
        return
    with held.stack:
        if undo:
            for alias in held.aliases:
                transaction.set_rollback(True, using=alias)


def _aliases(view: Callable[..., Any]) -> Iterator[str]:
    exempt: set[str] = getattr(view, "_non_atomic_requests", set())
    for alias, config in connections.settings.items():
        if config["ATOMIC_REQUESTS"] and alias not in exempt:
            yield alias
