"""What a client can reach: every route and command, its verb, fields and who may.

``assert_surface("surface.txt")`` in a test writes that down the first time. From then on a change
that opens something, or closes it, shows in the test and is accepted by writing it anew.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nitro_events.actions import Action, action_of, functions
from nitro_events.http.callables import arguments_of
from nitro_events.http.commands import COMMANDS, Exposed
from nitro_events.http.generated import Entry, GeneratedRoutes, fields_of
from nitro_events.messages import opened
from nitro_events.policy import Caller, can
from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.resources import Target, TargetAction

__all__ = ["Surface", "SurfaceChanged", "Way", "assert_surface", "surface"]

UPDATE = "NITRO_UPDATE_SURFACE"
"""Set in the environment, it lets `assert_surface` write what it finds."""
_ANY_COMMAND = f"{COMMANDS}/{{command}}"


class SurfaceChanged(AssertionError):
    """Something can be reached that could not, or the other way round; the text is the diff."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way in: a verb and a path, what may be given, what the policy is asked.

    *may* says by name which of the callers that were given are let in; what depends on one
    entity is asked about its class. *code* is what runs, empty for an entity itself.

    What Nitro answers besides, such as the pages with forms, stored files and all below
    ``/_nitro``, has the name of its route as *operation*, and neither fields nor *may*: what the
    policy is asked there depends on what is sent.
    """

    verb: str
    path: str
    operation: str
    about: str = ""
    fields: tuple[str, ...] = ()
    code: str = ""
    may: tuple[str, ...] | None = None

    def __str__(self) -> str:
        about = f" {self.about}" if self.about else ""
        line = f"{self.verb} {self.path}  {self.operation}{about}"
        line += f"  ({', '.join(self.fields)})"
        if self.may is not None:
            line += f"  may: {', '.join(self.may) or 'nobody asked about'}"
        return line


@dataclass(frozen=True, slots=True)
class Surface:
    """Everything that can be reached, and the name of the policy that decides."""

    policy: str
    ways: tuple[Way, ...] = field(default=())

    def __str__(self) -> str:
        lines = [f"policy: {self.policy}", *map(str, self.ways)]
        return "\n".join(lines) + "\n"


def surface(callers: Mapping[str, Caller] | None = None, *, topics: Iterable[str] = ()) -> Surface:
    """Return every command, query, event, topic and route of Nitro that a client can reach.

    *callers* are asked about by the policy, each for every way:
    ``surface({"anybody": Caller(), "ann": Caller("ann")})``. The topics are those of the entity
    classes; *topics* are others that pages of the application listen to.
    """
    policy = state.policy
    name = f"{policy.__module__}.{getattr(policy, '__qualname__', type(policy).__qualname__)}"
    ways = {*_routes(callers), *_commands(callers), *_events(callers), *_topics(topics, callers)}
    ways.update(_others({(way.verb, way.path) for way in ways}))
    return Surface(name, tuple(sorted(ways, key=lambda way: (way.path, way.verb))))


def assert_surface(
    path: str | Path,
    callers: Mapping[str, Caller] | None = None,
    *,
    topics: Iterable[str] = (),
    update: bool = False,
) -> None:
    """Compare the surface with the file *path*, written if it is not there yet.

    Raises SurfaceChanged with the difference. To accept it, delete the file, or run the test once
    with *update* or with NITRO_UPDATE_SURFACE=1 in the environment.
    """
    file, found = Path(path), str(surface(callers, topics=topics))
    if update or os.environ.get(UPDATE) or not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(found, encoding="utf-8")
        return
    kept = file.read_text(encoding="utf-8")
    if kept == found:
        return
    lines = difflib.unified_diff(
        kept.splitlines(), found.splitlines(), f"{file} (accepted)", "now", lineterm="", n=0
    )
    msg = "\n".join(["What clients can reach has changed:", *lines, "", _how(file)])
    raise SurfaceChanged(msg)


def _how(file: Path) -> str:
    return f"If it is meant, run the test once with {UPDATE}=1, and commit {file}"


def _routes(callers: Mapping[str, Caller] | None) -> Iterator[Way]:
    prefix = state.settings.prefix
    for entry in state.part(GeneratedRoutes).table.entries:
        subject = _subject(entry)
        about = entry.target.kind.__name__ if entry.target is not None else ""
        may = _may(callers, entry.operation, subject)
        fields = tuple(fields_of(entry))
        code = entry.owner if entry.function is not None else ""
        yield Way(entry.method, prefix + entry.pattern, entry.operation, about, fields, code, may)


def _subject(entry: Entry) -> object:
    return entry.function if entry.target is None else entry.target.kind


def _commands(callers: Mapping[str, Caller] | None) -> Iterator[Way]:
    for name, function in {**dict(opened()), **dict(functions().unmistaken())}.items():
        action = action_of(function)
        if action is None or action.kind == "query":
            continue
        fields = tuple(arguments_of(function, of_entity=False).fields)
        operation = f"action:{action.name}"
        may = _may(callers, operation, function)
        for verb in _verbs(action):
            yield Way(verb, _command_path(name), operation, "", fields, "", may)
    for target in state.targets:
        for declared in target.actions().values():
            yield from _target_commands(target, declared, callers)


def _target_commands(
    target: Target, declared: TargetAction, callers: Mapping[str, Caller] | None
) -> Iterator[Way]:
    action = declared.action
    if action.kind == "query":
        return
    fields = tuple(arguments_of(declared.function, of_entity=not declared.on_class).fields)
    operation = f"action:{action.name}"
    may = _may(callers, operation, target.kind)
    for verb in _verbs(action):
        path = _command_path(f"{target.slug}.{action.name}")
        yield Way(verb, path, operation, target.kind.__name__, fields, "", may)


def _events(callers: Mapping[str, Caller] | None) -> Iterator[Way]:
    for name in state.part(Exposed):
        operation = f"event:{name}"
        may = _may(callers, operation, None)
        yield Way("POST", _command_path(name), operation, "", ("signals",), "", may)


def _others(known: Container[tuple[str, str]]) -> Iterator[Way]:
    for name, pattern, verb in state.routes.ways():
        path = state.settings.prefix + pattern
        # each command is listed by its name
        if not pattern.startswith(_ANY_COMMAND) and (verb, path) not in known:
            yield Way(verb, path, name)


def _topics(topics: Iterable[str], callers: Mapping[str, Caller] | None) -> Iterator[Way]:
    # a page names its topics itself; the policy says who gets what is published to them
    yield Way("GET", "(a live page)", "stream", "its views and topics")
    for topic in {*topics, *(target.kind.__name__ for target in state.targets)}:
        yield Way("GET", f"(topic {topic})", "listen", may=_may(callers, "listen", topic))


def _command_path(name: str) -> str:
    return f"{state.settings.prefix}{COMMANDS}/{name}/{{sender}}"


def _verbs(action: Action) -> tuple[str, ...]:
    return tuple(sorted({action.method, "POST"}))


def _may(
    callers: Mapping[str, Caller] | None, operation: str, subject: object
) -> tuple[str, ...] | None:
    if callers is None:
        return None
    return tuple(name for name, caller in callers.items() if can(caller, operation, subject))
