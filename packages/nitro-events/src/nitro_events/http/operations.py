"""The operations that have generated routes: create, update, delete and declared actions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from nitro_events.actions import Action
from nitro_events.arguments import Arguments
from nitro_events.checks import errors_of_changes, errors_of_new
from nitro_events.fields import text_of
from nitro_events.http.browsers import owner_of
from nitro_events.http.operation_jobs import (
    RunJob,
    SealedFunction,
    SealedMethod,
    check_seal,
    sealed_for,
)
from nitro_events.http.problems import BadRequest
from nitro_events.middleware.permission import loaded, require
from nitro_events.middleware.work import Work
from nitro_events.outcomes import Outcome, Ran
from nitro_events.resources import (
    Seal,
    Target,
    TargetAction,
    create,
    delete,
    typed_changes,
    update,
)
from nitro_events.steps import take_step
from nitro_events.texts import Text
from nitro_events.trees import typed_texts
from nitro_events.undoing import Ticket, remembered

if TYPE_CHECKING:
    from nitro_events.fields import Field
    from nitro_events.http.inputs import Input
    from nitro_events.http.request import Request
    from nitro_events.middleware.work import Job
    from nitro_events.policy import Caller

__all__ = [
    "ActionOperation",
    "CreateOperation",
    "DeleteOperation",
    "FunctionOperation",
    "Operation",
    "UpdateOperation",
]


@dataclass(slots=True)
class Operation:
    """Something that a caller asks for by a generated route."""

    @property
    def name(self) -> str:
        """What the policy and seals call it."""
        raise NotImplementedError

    @property
    def changes(self) -> Target | None:
        """The class that it creates, updates or deletes one of, None for anything else."""
        return None

    @property
    def takes_files(self) -> bool:
        """Whether one of its fields holds the content of a file."""
        return self.changes is not None and _any_file(self.changes.fields())

    @property
    def stored(self) -> Mapping[str, Field]:
        """The fields that hold files which are kept elsewhere, by name."""
        return {} if self.changes is None else _stored(self.changes.fields())

    @property
    def retry_on(self) -> tuple[type[Exception], ...]:
        """After which failures it may be done once more from the beginning."""
        return () if self.changes is None else self.changes.retry_on

    @property
    def written_in(self) -> str | None:
        """The module of the application's function that this runs, if it runs one."""
        return None

    def typed(self, given: Input, seal: Seal | None) -> tuple[dict[str, str], dict[str, str]]:
        """Return what the user typed and the digests of what they saw, to show the form again."""
        typed = typed_texts(given.values, given.lists)
        return {name: text_of(value) for name, value in typed.items()}, {}

    def errors(
        self, request: Request, given: Input, seal: Seal, asked: Collection[str]
    ) -> Mapping[str, str]:
        """Return by field why this would be refused, without doing it.

        The fields *asked* about are looked up in the store, too. Raises as the operation does
        where the caller may not, or the form was made for something else.
        """
        job = self.job(given, seal)
        work = Work(job, request.caller, request)
        job.allow(work)
        job.read(work)
        return {}

    def job(self, given: Input, seal: Seal | None) -> Job:
        """Return what goes through the middleware."""
        return RunJob(self, given, seal)

    def outcome(self, work: Work, result: object) -> Outcome:
        """Return what the job came to."""
        ran = getattr(work.job, "ran", None)
        return cast("Outcome", result) if ran is None else replace(ran, result=result)

    def allow(self, caller: Caller) -> None:
        """Raise Forbidden if *caller* may not: asked before a reply is given again."""
        raise NotImplementedError

    def run(self, request: Request, given: Input, seal: Seal | None) -> Outcome:
        """Do it, in a worker thread and inside the unit of the request.

        The result of an async function is returned unawaited, a generator unstarted.
        """
        raise NotImplementedError


@dataclass(slots=True)
class CreateOperation(Operation):
    """Store a new one."""

    target: Target

    @property
    def name(self) -> str:
        """Its name for policy and seals."""
        return "create"

    @property
    def changes(self) -> Target:
        """The class."""
        return self.target

    def allow(self, caller: Caller) -> None:
        """Ask the policy about the class."""
        require(caller, self.name, self.target.kind)

    def errors(
        self, request: Request, given: Input, seal: Seal, asked: Collection[str]
    ) -> Mapping[str, str]:
        """Return what is wrong with a new one."""
        require(request.caller, self.name, self.target.kind)
        check_seal(seal, self.target.slug, None, self.name, request.caller)
        return errors_of_new(self.target, given, seal, asked)

    def run(self, request: Request, given: Input, seal: Seal | None) -> Outcome:
        """Create from a sealed form or from the JSON of a program."""
        require(request.caller, self.name, self.target.kind)
        check_seal(seal, self.target.slug, None, self.name, request.caller)
        _need_seal(given, seal)
        if seal is not None and seal.steps is not None:
            return take_step(
                self.target, given, seal, owner=owner_of(request), caller=request.caller
            )
        return create(self.target, given, seal)


@dataclass(slots=True)
class _OnEntity(Operation):
    target: Target
    id: str

    @property
    def changes(self) -> Target:
        """The class of the entity."""
        return self.target

    def allow(self, caller: Caller) -> None:
        """Ask the policy about the entity; the reply may be that it is gone."""
        with suppress(LookupError):
            loaded(self.target, self.id, caller, self.name)


