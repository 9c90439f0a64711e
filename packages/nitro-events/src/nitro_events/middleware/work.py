"""One call on its way through the middleware, and what a middleware may ask for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from nitro_events.policy import Caller

if TYPE_CHECKING:
    import asyncio
    from datetime import timedelta

    from nitro_events.http.request import Request

__all__ = ["Blocking", "Job", "Middleware", "Pause", "Step", "Steps", "Work"]

RETRIES = 24
"""How often a call is tried once more when somebody else was faster each time."""


@dataclass(frozen=True, slots=True)
class Blocking:
    """Yielded by a middleware: ``found = yield Blocking(lambda: Tenant.get(id))``.

    The function is called; in an async call in a worker thread, or by *acall* if there is one.
    """

    call: Callable[[], Any]
    acall: Callable[[], Awaitable[Any]] | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Yielded by a middleware: wait for *seconds* without holding up an event loop."""

    seconds: float


Step: TypeAlias = "Blocking | Pause | Awaitable[Any] | None"
"""What may be yielded: None runs the rest of the chain, an awaitable is awaited."""
Steps: TypeAlias = Generator[Any, Any, Any]
"""What a middleware is while it runs; it yields a `Step` and is sent what came of it."""
Middleware: TypeAlias = "Callable[[Work], Steps]"


class Job:
    """What is to be done in the middle of the chain."""

    kind: str
    """ "action", "command", "query" or the name of a generated operation."""
    name: str
    retries: int = 0
    is_async: bool = False
    """Whether an async call of it goes through the chain on the event loop, not in a thread."""
    in_thread: bool = False
    """Whether `call` may block all the same, so that it is made in a worker thread."""
    idempotent: bool | timedelta | None = None
    near: type | None = None
    """The class whose store the effect is most likely in."""
    returns: object = None
    """What it is annotated to return."""

    @property
    def reads(self) -> bool:
        """Whether it must not write."""
        return self.kind == "query"

    def may_wait(self, work: Work) -> bool:
        """Tell whether `allow` may have to wait for a store or for the application."""
        return True

    def allow(self, work: Work) -> None:
        """Load what it is about into ``work.target``. Raises Forbidden if the caller may not."""

    def read(self, work: Work) -> None:
        """Read the arguments into ``work.arguments``. Raises Invalid."""

    def call(self, work: Work) -> object:
        """Do it; what comes back may be awaitable or a generator."""
        raise NotImplementedError

    def returned_pending(self) -> None:
        """Take note that `call`, which is not async, returned something to await."""

    def input(self, work: Work) -> object:
        """Return what tells this call from others, for the fingerprint of an idempotency key."""
        return None

    def is_stale(self, error: BaseException) -> bool:
        """Tell whether to try again after *error*."""
        return False


@dataclass(slots=True, eq=False)
class Work:
    """One call: what is done, for whom, with which arguments, and what became of it.

    *arguments* are there once they are read, *target* is the entity of a method once it is
    loaded. *outcome* is "done", "repeated" (an idempotency key was used again), "refused" (the
    caller got a 4xx) or "failed"; it is known after the ``yield``.
    """

    job: Job
    caller: Caller = field(default_factory=Caller)
    request: Request | None = None
    key: str | None = None
    trusted: bool = False
    """Whether nobody has to be asked if this is allowed: the application itself calls."""
    joins: bool = False
    """Whether the unit that is open was opened for this call."""
    sender: object = None
    lenient: bool = False
    """Whether a reply that cannot be kept for the key is no failure: nobody asked to keep it."""
    arguments: dict[str, object] = field(default_factory=dict[str, object])
    target: object = None
    attempt: int = 0
    outcome: str = "failed"
    loop: asyncio.AbstractEventLoop | None = None

    def __repr__(self) -> str:
        # without the arguments, which may be secret
        return f"<Work {self.kind} {self.name}>"

    @property
    def name(self) -> str:
        """The name it was declared with."""
        return self.job.name

    @property
    def kind(self) -> str:
        """What it is: "action", "command", "query", "create", …."""
        return self.job.kind
