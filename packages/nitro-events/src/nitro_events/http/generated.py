"""The generated routes: those of every target and of every declared function."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from nitro_events.actions import Action, action_of, functions
from nitro_events.http.callables import arguments_of, check_parameters, described
from nitro_events.http.commands import CommandRoutes
from nitro_events.http.operations import (
    ActionOperation,
    CreateOperation,
    DeleteOperation,
    FunctionOperation,
    Operation,
    UpdateOperation,
)
from nitro_events.http.paths import action_patterns, function_pattern, homes_of
from nitro_events.http.routes import Matched, Routes
from nitro_events.http.tree import RouteError, Tree
from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.fields import Field
    from nitro_events.resources import Target, TargetAction

__all__ = [
    "Entry",
    "GeneratedRoutes",
    "Table",
    "fields_of",
    "homes",
    "standard_routes",
    "target_at",
]

Make: TypeAlias = Callable[[str], Operation]


@dataclass(frozen=True, slots=True)
class Entry:
    """One generated route. *operation* is what the policy is asked; *owner* who declared it.

    *function* is what runs, None where an entity is created, updated or deleted.
    """

    method: str
    pattern: str
    name: str
    operation: str
    owner: str
    make: Make
    target: Target | None = None
    action: Action | None = None
    function: Callable[..., object] | None = None
    by_id: bool = False


class Table:
    """The generated routes of the classes and functions that are there now."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.homes: dict[str, Target] = {}
        self.errors: list[RouteError] = []
        """What cannot be: told when the application starts, and to who asks for it later."""
        self.clashes: list[RouteError] = []
        """Classes of one name: an error only where the name must decide."""
        self.plain = True
        """Whether every class and its actions are where their names say."""
        self._tree: Tree[Entry] = Tree()
        for target in state.targets:
            self._add_target(target)
        for function in functions().everyone():
            self._add_all(_function_entries(function), self.errors)

    def find(self, path: str) -> dict[str, Matched]:
        """Return who answers at *path*, by method. Raises RouteConflict if two ask for it."""
        return {
            method: _matched(entry, dict(given)) for method, entry, given in self._tree.find(path)
        }

    def match(self, method: str, path: str) -> Matched | None:
        """Return who answers *method* at *path*. Raises RouteConflict if two ask for it."""
        found = self._tree.match(method, path)
        return None if found is None else _matched(*found)

    def check(self) -> None:
        """Raise RouteError, naming both sides of each, if two routes ask for the same.

        While developing, two classes of one name are none: the name may never be asked for.
        """
        errors = [*self.errors, *(self.clashes if state.settings.production else ())]
        if errors:
            kind = type(errors[0]) if len(errors) == 1 else RouteError
            raise kind("\n".join(map(str, errors)))

    def _add_target(self, target: Target) -> None:
        try:
            homes = homes_of(target)
        except RouteError as error:
            self.errors.append(error)
            return
        taken = [home for home in homes if self.homes.setdefault(home, target) is not target]
        errors = self.clashes if taken else self.errors
        actions = target.actions().values()
        own_path = any(declared.action.path is not None for declared in actions)
        self.plain = self.plain and homes == (f"/{target.slug}",) and not own_path
        for home in homes:
            self._add_all(_target_entries(target, home), errors)
        self._add_all(_action_entries(target), errors)

    def _add_all(self, entries: Iterator[Entry], errors: list[RouteError]) -> None:
        try:
            for entry in entries:
                self._add(entry, errors)
        except RouteError as error:  # one that cannot even be written down
            errors.append(error)

    def _add(self, entry: Entry, errors: list[RouteError]) -> None:
        try:
            self._tree.add(entry.method, entry.pattern, entry, owner=entry.owner)
        except RouteError as error:
            errors.append(error)
        else:
            self.entries.append(entry)


