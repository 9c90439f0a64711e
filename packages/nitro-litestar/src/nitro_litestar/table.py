"""The generated routes where Litestar lists its own: in ``app.routes``, and by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types.internal_types import PathParameterDefinition

from nitro_events.http.listing import Listed, listed, version
from nitro_events.state import state

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar._asgi import ASGIRouter

__all__ = ["GeneratedRoutes", "NitroRoute"]

_PARAM = re.compile(r"\{([a-z_]+)\}")
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
_ANY_ID: Any = (str, int, float, UUID)


class NitroRoute(HTTPRoute):
    """One generated route, to be seen and to be made a URL of; the router answers it by itself."""

    def __init__(self, known: Listed, app: Litestar) -> None:
        path = _PARAM.sub(r"{\1:str}", known.pattern)
        methods: Any = sorted(known.methods & _METHODS)
        handler = HTTPRouteHandler(
            path, name=f"nitro:{known.name}", http_method=methods, include_in_schema=False
        )(_answered_elsewhere)
        handler.owner = app
        super().__init__(path=path, route_handlers=[handler])
        # not for OPTIONS, and not to be taken for handlers that a new route of this path joins
        handler.http_methods = set()
        self.route_handlers = [handler]
        self.methods = set(methods)
        # an id may be of any type, and its text is what stands in the URL
        parts: list[Any] = self.path_components
        self.path_components = [
            part._replace(type=_ANY_ID) if isinstance(part, PathParameterDefinition) else part
            for part in parts
        ]


class GeneratedRoutes:
    """Keeps what *router* and *app* list up to date with what is declared."""

    def __init__(self, app: Litestar, router: ASGIRouter) -> None:
        self._app = app
        self._router = router
        self._known: object = None

    def refresh(self) -> None:
        """List what is there now; cheap when nothing was declared since."""
        known = (*version(), state.settings.prefix)
        if known == self._known:
            return
        self.clear()
        for one in listed():
            route = NitroRoute(one, self._app)
            (handler,) = route.route_handlers
            name = str(handler.name)
            self._app.routes.append(route)
            self._router.route_handler_index[name] = handler
            self._router.route_mapping[name].append(route)
        self._known = known

    def clear(self) -> None:
        """List none, so that nobody takes them for routes of the application."""
        self._known = None
        for route in [one for one in self._app.routes if isinstance(one, NitroRoute)]:
            self._app.routes.remove(route)
            name = str(route.route_handlers[0].name)
            self._router.route_handler_index.pop(name, None)
            self._router.route_mapping.pop(name, None)


async def _answered_elsewhere() -> None:
    """Stand for a handler: the door of Nitro answers, see `nitro_litestar.door`."""