@dataclass(slots=True)
class UpdateOperation(_OnEntity):
    """Change the fields that were given."""

    @property
    def name(self) -> str:
        """Its name for policy and seals."""
        return "update"

    def typed(self, given: Input, seal: Seal | None) -> tuple[dict[str, str], dict[str, str]]:
        """Return only the fields that the user changed."""
        return typed_changes(self.target, given, seal)

    def errors(
        self, request: Request, given: Input, seal: Seal, asked: Collection[str]
    ) -> Mapping[str, str]:
        """Return what is wrong with the changes."""
        entity = loaded(self.target, self.id, request.caller, self.name)
        check_seal(seal, self.target.slug, self.id, self.name, request.caller)
        return errors_of_changes(self.target, entity, given, seal, asked)

    def run(self, request: Request, given: Input, seal: Seal | None) -> Outcome:
        """Update from a sealed form or from the JSON of a program."""
        entity = loaded(self.target, self.id, request.caller, self.name)
        check_seal(seal, self.target.slug, self.id, self.name, request.caller)
        _need_seal(given, seal)
        saved = update(self.target, entity, given, seal)
        ticket = _ticket(self, request, seal)
        return saved if ticket is None else replace(saved, undo=ticket)


@dataclass(slots=True)
class DeleteOperation(_OnEntity):
    """Delete it."""

    @property
    def name(self) -> str:
        """Its name for policy and seals."""
        return "delete"

    def errors(
        self, request: Request, given: Input, seal: Seal, asked: Collection[str]
    ) -> Mapping[str, str]:
        """Return nothing: there is nothing to fill in."""
        loaded(self.target, self.id, request.caller, self.name)
        check_seal(seal, self.target.slug, self.id, self.name, request.caller)
        return {}

    def run(self, request: Request, given: Input, seal: Seal | None) -> Outcome:
        """Delete; what else was sent does not matter, but a form is sealed."""
        entity = loaded(self.target, self.id, request.caller, self.name)
        check_seal(seal, self.target.slug, self.id, self.name, request.caller)
        if given.kind == "form":
            _need_seal(given, seal)
        deleted = delete(self.target, entity, seal)
        ticket = _ticket(self, request, seal)
        return deleted if ticket is None else replace(deleted, undo=ticket)


@dataclass(slots=True)
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
    def takes_files(self) -> bool:
        """Whether one of its arguments is the content of a file."""
        return _any_file(Arguments.of(self.declared.function).fields)

    @property
    def stored(self) -> Mapping[str, Field]:
        """The arguments that are such files."""
        return _stored(Arguments.of(self.declared.function).fields)

    @property
    def written_in(self) -> str | None:
        """The module of the class."""
        return self.target.kind.__module__

    def job(self, given: Input, seal: Seal | None) -> Job:
        """Return the call of the method."""
        action, kind, complete = self.declared.action, self.target.kind, seal is not None
        job: SealedFunction | SealedMethod
        if self.id is None:
            method = getattr(kind, self.name)
            job = SealedFunction(method, action, given, complete=complete, target=kind)
        else:
            function = self.declared.function
            job = SealedMethod(function, action, self.target, self.id, given, complete=complete)
        if seal is not None:
            job.seal_check = sealed_for(seal, self.target.slug, self.id, self.name)
        return job

    def outcome(self, work: Work, result: object) -> Outcome:
        """Return what the method gave."""
        return Ran(self.name, result, self.target, work.target)


@dataclass(slots=True)
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
    def takes_files(self) -> bool:
        """Whether one of its arguments is the content of a file."""
        return _any_file(Arguments.of(self.function).fields)

    @property
    def stored(self) -> Mapping[str, Field]:
        """The arguments that are such files."""
        return _stored(Arguments.of(self.function).fields)

    @property
    def written_in(self) -> str | None:
        """The module of the function."""
        return self.function.__module__

    def job(self, given: Input, seal: Seal | None) -> Job:
        """Return the call of the function."""
        complete = seal is not None
        job = SealedFunction(self.function, self.action, given, complete=complete)
        if seal is not None:
            job.seal_check = sealed_for(seal, None, None, self.name)
        return job

    def outcome(self, work: Work, result: object) -> Outcome:
        """Return what the function gave."""
        return Ran(self.name, result)


def _ticket(operation: _OnEntity, request: Request, seal: Seal | None) -> Ticket | None:
    """Keep what it was before, for a form that somebody may want to take back."""
    if seal is None or not seal.undo or not request.wants_html:
        return None
    target = operation.target
    return remembered(target.kind, target.slug, operation.name, request.caller)


def _any_file(fields: Mapping[str, Field]) -> bool:
    return any(item.file or item.stored for item in fields.values())


def _stored(fields: Mapping[str, Field]) -> Mapping[str, Field]:
    return {name: item for name, item in fields.items() if item.stored}


def _need_seal(given: Input, seal: Seal | None) -> None:
    if seal is None and given.kind != "json":
        msg = Text("Send a form that this application made, or application/json")
        raise BadRequest(msg)
