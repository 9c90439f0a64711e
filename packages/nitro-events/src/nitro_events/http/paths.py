"""Where the generated routes of a class are, and the links to them.

A class may say ``__route_name__ = "goods"`` in place of its plural, and ``__route_prefix__ =
"/api/v1"``, or several of which the first is the one that links lead to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from nitro_events.http.request import current_request
from nitro_events.http.tree import RouteError, params_of
from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.actions import Action
    from nitro_events.resources import Target, TargetAction

__all__ = ["action_patterns", "base", "fill", "function_pattern", "homes_of", "url_of"]


def homes_of(target: Target) -> tuple[str, ...]:
    """Return the paths below which the routes of *target* are, such as ``/api/v1/goods``.

    Raises RouteError for a name or prefix that cannot be part of a path.
    """
    kind = target.kind
    # the name is of this class alone, a prefix is for those that inherit it too
    name = vars(kind).get("__route_name__") or target.slug
    given = getattr(kind, "__route_prefix__", None) or ("",)
    prefixes = (given,) if isinstance(given, str) else tuple(given)
    homes = tuple(f"{str(prefix).removesuffix('/')}/{name}" for prefix in prefixes)
    for home in homes:
        _check_home(kind, home)
    return homes


def action_patterns(target: Target, declared: TargetAction) -> tuple[str, ...]:
    """Return the patterns of an action: its own path, or its name below each home.

    A path without a slash at its front is one below the entity, as ``ship/{carrier}`` is.
    Raises RouteError if an action of an entity has a path without ``{id}``.
    """
    path = declared.action.path
    if path is None or not path.startswith("/"):
        below = "" if declared.on_class else "/{id}"
        tail = path or declared.action.name
        return tuple(f"{home}{below}/{tail}" for home in homes_of(target))
    if not declared.on_class and "id" not in params_of(path):
        msg = f"{declared.function.__qualname__} is for one {target.kind.__name__}, so its path "
        msg += f"names it as {{id}}; got {path!r}"
        raise RouteError(msg)
    return (path,)


def function_pattern(action: Action) -> str:
    """Return the pattern of a declared function: its path, or its name."""
    path = action.path or action.name
    return path if path.startswith("/") else f"/{path}"


def url_of(
    target: Target,
    id: str | None = None,
    tail: str | None = None,
    arguments: Mapping[str, object] | None = None,
    *,
    begin: str | None = None,
) -> str:
    """Return the URL of *target*, of one of its entities, or of what *tail* names there.

    *tail* is an action, or one of the pages and operations that every class has. Raises
    LookupError if the path of an action names an argument that is not in *arguments*. *begin* is
    what it begins with, by default what fits the request that is being answered.
    """
    declared = None if tail is None else target.actions().get(tail)
    if declared is not None:
        pattern = action_patterns(target, declared)[0]
    else:
        pattern = homes_of(target)[0]
        pattern += "/{id}" if id is not None else ""
        pattern += f"/{tail}" if tail else ""
    values = {**(arguments or {}), **({} if id is None else {"id": id})}
    begin = base() if begin is None else begin
    return begin + fill(quote(pattern, safe="/{}"), values)


def base() -> str:
    """Return what the URLs of generated routes begin with: the root of the request, the prefix."""
    request = current_request.get()
    prefix = state.settings.prefix
    return prefix if request is None else request.root + prefix


def fill(pattern: str, values: Mapping[str, object]) -> str:
    """Return *pattern* with *values*, quoted, in the place of its parameters.

    Raises LookupError if one is missing.
    """
    missing = [name for name in params_of(pattern) if values.get(name) in (None, "")]
    if missing:
        msg = f"The path {pattern} needs {', '.join(missing)}"
        raise LookupError(msg)
    for name in params_of(pattern):
        pattern = pattern.replace(f"{{{name}}}", _part(values[name]))
    return pattern


def _part(value: object) -> str:
    # a slash or a dot-dot in an id must not climb, and a brace is no parameter
    quoted = quote(str(value), safe="")
    return quoted.replace(".", "%2E") if quoted in {".", ".."} else quoted


def _check_home(kind: type, home: str) -> None:
    try:
        names = params_of(home)
    except RouteError:
        names = ("",)
    if names:
        msg = f"{kind.__name__}: __route_prefix__ is a path such as '/api/v1' and __route_name__ "
        msg += f"a word or several with slashes; together they are {home!r}"
        raise RouteError(msg)
