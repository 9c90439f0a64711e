"""The generated routes: listed in the application's table, answered after everything else."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import request as flask_request
from flask import url_for
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter, Rule

from nitro_events.http import problems
from nitro_events.http.asgi import own_answer
from nitro_events.http.dispatch import dispatch, present_problem
from nitro_events.http.environ import has_slash_in_part
from nitro_events.http.listing import listed
from nitro_events.http.request import Request as NeutralRequest
from nitro_events.http.request import current_request
from nitro_events.http.tree import RouteError
from nitro_events.inline import run
from nitro_events.state import state
from nitro_flask.answers import Answer, sent
from nitro_flask.identity import BEFORE, current_context, session_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import WSGIEnvironment

    from flask import Flask

    from nitro_events.http.response import Response
    from nitro_events.http.routes import Matched

__all__ = ["answer_last", "list_routes"]

PREFIX = "nitro."
_MATCHED = "nitro.matched"
_NONE = (NotFound, MethodNotAllowed)


class _Part(BaseConverter):
    """One part of a path, whatever the text."""

    part_isolating = True

    def to_url(self, value: object) -> str:
        # a slash or a dot-dot in an id must not climb
        quoted = quote(str(value), safe="")
        return quoted.replace(".", "%2E") if quoted in {".", ".."} else quoted


def list_routes(app: Flask) -> None:
    """Show the generated routes in ``app.url_map``, from where ``url_for`` makes links.

    They are only listed there: which of two routes answers would be a question of their forms,
    and hand-written ones always win. Classes that are declared later appear as well.
    """
    app.url_map.converters = {**app.url_map.converters, "nitro": _Part}
    iterate = app.url_map.iter_rules
    lock = Lock()

    def iter_rules(endpoint: str | None = None) -> Iterator[Rule]:
        with lock:
            _list_missing(app)
        return iterate(endpoint)

    def build(error: Exception, endpoint: str, values: dict[str, Any]) -> str:
        if not endpoint.startswith(PREFIX):
            raise error
        with lock:
            added = _list_missing(app)
        if not added:
            raise error
        return url_for(endpoint, **values)

    app.url_map.iter_rules = iter_rules  # type: ignore[method-assign]
    app.url_build_error_handlers.append(build)


def answer_last(app: Flask) -> None:
    """Let Nitro answer where *app* has no route, as if it had one."""
    rules: dict[str, Rule] = {}
    preprocess = app.preprocess_request

    def view(**_: object) -> Answer:
        request = current_request.get()
        assert request is not None
        return sent(run(_answer(request, flask_request.environ)))

    def preprocess_request(*given: Any) -> Any:
        context = current_context()
        asked: Any = context.request
        session = session_of(context)
        if session:
            asked.environ[BEFORE] = session
        if asked.routing_exception is not None and isinstance(asked.routing_exception, _NONE):
            take_over(asked)
        return preprocess(*given)

    def take_over(asked: Any) -> None:
        request = current_request.get()
        if request is None:
            return
        only_whole = isinstance(asked.routing_exception, MethodNotAllowed)
        matched = _match(request, only_whole=only_whole)
        if matched is None:
            return
        name, found = matched
        rule = rules.get(name)
        if rule is None:
            endpoint = PREFIX + name
            rule = rules[name] = Rule("/", endpoint=endpoint, build_only=True)
            app.view_functions[endpoint] = view
        asked.environ[_MATCHED] = found
        asked.routing_exception = None
        asked.url_rule = rule
        asked.view_args = {} if found is None else dict(found.params)

    app.preprocess_request = preprocess_request  # type: ignore[method-assign]


def _match(request: NeutralRequest, *, only_whole: bool) -> tuple[str, Matched | None] | None:
    """Return the name of the route that answers and what it matched, or None if there is none."""
    try:
        matched = state.routes.match(request.method, request.path)
        if matched is not None:
            return matched.name, matched
        if only_whole or not state.routes.allowed(request.path):
            return None
    except Exception:  # a name that means two things: the answer tells of it
        return "refused", None
    return "refused", None


async def _answer(request: NeutralRequest, environ: WSGIEnvironment) -> Response:
    matched: Matched | None = environ.get(_MATCHED)
    if has_slash_in_part(environ):
        refusal = problems.NotFound("There is no page for an id with a slash in it")
        return await present_problem(request, refusal)
    return await own_answer(request) if matched is None else await dispatch(request, matched)


def _list_missing(app: Flask) -> bool:
    """List what is not there yet, and tell whether there was anything."""
    there = {(rule.endpoint, rule.rule) for rules in _rules(app) for rule in rules}
    try:
        routes = listed()
    except RouteError:  # told by whatever asks for one of them
        return False
    added = False
    for route in routes:
        path = route.pattern.replace("{", "<nitro:").replace("}", ">")
        endpoint = PREFIX + route.name
        if (endpoint, path) not in there:
            app.url_map.add(
                Rule(path, endpoint=endpoint, methods=sorted(route.methods), build_only=True)
            )
            added = True
    return added


def _rules(app: Flask) -> list[list[Rule]]:
    # not iter_rules(), which updates the map first
    return list(app.url_map._rules_by_endpoint.values())  # pyright: ignore[reportPrivateUsage]
