"""Nitro's routes as entries of Sanic's route table, with names for ``app.url_for``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from sanic_routing.route import Route

from nitro_events.http.listing import Listed, listed, version
from nitro_events.http.tree import params_of
from nitro_events.state import state

if TYPE_CHECKING:
    from sanic.router import Router

__all__ = ["Listing"]

PREFIX = "nitro."
MANY = 1024
"""Requests that are remembered, as many as by Sanic."""
LONGEST = 1024
"""So long an address may be to be remembered: anybody can ask for one of many kilobytes."""
_PARAM = re.compile(r"\{([a-z_]+)\}")


class _Entry(NamedTuple):
    route: Route
    name: str
    params: frozenset[str]


class Listing:
    """The routes of now: they are made anew when a class or a function was declared."""

    def __init__(self, router: Router, handler: Callable[..., Any]) -> None:
        self._router = router
        self._handler = handler
        self._made_of: object = None
        self._entries: dict[str, list[_Entry]] = {}
        self._answering: dict[tuple[str, str], Route] = {}
        self.missing: dict[tuple[str, str, str | None], bool] = {}
        """For what Sanic has lately found no route where ours answers: whether it has the path."""
        # answers where none of the others is meant, as for a verb that nobody has
        self._any = self._entry(Listed("any", "/_nitro", frozenset({"GET"})), "any").route

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every route, each under a name of its own."""
        entries = self._current().values()
        return (self._any, *(entry.route for several in entries for entry in several))

    def named(self, name: str) -> Route | None:
        """Return the route of a name such as ``nitro.cities.grow``, None if it is not ours."""
        return next((entry.route for entry in self._all(name)), None)

    def link(self, name: str, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the full name of the route that takes what is *given*, and that as in a path.

        ``nitro.cmds`` is one route with and one without a sender.
        """
        values = dict(given)
        fitting = [entry for entry in self._all(name) if entry.params <= values.keys()]
        if not fitting:
            return name, values
        best = max(fitting, key=lambda entry: len(entry.params))
        for part in best.params:
            values[part] = quote(str(values[part]), safe="")
        return best.name, values

    def answering(self, name: str, method: str) -> Route:
        """Return the route to name as the one that answers."""
        self._current()
        answering = self._answering.get((name, method))
        if answering is not None:
            return answering
        fitting = (one.route for one in self._all(PREFIX + name) if method in one.route.methods)
        found = next(fitting, self._any)
        if not hasattr(found.extra, "request_middleware"):  # declared after the start
            found.extra.request_middleware = self._any.extra.request_middleware
            found.extra.response_middleware = self._any.extra.response_middleware
        if found is not self._any:
            self._answering[name, method] = found
        return found

    def miss(self, asked: tuple[str, str, str | None], *, known: bool) -> None:
        """Remember what Sanic has no route for, as it remembers what it has one for."""
        if sum(len(part or "") for part in asked) > LONGEST:
            return
        if len(self.missing) >= MANY:
            self.missing.clear()
        self.missing[asked] = known

    def _all(self, name: str) -> list[_Entry]:
        name = name.removeprefix(f"{self._router.ctx.app.name}.")
        if not name.startswith(PREFIX):
            return []
        entries = self._current()
        view = name.removeprefix(PREFIX)
        return entries.get(view) or [
            entry for several in entries.values() for entry in several if entry.name.endswith(name)
        ]

    def _current(self) -> dict[str, list[_Entry]]:
        made_of = (version(), state.settings.prefix)
        if made_of != self._made_of:
            self._made_of = made_of
            self._entries = {}
            self._answering = {}
            for one in listed():
                several = self._entries.setdefault(one.name, [])
                number = f"-{len(several) + 1}" if several else ""
                several.append(self._entry(one, one.name + number))
        return self._entries

    def _entry(self, one: Listed, ident: str) -> _Entry:
        path = _PARAM.sub(r"<\1:str>", one.pattern).lstrip("/")
        name = f"{self._router.ctx.app.name}.{PREFIX}{ident}"
        static = "<" not in path
        made: Any = Route(self._router, path, name, self._handler, one.methods, static=static)
        extra = made.extra
        extra.ident = name
        extra.ignore_body = extra.static = extra.websocket = False
        extra.stream = True
        extra.hosts = [None]
        extra.error_format = None
        made.ctx._cors = SimpleNamespace()  # Sanic-Ext looks there for what is different here
        made.finalize()
        return _Entry(made, name, frozenset(params_of(one.pattern)))
