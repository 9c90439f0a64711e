"""Nitro's own routes in Django's URL configuration, by name and whenever they are declared."""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import (
    Resolver404,
    ResolverMatch,
    URLPattern,
    URLResolver,
    clear_url_caches,
    get_resolver,
    get_urlconf,
)
from django.urls.resolvers import RoutePattern

from nitro_django.wiring import MIDDLEWARE, wire
from nitro_events.http.listing import listed, version
from nitro_events.http.request import current_request
from nitro_events.state import state

__all__ = ["NitroResolver", "is_nitro", "nitro", "own_hidden", "watch_routes"]

_PARAM = re.compile(r"\{([a-z_]+)\}")

_hidden: ContextVar[bool] = ContextVar("nitro_django_hidden", default=False)
_seen: list[tuple[int, int]] = []


def nitro(_request: HttpRequest, **_params: str) -> Any:
    """Stand for the answer of Nitro, which the middleware gives."""
    msg = f"Nitro answers in its middleware: put {MIDDLEWARE!r} last into MIDDLEWARE"
    raise ImproperlyConfigured(msg)


# browsers say where a request comes from, and Nitro checks that for its own routes: Django's
# token would be one more thing that a page has to carry, and a script of ours knows no forms
nitro.csrf_exempt = True  # type: ignore[attr-defined]


class NitroResolver(URLResolver):
    """Resolves what Nitro's route table answers now; classes may be declared at any time.

    Hand-written views win, wherever they stand: it steps back where another pattern resolves.
    """

    def __init__(self) -> None:
        super().__init__(RoutePattern("", is_endpoint=False), [])
        self._patterns: tuple[object, list[URLPattern]] = (None, [])

    def __repr__(self) -> str:
        return "<NitroResolver>"

    @property
    def url_patterns(self) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The routes one by one, for reversing and for whoever lists them."""
        wire()  # a name may be asked for before any request
        now = version(), state.settings.prefix
        if self._patterns[0] != now:
            self._patterns = now, list(_patterns())
            for cache in ("_reverse_dict", "_namespace_dict", "_app_dict"):
                vars(self)[cache].clear()
            self._populated = False
        return self._patterns[1]

    def resolve(self, path: Any) -> ResolverMatch:
        """Return Nitro's view if the path is ours and nobody else's. Raises Resolver404."""
        wire()
        full = f"/{path}"
        name = _name_of(full)
        if name is None or _hidden.get() or _is_hand_written(full):
            raise Resolver404({"path": path, "tried": []})
        route, no = str(path), dict[str, object]()
        return ResolverMatch(nitro, (), no, name or None, None, None, route, [], no, no)

    def _populate(self) -> None:
        _ = self.url_patterns
        super()._populate()


def is_nitro(pattern: object) -> bool:
    """Tell whether *pattern* includes our URLs."""
    inside = getattr(pattern, "url_patterns", ()) if isinstance(pattern, URLResolver) else ()
    return any(isinstance(one, NitroResolver) for one in inside)


@contextmanager
def own_hidden() -> Generator[None]:
    """Resolve as if Nitro had no routes."""
    token = _hidden.set(True)
    try:
        yield
    finally:
        _hidden.reset(token)


def watch_routes() -> None:
    """Have Django look again for names, if there may be other routes than before."""
    now = version()
    if _seen != [now]:
        _seen[:] = [now]
        clear_url_caches()


def _patterns() -> Iterator[URLPattern]:
    for one in listed():
        route = _PARAM.sub(r"<str:\1>", one.pattern.removeprefix("/"))
        yield URLPattern(RoutePattern(route, one.name, is_endpoint=True), nitro, name=one.name)


def _name_of(path: str) -> str | None:
    """Return the name of who answers at *path*; None if nobody does."""
    asked = current_request.get()
    method = "GET" if asked is None else asked.method
    try:
        found = state.routes.match(method, path)
        if found is not None:
            if asked is not None and asked.path == path:
                asked.matched = found
            return found.name
        return "" if state.routes.allowed(path) else None
    except Exception:  # a name that means two things: the answer tells of it
        return ""


def _is_hand_written(path: str) -> bool:
    resolver = get_resolver(get_urlconf())
    if resolver.url_patterns and is_nitro(resolver.url_patterns[-1]):
        return False  # all others were asked before
    try:
        with own_hidden():
            resolver.resolve(path)
    except Resolver404:
        return False
    return True
