"""Which of Nitro's own routes answers a request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.http.operations import Operation

__all__ = ["Handler", "Matched", "Provider", "Route", "Routes"]

Handler: TypeAlias = "Callable[..., Any] | Operation"
"""A function called ``handler(request, **params)``, sync or async, or an operation."""
Params: TypeAlias = Mapping[str, str]

_PARAM = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """*handler* answers *method* at paths like *pattern*, such as ``/cities/{id}``.

    *when*, if given, says for which parameters.
    """

    method: str
    pattern: str
    handler: Handler
    name: str
    when: Callable[[Params], bool] | None = None
    regex: re.Pattern[str] = field(init=False)
    begin: str = field(init=False)
    """What all its paths begin with, which tells most others at once."""

    def __post_init__(self) -> None:
        if not self.pattern.startswith("/"):
            msg = f"A route is a path such as '/cities/{{id}}', got {self.pattern!r}"
            raise ValueError(msg)
        parts = _PARAM.split(self.pattern)
        text = "".join(
            f"(?P<{part}>[^/]+)" if number % 2 else re.escape(part)
            for number, part in enumerate(parts)
        )
        object.__setattr__(self, "regex", re.compile(text))
        object.__setattr__(self, "begin", parts[0])

    def params(self, path: str) -> Params | None:
        """Return the parameters if *path* is one of this route, else None."""
        found = self.regex.fullmatch(path)
        if found is None:
            return None
        params = found.groupdict()
        return params if self.when is None or self.when(params) else None


@dataclass(slots=True)
class Matched:
    """The handler that answers a request, and what its path says.

    *pattern* is what the path is like, inside of the prefix, where the route has one.
    """

    handler: Handler
    params: Params = field(default_factory=dict[str, str])
    name: str = ""
    pattern: str | None = None


class Provider(Protocol):
    """Routes that follow from what is declared, such as those of every entity class.

    It may have ``ways()`` besides, which lists them as `Routes.ways` does, and
    ``match(method, path)``, which looks for one method alone.
    """

    def find(self, path: str, /) -> Mapping[str, Matched]:
        """Return who answers at *path*, by method; empty if nobody. Must not grow by asking."""
        ...


class Routes:
    """Nitro's own routes. Adapters ask `match` last, so hand-written routes win."""

    def __init__(self) -> None:
        self._routes: list[Route] = []
        self._begins: tuple[str, ...] = ()
        self._providers: list[Provider] = []

    def add(
        self,
        method: str,
        pattern: str,
        handler: Handler,
        name: str,
        *,
        when: Callable[[Params], bool] | None = None,
    ) -> None:
        """Let *handler* answer; a route of the same name is replaced."""
        self._routes = [route for route in self._routes if route.name != name]
        self._routes.append(Route(method.upper(), pattern, handler, name, when))
        self._begins = tuple({route.begin for route in self._routes})

    def provide(self, provider: Provider) -> None:
        """Ask *provider* where no single route answers."""
        self._providers.append(provider)

    def check(self) -> None:
        """Raise an error that names both sides if two declarations ask for the same requests."""
        for provider in self._providers:
            check = getattr(provider, "check", None)
            if check is not None:
                check()

    def ways(self) -> Iterator[tuple[str, str, str]]:
        """Yield name, pattern (without the prefix) and method of every route."""
        for route in self._routes:
            yield route.name, route.pattern, route.method
        for provider in self._providers:
            ways: Callable[[], Iterator[tuple[str, str, str]]] | None = getattr(
                provider, "ways", None
            )
            if ways is not None:
                yield from ways()

    def match(self, method: str, path: str) -> Matched | None:
        """Return who answers *method* at *path*, or None. HEAD is answered as GET."""
        inside = self._inside(path)
        if inside is None:
            return None
        method = method.upper()
        if method == "HEAD":
            method = "GET"
        if inside.startswith(self._begins):
            for route in self._routes:
                params = route.params(inside) if route.method == method else None
                if params is not None:
                    return Matched(route.handler, params, route.name, route.pattern)
        for provider in self._providers:
            match = getattr(provider, "match", None)
            found = provider.find(inside).get(method) if match is None else match(method, inside)
            if found is not None:
                return found
        return None

    def allowed(self, path: str) -> frozenset[str]:
        """Return the methods that are answered at *path*; empty if there is nothing."""
        found = frozenset(self._find(path))
        return found | {"HEAD"} if "GET" in found else found

    def _inside(self, path: str) -> str | None:
        """Return *path* without the prefix, None for one outside of it."""
        prefix = state.settings.prefix
        if not path.startswith(f"{prefix}/"):
            return None
        return path[len(prefix) :] if prefix else path

    def _find(self, path: str) -> dict[str, Matched]:
        inside = self._inside(path)
        if inside is None:
            return {}
        path = inside
        found: dict[str, Matched] = {}
        for route in self._routes:
            if route.method not in found:
                params = route.params(path)
                if params is not None:
                    found[route.method] = Matched(route.handler, params, route.name, route.pattern)
        for provider in self._providers:
            for method, matched in provider.find(path).items():
                found.setdefault(method, matched)
        return found
