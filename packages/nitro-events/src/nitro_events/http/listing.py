"""Nitro's own routes by name, for the route table of a framework and for links made by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from nitro_events.actions import functions
from nitro_events.http.paths import fill
from nitro_events.http.tree import params_of
from nitro_events.state import state

__all__ = ["Listed", "listed", "reverse", "version"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One path of ours: ``cities.grow`` at ``/cities/{id}/grow`` for some methods.

    The pattern begins with the prefix of the settings; what stands in braces is one part of a
    path, whatever the text.
    """

    name: str
    pattern: str
    methods: frozenset[str]


def listed() -> tuple[Listed, ...]:
    """Return all routes that are known one by one, each name and pattern once."""
    prefix = state.settings.prefix
    found: dict[tuple[str, str], set[str]] = {}
    for name, pattern, method in state.routes.ways():
        found.setdefault((name, prefix + pattern), set()).add(method)
    return tuple(
        Listed(name, pattern, frozenset(methods)) for (name, pattern), methods in found.items()
    )


def version() -> tuple[int, int]:
    """Return what changes when there may be other routes: a class or a function was declared."""
    return state.targets.version, functions().version


def reverse(name: str, params: Mapping[str, object]) -> str:
    """Return the URL of the route *name* with *params* in its path, and the rest as its query.

    Raises LookupError if there is no such route, or none for just these parameters.
    """
    fitting = [one for one in listed() if one.name == name]
    if not fitting:
        msg = f"There is no route {name!r} of Nitro"
        raise LookupError(msg)
    for one in fitting:
        if set(params_of(one.pattern)) == set(params):
            return fill(quote(one.pattern, safe="/{}"), params)
    wanted = " or ".join(one.pattern for one in fitting)
    msg = f"The route {name!r} is {wanted}, and was given {', '.join(params) or 'nothing'}"
    raise LookupError(msg)