class GeneratedRoutes:
    """The routes of every target and function, made anew when there is another one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._targets = state.targets
        self._functions = functions()
        self._made: tuple[int, int, Table] | None = None

    @property
    def table(self) -> Table:
        """The routes as they are now."""
        made, classes, declared = self._made, self._targets.version, self._functions.version
        if made is None or made[0] != classes or made[1] != declared:
            with self._lock:
                made = self._made = (classes, declared, Table())
        return made[2]

    def find(self, path: str, /) -> Mapping[str, Matched]:
        """Return the operations at *path* by method."""
        return self.table.find(path)

    def match(self, method: str, path: str, /) -> Matched | None:
        """Return the operation for *method* at *path*."""
        return self.table.match(method, path)

    def check(self) -> None:
        """Raise RouteError if two routes ask for the same requests."""
        self.table.check()

    def ways(self) -> Iterator[tuple[str, str, str]]:
        """Yield name, pattern and method of each."""
        for entry in self.table.entries:
            yield entry.name, entry.pattern, entry.method


def standard_routes() -> Routes:
    """Return a route table with the routes of targets, of functions and of ``/cmds``."""
    routes = Routes()
    routes.provide(state.part(GeneratedRoutes))
    routes.provide(CommandRoutes())
    return routes


def fields_of(entry: Entry) -> Mapping[str, Field]:
    """Return what may be given to *entry* by name: arguments, or the fields of its class."""
    if entry.function is not None:
        return arguments_of(entry.function, of_entity=entry.by_id).fields
    if entry.target is None or entry.operation == "delete":
        return {}
    return entry.target.fields()


def target_at(path: str) -> tuple[Target, list[str]] | None:
    """Return whose home *path* is in, and the parts behind it; None if it is nobody's."""
    homes = state.part(GeneratedRoutes).table.homes
    parts = path.split("/")
    for number in range(len(parts), 1, -1):
        target = homes.get("/".join(parts[:number]))
        if target is not None:
            return target, parts[number:]
    return None


def homes() -> Mapping[str, Target]:
    """Return the classes by the path below which the routes of each are."""
    return state.part(GeneratedRoutes).table.homes


def _matched(entry: Entry, params: dict[str, str]) -> Matched:
    id = params.pop("id", "") if entry.by_id else ""
    return Matched(entry.make(id), params, entry.name, entry.pattern)


def _target_entries(target: Target, home: str) -> Iterator[Entry]:
    owner = described(target.kind)

    def entry(method: str, tail: str, name: str, make: Make) -> Entry:
        pattern, by_id = f"{home}{tail}", bool(tail)
        whole = f"{target.slug}.{name}"
        return Entry(method, pattern, whole, name, owner, make, target, by_id=by_id)

    yield entry("POST", "", "create", lambda _: CreateOperation(target))
    for method in ("POST", "PATCH", "PUT"):
        yield entry(method, "/{id}", "update", lambda id: UpdateOperation(target, id))
    yield entry("DELETE", "/{id}", "delete", lambda id: DeleteOperation(target, id))
    yield entry("POST", "/{id}/delete", "delete", lambda id: DeleteOperation(target, id))


def _action_entries(target: Target) -> Iterator[Entry]:
    for name, declared in target.actions().items():
        for pattern in action_patterns(target, declared):
            check_parameters(declared.function, pattern, of_entity=not declared.on_class)
            for method in _methods(declared.action):
                yield Entry(
                    method,
                    pattern,
                    f"{target.slug}.{name}",
                    f"action:{name}",
                    described(declared.function),
                    _action_maker(target, declared),
                    target,
                    declared.action,
                    declared.function,
                    by_id=not declared.on_class,
                )


def _action_maker(target: Target, declared: TargetAction) -> Make:
    if declared.on_class:
        return lambda _: ActionOperation(target, declared, None)
    return lambda id: ActionOperation(target, declared, id)


def _function_entries(function: Callable[..., object]) -> Iterator[Entry]:
    action = action_of(function)
    if action is None:
        return
    pattern = function_pattern(action)
    check_parameters(function, pattern, of_entity=False)
    operation = FunctionOperation(function, action)
    yield Entry(
        action.method,
        pattern,
        action.name,
        f"action:{action.name}",
        described(function),
        lambda _: operation,
        action=action,
        function=function,
    )


def _methods(action: Action) -> tuple[str, ...]:
    # plain forms know POST only
    return (action.method,) if action.method in ("GET", "POST") else (action.method, "POST")
