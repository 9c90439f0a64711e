"""Generated pages behind hand-written routes, told while that can still be changed."""

import logging

from starlette.routing import BaseRoute, Match, Router
from starlette.types import Scope

from nitro_events.state import state
from nitro_starlette.routes import NitroRoutes

__all__ = ["warn_of_shadows"]

log = logging.getLogger("nitro_starlette")


def warn_of_shadows(router: Router, routes: NitroRoutes) -> None:
    """Say which pages of Nitro nobody will see because a hand-written route answers there."""
    prefix = state.settings.prefix
    for target in state.targets:
        path = f"{prefix}/{target.slug}/new"
        asked: Scope = {"type": "http", "method": "GET", "path": path, "headers": []}
        for route in router.routes:
            if route is not routes and route.matches(dict(asked))[0] is Match.FULL:
                log.warning(
                    "%s is the form for a new %s, and %s answers there in its place. Let yours "
                    "match less, such as {id:int}, or move all generated routes with "
                    "nitro.configure(prefix='/app')",
                    path,
                    target.kind.__name__,
                    _described(route),
                )
                break


def _described(route: BaseRoute) -> str:
    """Say which route it is; of an included router, the one inside."""
    path = getattr(route, "path", None)
    if path is not None:
        return f"your route {path or '/'}"
    inside: list[BaseRoute] = getattr(getattr(route, "original_router", None), "routes", [])
    tails = [str(getattr(one, "path", "")) for one in inside]
    fitting = [tail for tail in tails if tail.rpartition("/")[2].startswith("{")]
    return f"a route of your included router ({', '.join(fitting or tails)})"
