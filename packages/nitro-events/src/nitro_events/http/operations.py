"""The operations that have generated routes: create, update, delete and declared actions."""

from __future__ import annotations

import inspect
import opcode
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from nitro_events.actions import Action, action_of, functions
from nitro_events.arguments import Arguments
from nitro_events.fields import text_of
from nitro_events.http.problems import BadRequest, Forbidden, NotFound, status_of
from nitro_events.http.routes import Matched, Routes
from nitro_events.outcomes import Invalid, Outcome, Ran
from nitro_events.policy import Caller, can
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
from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.http.inputs import Input
    from nitro_events.http.request import Request

__all__ = [
    "ActionOperation",
    "CreateOperation",
    "DeleteOperation",
    "FunctionOperation",
    "FunctionRoutes",
    "Operation",
    "TargetRoutes",
    "UpdateOperation",
    "standard_routes",
    "told_as_refusal",
]

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

    @abstractmethod
    def run(self, request: Request, given: Input, seal: Seal | None) -> Outcome:
        """Do it, in a worker thread and inside the unit of the request.

        The result of an async action is returned unawaited.
        """


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
    """Run a declared action of an entity, or without *id* of its class.

    An action may do more than change data, so it is never run twice.
    """

    target: Target
    declared: TargetAction
    id: str | None

    @property
    def name(self) -> str:
        """The name it was declared with."""
        return self.declared.action.name

    @property
    def written_in(self) -> str | None:
        """The module of the class."""
        return self.target.kind.__module__

    def run(self, request: Request, given: Input, seal: Seal | None) -> Outcome:
        """Call the method with what was given, read by its signature."""
        owner, entity = self._owner(request.caller)
        _check_seal(seal, self.target.slug, self.id, self.name, request.caller)
        method = cast("Callable[..., Any]", getattr(owner, self.name))
        arguments = Arguments.of(method)
        keywords = arguments.read(as_given(given), request, complete=seal is not None)
        return Ran(self.name, collected(method(**keywords)), self.target, entity)

    def _owner(self, caller: Caller) -> tuple[object, object]:
        operation = f"action:{self.name}"
        if self.id is None:
            require(caller, operation, self.target.kind)
            return self.target.kind, None
        entity = loaded(self.target, self.id, caller, operation)
        return entity, entity


@dataclass(frozen=True, slots=True)
class FunctionOperation(Operation):
    """Run a declared function that belongs to no class."""

    function: Callable[..., object]
    action: Action

    @property
    def name(self) -> str:
        """The name it was declared with."""
        return self.action.name

    @property
    def written_in(self) -> str | None:
        """The module of the function."""
        return self.function.__module__

    def run(self, request: Request, given: Input, seal: Seal | None) -> Outcome:
        """Call the function with what was given, read by its signature."""
        require(request.caller, f"action:{self.name}", self.function)
        _check_seal(seal, None, None, self.name, request.caller)
        arguments = Arguments.of(self.function)
        keywords = arguments.read(as_given(given), request, complete=seal is not None)
        return Ran(self.name, collected(self.function(**keywords)))


class TargetRoutes:
    """The routes of every target: ``/cities``, ``/cities/{id}``, ``/cities/{id}/{action}``."""

    def find(self, path: str, /) -> Mapping[str, Matched]:
        """Return the operations at *path* by method."""
        slug, *rest = path[1:].split("/")
        target = state.targets.named(slug) if slug and all(rest) and len(rest) <= 2 else None
        if target is None:
            return {}
        params: dict[str, str] = dict(zip(("id", "action"), rest, strict=False))
        found = _operations(target, rest)
        return {
            method: Matched(operation, params, f"{slug}.{operation.name}")
            for method, operation in found.items()
        }


class FunctionRoutes:
    """The routes of declared functions: ``/{name}``, or the path they declare."""

    def find(self, path: str, /) -> Mapping[str, Matched]:
        """Return the function at *path* by its method."""
        declared = functions()
        function = declared.get(path[1:])
        if function is None or _path_of(function) not in (None, path):
            function = next((item for item in declared.values() if _path_of(item) == path), None)
        action = None if function is None else action_of(function)
        if function is None or action is None:
            return {}
        return {action.method: Matched(FunctionOperation(function, action), {}, action.name)}


def standard_routes() -> Routes:
    """Return a route table with the routes of targets and of functions."""
    routes = Routes()
    routes.provide(TargetRoutes())
    routes.provide(FunctionRoutes())
    return routes


def _operations(target: Target, rest: list[str]) -> dict[str, Operation]:
    if not rest:
        return {"POST": CreateOperation(target)}
    declared = target.actions()
    if len(rest) == 2:
        id, name = rest
        if name == "delete":
            return {"POST": DeleteOperation(target, id)}
        action = declared.get(name)
        if action is None or action.on_class:
            return {}
        return _methods(action.action, ActionOperation(target, action, id))
    action = declared.get(rest[0])
    if action is not None and action.on_class:
        return _methods(action.action, ActionOperation(target, action, None))
    changed = UpdateOperation(target, rest[0])
    deleted = DeleteOperation(target, rest[0])
    return {"POST": changed, "PATCH": changed, "PUT": changed, "DELETE": deleted}


def _methods(action: Action, operation: Operation) -> dict[str, Operation]:
    # plain forms know POST only
    also: dict[str, Operation] = {} if action.method == "GET" else {"POST": operation}
    return {**also, action.method: operation}


def _path_of(function: Callable[..., object]) -> str | None:
    action = action_of(function)
    return None if action is None else action.path


def require(caller: Caller, operation: str, target: object) -> None:
    """Raise Forbidden unless the policy says that *caller* may."""
    if not can(caller, operation, target):
        msg = "You may not do this"
        raise Forbidden(msg)


def loaded(target: Target, id: str, caller: Caller, operation: str) -> object:
    """Return the entity if *caller* may; who may not is not told whether it exists."""
    try:
        id.encode()  # what is no text cannot be an id, and no store takes it
        entity = target.load(id)
    except UnicodeEncodeError:
        raise NotFound from None
    except LookupError:
        require(caller, operation, target.kind)
        raise
    require(caller, operation, entity)
    return entity


def as_given(given: Input) -> Given:
    """Return what was sent without where it came from."""
    return Given(given.values, given.lists, given.take, form=given.kind == "form")


@contextmanager
def told_as_refusal(operation: Operation, given: Input) -> Iterator[None]:
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


def collected(result: object) -> object:
    """Return what a generator yields as a list, and any other result as it is."""
    return list(cast("Iterable[object]", result)) if inspect.isgenerator(result) else result


def _check_seal(
    seal: Seal | None, slug: str | None, id: str | None, operation: str, caller: Caller
) -> None:
    if seal is not None:
        seal.check(slug, id, operation, caller.id)


def _need_seal(given: Input, seal: Seal | None) -> None:
    if seal is None and given.kind != "json":
        msg = "Send a form that this application made, or application/json"
        raise BadRequest(msg)
