"""What the generated routes give the middleware to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nitro_events.jobs import FunctionJob, MethodJob
from nitro_events.middleware.work import Job
from nitro_events.outcomes import Ran

if TYPE_CHECKING:
    from datetime import timedelta

    from nitro_events.http.inputs import Input
    from nitro_events.http.operations import Operation
    from nitro_events.middleware.work import Work
    from nitro_events.policy import Caller
    from nitro_events.resources import Seal

__all__ = ["RunJob", "SealedFunction", "SealedMethod", "check_seal", "sealed_for"]

ATTEMPTS = 4
"""How often an update is tried: its form is merged with what others changed meanwhile."""


class RunJob(Job):
    """An operation that does all of its work in one piece."""

    retries = ATTEMPTS - 1
    idempotent: bool | timedelta | None = False

    def __init__(self, operation: Operation, given: Input, seal: Seal | None) -> None:
        self.operation = operation
        self.given = given
        self.seal = seal
        self.kind, self.name = "event", operation.name
        target = operation.changes
        # what is no generated operation may return something to await
        self.is_async = self.in_thread = target is None
        if target is not None:
            self.kind, self.name = operation.name, target.slug
            self.near = target.kind
            self.idempotent = None

    def may_wait(self, work: Work) -> bool:
        """Tell whether there is anything to ask before a kept reply is given."""
        return work.key is not None

    def allow(self, work: Work) -> None:
        """Ask the policy before a kept reply is given; `run` asks for itself."""
        if work.key is not None:
            self.operation.allow(work.caller)

    def call(self, work: Work) -> object:
        """Run the operation."""
        assert work.request is not None
        outcome = self.operation.run(work.request, self.given, self.seal)
        if isinstance(outcome, Ran):  # its result may have to be awaited
            self.ran = outcome
            return outcome.result
        return outcome

    def input(self, work: Work) -> object:
        """Return what was sent, and of which entity."""
        return [getattr(self.operation, "id", None), dict(self.given.values), self.given.take]

    def is_stale(self, error: BaseException) -> bool:
        """Tell whether somebody else was faster."""
        return isinstance(error, self.operation.retry_on)


class SealedFunction(FunctionJob):
    """A declared function, called with a form of ours or without one."""

    seal_check: Callable[[Caller], None] | None = None

    def check(self, work: Work) -> None:
        """Raise BadSeal for a form that was made for something else."""
        if self.seal_check is not None:
            self.seal_check(work.caller)


class SealedMethod(MethodJob):
    """A declared method, called with a form of ours or without one."""

    seal_check: Callable[[Caller], None] | None = None

    def check(self, work: Work) -> None:
        """Raise BadSeal for a form that was made for something else."""
        if self.seal_check is not None:
            self.seal_check(work.caller)


def sealed_for(
    seal: Seal, slug: str | None, id: str | None, operation: str
) -> Callable[[Caller], None]:
    """Return what raises BadSeal for a caller whom a form was not made for, or not for this."""
    return lambda caller: check_seal(seal, slug, id, operation, caller)


def check_seal(
    seal: Seal | None, slug: str | None, id: str | None, operation: str, caller: Caller
) -> None:
    """Raise BadSeal if a form was made for something else or somebody else."""
    if seal is not None:
        seal.check(slug, id, operation, caller.id)
