"""Marks on functions and methods that a client may call: action, command and query.

The decorators return the function itself with one attribute, so entities keep plain methods.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias, TypeVar, cast, overload

from nitro_events.expecting import expect_all, is_a, is_function
from nitro_events.state import state

__all__ = [
    "Action",
    "ActionKind",
    "AmbiguousName",
    "Functions",
    "action",
    "action_of",
    "command",
    "functions",
    "query",
]

F = TypeVar("F", bound=Callable[..., object])
ActionKind: TypeAlias = Literal["action", "command", "query"]

_UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Action:
    """What was declared about a function: how it is called over HTTP and how it is shown.

    *confirm* is the question asked before it runs, *path* replaces the generated route. *retry*
    is how often it is tried once more when somebody else was faster (None: often), *idempotent*
    what is done about idempotency keys, see `action`.
    """

    name: str
    kind: ActionKind
    method: str
    label: str
    icon: str | None = None
    confirm: str | None = None
    path: str | None = None
    retry: int | None = None
    idempotent: bool | timedelta | None = None
    undo: bool = True
    """Whether it may be taken back, where it was done to many."""


class AmbiguousName(TypeError):
    """A name may mean any of several declared functions, or messages."""


class Functions(dict[str, Callable[..., object]]):
    """The declared functions that belong to no class, by name."""

    version = 0
    """Raised with each declaration: what was made of the functions before is old."""

    def __init__(self) -> None:
        super().__init__()
        self._places: dict[str, dict[str, Callable[..., object]]] = {}

    def __setitem__(self, name: str, function: Callable[..., object]) -> None:
        """Enter *function*, in the place of one that was defined under the same full name."""
        super().__setitem__(name, function)
        full = f"{function.__module__}.{function.__qualname__}"
        self._places.setdefault(name, {})[full] = function
        self.version += 1

    def everyone(self) -> list[Callable[..., object]]:
        """Return all of them, those of one name too."""
        return [one for places in list(self._places.values()) for one in list(places.values())]

    def unmistaken(self) -> Iterator[tuple[str, Callable[..., object]]]:
        """Yield name and function where a name is that of one function."""
        for name, places in list(self._places.items()):
            if len(places) == 1:
                yield name, next(iter(places.values()))

    def called(self, name: str) -> Callable[..., object] | None:
        """Return the function called *name*, or None. Raises AmbiguousName for several."""
        places = self._places.get(name, {})
        if len(places) > 1:
            msg = f"{name} is {' and '.join(places)}. Give one another name, or ask for its path"
            raise AmbiguousName(msg)
        return next(iter(places.values()), None)


def functions() -> Functions:
    """Return the declared module-level functions by name; of one name it is the last."""
    return state.part(Functions)


def action_of(function: object) -> Action | None:
    """Return what was declared about *function* (a function, method, class or static method)."""
    declared = getattr(function, "__nitro_action__", None)
    return declared if isinstance(declared, Action) else None


@overload
def action(function: F, /) -> F: ...
@overload
def action(
    *,
    method: str = "POST",
    label: str | None = None,
    icon: str | None = None,
    confirm: str | None = None,
    path: str | None = None,
    retry: int | None = None,
    idempotent: bool | timedelta | None = None,
    undo: bool = True,
) -> Callable[[F], F]: ...
def action(
    function: F | None = None,
    /,
    *,
    method: str = "POST",
    label: str | None = None,
    icon: str | None = None,
    confirm: str | None = None,
    path: str | None = None,
    retry: int | None = None,
    idempotent: bool | timedelta | None = None,
    undo: bool = True,
) -> F | Callable[[F], F]:
    """Declare that a client may call this function; use it bare or with options.

    A call is one unit: what it changes is committed together. When somebody else was faster it is
    done once more from the beginning, in a new unit; *retry* says how often, 0 never. An
    idempotency key that comes with a call is kept with the reply for a day, or for as long as
    *idempotent* says (a timedelta); True refuses calls without a key, False takes no notice of it.
    Where a table does it to many they may take it back, unless *undo* is False: say so if it has
    effects elsewhere, such as mail.

    Raises ValueError for GET: a GET changes nothing, see `query`.
    """
    return declare("action", function, method, label, icon, confirm, path, retry, idempotent, undo)


@overload
def command(function: F, /) -> F: ...
@overload
def command(
    *,
    method: str = "POST",
    label: str | None = None,
    icon: str | None = None,
    confirm: str | None = None,
    path: str | None = None,
    retry: int | None = None,
    idempotent: bool | timedelta | None = None,
) -> Callable[[F], F]: ...
def command(
    function: F | None = None,
    /,
    *,
    method: str = "POST",
    label: str | None = None,
    icon: str | None = None,
    confirm: str | None = None,
    path: str | None = None,
    retry: int | None = None,
    idempotent: bool | timedelta | None = None,
) -> F | Callable[[F], F]:
    """Declare a command: a call that changes something. Options as for `action`.

    On a function whose parameter is annotated with a `Command` class this is the one handler of
    that command, found by `dispatch`; it answers over HTTP only if it has a *path*. Raises
    DuplicateHandler if there is another.
    """
    return declare("command", function, method, label, icon, confirm, path, retry, idempotent)


@overload
def query(function: F, /) -> F: ...
@overload
def query(
    *,
    label: str | None = None,
    icon: str | None = None,
    path: str | None = None,
) -> Callable[[F], F]: ...
def query(
    function: F | None = None,
    /,
    *,
    label: str | None = None,
    icon: str | None = None,
    path: str | None = None,
) -> F | Callable[[F], F]:
    """Declare a query: a call by GET that only reads; to save or delete in it is an error.

    On a function that takes a `Query` class this is its one handler, see `command`.
    """
    return declare("query", function, "GET", label, icon, None, path)


TAKEN = frozenset({"create", "delete", "edit", "new", "update"})
"""What the generated routes and pages of every entity are called."""


_TAKEN = {
    "method": (is_a(str), "the name of an HTTP method"),
    "label": (is_a(str), "a text"),
    "icon": (is_a(str), "the name of an icon, or a sign"),
    "confirm": (is_a(str), "the question to ask before, such as 'Really?'"),
    "path": (is_a(str), "a path such as '/orders/{id}/ship'"),
    "retry": (is_a(int), "how often a call is tried once more, 0 for never"),
    "idempotent": (is_a(bool, timedelta), "True, False or a timedelta"),
    "undo": (is_a(bool), "True or False"),
}


def declare(
    kind: ActionKind,
    function: F | None,
    method: str,
    label: str | None,
    icon: str | None,
    confirm: str | None,
    path: str | None,
    retry: int | None = None,
    idempotent: bool | timedelta | None = None,
    undo: bool = True,
) -> F | Callable[[F], F]:
    """Mark *function*, or return the decorator that marks one; see `action`."""
    expect_all(locals(), _TAKEN)
    verb = method.upper()
    _check_method(kind, method)
    if retry is not None and retry < 0:
        msg = f"retry= is how often a call is tried once more, 0 for never; got {retry!r}"
        raise ValueError(msg)

    def mark(target: F) -> F:
        inner = cast("Callable[..., object]", getattr(target, "__func__", target))
        if not is_function(inner):
            msg = f"@{kind} goes on a function or method, got {target!r}"
            raise TypeError(msg)
        name = inner.__name__
        if name in TAKEN:
            msg = f"@{kind} {inner.__qualname__}: the routes of an entity use {name!r} already"
            raise ValueError(msg)
        shown = label or name.strip("_").replace("_", " ").capitalize()
        declared = Action(name, kind, verb, shown, icon, confirm, path, retry, idempotent, undo)
        # a class or static method hands out its inner function, so that carries the mark too
        for carrier in {id(target): target, id(inner): inner}.values():
            carrier.__nitro_action__ = declared  # type: ignore[attr-defined] # pyright: ignore[reportFunctionMemberAccess]
        _enter(inner, declared)
        return target

    return mark if function is None else mark(function)


def _check_method(kind: ActionKind, method: str) -> None:
    if kind == "query" and method.upper() != "GET":
        msg = f"A query is read by GET, got method={method!r}. Use @action for a change"
        raise ValueError(msg)
    if kind != "query" and method.upper() not in _UNSAFE:
        allowed = ", ".join(_UNSAFE)
        msg = f"An {kind} changes something, so its method is one of {allowed}; got {method!r}. "
        msg += "What only reads is a @query"
        raise ValueError(msg)


def _enter(function: Callable[..., object], declared: Action) -> None:
    """List *function* for routes if it is one of a module; a handler of messages if it has a path.

    Raises TypeError for an argument that has the name of what is handed in.
    """
    from nitro_events.handed import check_handed  # arguments need requests, which need actions

    check_handed(function)
    if declared.kind != "action" and _takes_message(function, declared):
        if declared.path is not None:
            functions()[declared.name] = function
    elif "." not in function.__qualname__.rpartition("<locals>.")[2]:
        functions()[declared.name] = function


def _takes_message(function: Callable[..., object], declared: Action) -> bool:
    # nobody can have made a message class without this
    if "nitro_events.messages" not in sys.modules:
        return False
    from nitro_events.messages import register

    return register(function, declared)
