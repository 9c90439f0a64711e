"""Which hand-written routes might answer where a generated one does."""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

__all__ = ["rivals"]

# whose routes say by `path` and `methods` what they match
_KNOWN = ("fastapi", "starlette")


def rivals(routes: Sequence[BaseRoute], method: str, pattern: str) -> tuple[BaseRoute, ...]:
    """Return those of *routes* that may match *method* at a path like *pattern*.

    As a rule there are none, and then no request has to be compared with each of many routes. Of
    what is not known for certain to match nothing of it, each request is asked about.
    """
    return tuple(route for route in routes if _may_match(route, method, pattern))


def _may_match(route: BaseRoute, method: str, pattern: str) -> bool:
    if isinstance(route, WebSocketRoute):
        return False
    known = type(route).__module__.partition(".")[0] in _KNOWN
    if not known or not isinstance(route, Route | Mount):
        return True
    if isinstance(route, Route) and route.methods and method not in route.methods:
        return False  # it knows the path at most, and who answers comes before that
    ours, theirs = _begin(pattern), _begin(route.path)
    return ours.startswith(theirs) or theirs.startswith(ours)


def _begin(pattern: str) -> str:
    """Return what all paths like *pattern* begin with."""
    return pattern.partition("{")[0]
