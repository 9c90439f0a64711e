"""The operations that have generated routes: create, update, delete and declared actions."""

from __future__ import annotations

import opcode
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from nitro_events.actions import Action
from nitro_events.fields import text_of
from nitro_events.http.problems import BadRequest, status_of
from nitro_events.jobs import FunctionJob, MethodJob
from nitro_events.middleware.permission import loaded, require
from nitro_events.middleware.work import Job, Work
from nitro_events.outcomes import Invalid, Outcome, Ran
from nitro_events.policy import Caller
from nitro_events.resources import (
    Given,
    Seal,
    Target,
    TargetAction,
    create,
    delete,
    typed_changes,
    update,
)

if TYPE_CHECKING:
    from nitro_events.http.inputs import Input
    from nitro_events.http.request import Request

__all__ = [
    "ActionOperation",
    "CreateOperation",
    "DeleteOperation",
    "FunctionOperation",
    "Operation",
    "UpdateOperation",
    "loaded",
    "require",
    "told_as_refusal",
]

ATTEMPTS = 4
"""How often an update is tried: its form is merged with what others changed meanwhile."""

_RAISE = opcode.opmap["RAISE_VARARGS"]


@dataclass(frozen=True, slots=True)
class Operation(ABC):
    """Something that a caller asks for by a generated route."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What the policy and seals call it."""

    @property
    def retry_on(self) -> tuple[type[Exception], ...]:
        """After which failures it may be done once more from the beginning."""
        return ()

    @property
    def written_in(self) -> str | None:
        """The module of the application's function that this runs, if it runs one."""
        return None

    def typed(self, given: Input, seal: Seal | None) -> tuple[dict[str, str], dict[str, str]]:
        """Return what the user typed and the digests of what they saw, to show the form again."""
        return {name: text_of(value) for name, value in given.values.items()}, {}

    def job(self, given: Input, seal: Seal | None) -> Job:
        """Return what goes through the middleware."""
        return RunJob(self, given, seal)

    def outcome(self, work: Work, result: object) -> Outcome:
        """Return what the job came to."""
        ran = getattr(work.job, "ran", None)
        return cast("Outcome", result) if ran is None else replace(ran, result=result)

    def run(self, request: Request, given: Input, seal: Seal | None) -> Outcome:
        """Do it, in a worker thread and inside the unit of the request.

        The result of an async function is returned unawaited, a generator unstarted.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class CreateOperation(Operation):
    """Store a new one."""

    target: Target

    @property
    def name(self) -> str:
        """Its name for policy and seals."""
        return "create"

    @property
    def retry_on(self) -> tuple[type[Exception], ...]:
        """Whatever says that somebody else was faster."""
        return self.target.retry_on

    def run(self, request: Request, given: Input, seal: Seal | None) -> Outcome:
        """Create from a sealed form or from the JSON of a program."""
        require(request.caller, self.name, self.target.kind)
        _check_seal(seal, self.target.slug, None, self.name, request.caller)
        _need_seal(given, seal)
        return create(self.target, as_given(given), seal)


@dataclass(frozen=True, slots=True)
class _OnEntity(Operation):
    target: Target
    id: str

    @property
    def retry_on(self) -> tuple[type[Exception], ...]:
        """Whatever says that somebody else was faster."""
        return self.target.retry_on


@dataclass(frozen=True, slots=True)
class UpdateOperation(_OnEntity):
    """Change the fields that were given."""

    @property
    def name(self) -> str:
        """Its name for policy and seals."""
        return "update"

    def typed(self, given: Input, seal: Seal | None) -> tuple[dict[str, str], dict[str, str]]:
        """Return only the fields that the user changed."""
        return typed_changes(self.target, as_given(given), seal)

    def run(self, request: Request, given: Input, seal: Seal | None) -> Outcome:
        """Update from a sealed form or from the JSON of a program."""
        entity = loaded(self.target, self.id, request.caller, self.name)
        _check_seal(seal, self.target.slug, self.id, self.name, request.caller)
        _need_seal(given, seal)
        return update(self.target, entity, as_given(given), seal)


@dataclass(frozen=True, slots=True)
class DeleteOperation(_OnEntity):
    """Delete it."""

    @property
    def name(self) -> str:
        """Its name for policy and seals."""
        return "delete"

    def run(self, request: Request, given: Input, seal: Seal | None) -> Outcome:
        """Delete; what else was sent does not matter, but a form is sealed."""
        entity = loaded(self.target, self.id, request.caller, self.name)
        _check_seal(seal, self.target.slug, self.id, self.name, request.caller)
        if given.kind == "form":
            _need_seal(given, seal)
        return delete(self.target, entity)


@dataclass(frozen=True, slots=True)
class ActionOperation(Operation):
    """Run a declared action of an entity, or without *id* of its class."""

    target: Target
    declared: TargetAction
    id: str | None
    sender: str | None = None

    @property
    def name(self) -> str:
        """The name it was declared with."""
        return self.declared.action.name

    @property
    def written_in(self) -> str | None:
        """The module of the class."""
        return self.target.kind.__module__

    def job(self, given: Input, seal: Seal | None) -> Job:
        """Return the call of the method."""
        action, kind, complete = self.declared.action, self.target.kind, seal is not None
        check = _sealed_for(seal, self.target.slug, self.id, self.name)
        values = as_given(given)
        if self.id is None:
            method = getattr(kind, self.name)
            job = SealedFunction(method, action, values, complete=complete, target=kind)
            job.seal_check = check
            return job
        function = self.declared.function
        called = SealedMethod(function, action, self.target, self.id, values, complete=complete)
        called.seal_check = check
        return called

    def outcome(self, work: Work, result: object) -> Outcome:
        """Return what the method gave."""
        return Ran(self.name, result, self.target, work.target)


@dataclass(frozen=True, slots=True)
class FunctionOperation(Operation):
    """Run a declared function that belongs to no class."""

    function: Callable[..., object]
    action: Action
    sender: str | None = None

    @property
    def name(self) -> str:
        """The name it was declared with."""
        return self.action.name

    @property
    def written_in(self) -> str | None:
        """The module of the function."""
        return self.function.__module__

    def job(self, given: Input, seal: Seal | None) -> Job:
        """Return the call of the function."""
        complete = seal is not None
        job = SealedFunction(self.function, self.action, as_given(given), complete=complete)
        job.seal_check = _sealed_for(seal, None, None, self.name)
        return job

    def outcome(self, work: Work, result: object) -> Outcome:
        """Return what the function gave."""
        return Ran(self.name, result)


def as_given(given: Input) -> Given:
    """Return what was sent without where it came from."""
    return Given(given.values, given.lists, given.take, form=given.kind == "form")


@contextmanager
def told_as_refusal(operation: Operation, given: Input) -> Generator[None]:
    """Show the text of a ValueError that the application itself raised, and keep what was typed.

    One from deeper down, of a library or of Python, stays what it is: its text is not meant for
    the caller.
    """
    try:
        yield
    except ValueError as error:
        if isinstance(error, UnicodeError) or status_of(error) is not None:
            raise
        if not _raised_in(operation.written_in, error):
            raise
        raise Invalid({"": str(error)}, values_as_text(given)) from error


def _raised_in(module: str | None, error: Exception) -> bool:
    """Tell whether a ``raise`` in the package of *module* made *error*."""
    if module is None:
        return False
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    raised_in = str(trace.tb_frame.f_globals.get("__name__", ""))
    if raised_in.partition(".")[0] != module.partition(".")[0]:
        return False
    # int("x") fails in the same frame, but by no raise of the application
    return trace.tb_frame.f_code.co_code[trace.tb_lasti] == _RAISE


def values_as_text(given: Input) -> dict[str, str]:
    """Return what a form sent, as it was typed."""
    return {name: value for name, value in given.values.items() if isinstance(value, str)}


class RunJob(Job):
    """An operation that does all of its work in one piece."""

    retries = ATTEMPTS - 1

    def __init__(self, operation: Operation, given: Input, seal: Seal | None) -> None:
        self.operation = operation
        self.given = given
        self.seal = seal
        self.kind, self.name = "event", operation.name
        # what is no generated operation may return something to await
        self.is_async = self.in_thread = True
        if isinstance(operation, CreateOperation | _OnEntity):
            self.kind, self.name = operation.name, operation.target.slug
            self.near = operation.target.kind
            self.is_async = self.in_thread = False
        self.idempotent = None if isinstance(operation, CreateOperation) else False

    def may_wait(self, work: Work) -> bool:
        """Tell whether there is anything to ask before a kept reply is given."""
        return work.key is not None

    def allow(self, work: Work) -> None:
        """Ask the policy before a kept reply is given; `run` asks for itself."""
        if work.key is not None and isinstance(self.operation, CreateOperation):
            require(work.caller, self.operation.name, self.operation.target.kind)

    def call(self, work: Work) -> object:
        """Run the operation."""
        assert work.request is not None
        outcome = self.operation.run(work.request, self.given, self.seal)
        if isinstance(outcome, Ran):  # its result may have to be awaited
            self.ran = outcome
            return outcome.result
        return outcome

    def input(self, work: Work) -> object:
        """Return what was sent."""
        return dict(self.given.values)

    def is_stale(self, error: BaseException) -> bool:
        """Tell whether somebody else was faster."""
        return isinstance(error, self.operation.retry_on)


class SealedFunction(FunctionJob):
    """A declared function, called with a form of ours or without one."""

    seal_check: Callable[[Caller], None]

    def check(self, work: Work) -> None:
        """Raise BadSeal for a form that was made for something else."""
        self.seal_check(work.caller)


class SealedMethod(MethodJob):
    """A declared method, called with a form of ours or without one."""

    seal_check: Callable[[Caller], None]

    def check(self, work: Work) -> None:
        """Raise BadSeal for a form that was made for something else."""
        self.seal_check(work.caller)


def _sealed_for(
    seal: Seal | None, slug: str | None, id: str | None, operation: str
) -> Callable[[Caller], None]:
    return lambda caller: _check_seal(seal, slug, id, operation, caller)


def _check_seal(
    seal: Seal | None, slug: str | None, id: str | None, operation: str, caller: Caller
) -> None:
    if seal is not None:
        seal.check(slug, id, operation, caller.id)


def _need_seal(given: Input, seal: Seal | None) -> None:
    if seal is None and given.kind != "json":
        msg = "Send a form that this application made, or application/json"
        raise BadRequest(msg)
