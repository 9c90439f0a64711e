"""What a view returns, taken apart, and what Flask is given in place of what is ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from flask import Response as FlaskResponse
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from nitro_events.http.iterables import body_of, headers_of
from nitro_events.http.response import json
from nitro_events.http.results import concerns, jsonable, patches_of, to_response
from nitro_events.inline import run
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIEnvironment

    from flask import Flask

    from nitro_events.http.request import Request
    from nitro_events.http.response import Response

__all__ = ["Answer", "Sent", "converted", "is_entity", "sent", "taken_apart", "write_entities"]

Answer: TypeAlias = Any
"""What a view may return: Flask says what that is, and Nitro adds to it."""


_LOCATIONS = frozenset({"location", "content-location"})


class Sent(FlaskResponse):
    """A response that was made of *value*, which a view returned."""

    value: object = None

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """Return the headers themselves where there is nothing to correct in them.

        Werkzeug looks for a location, and for a length to add or to leave out, in a copy.
        """
        names = {name.lower() for name, _ in self.headers}
        if self.status_code == 200 and "content-length" in names and names.isdisjoint(_LOCATIONS):
            return self.headers
        return super().get_wsgi_headers(environ)


# what Flask knows itself; nearly everything is one of these
_PLAIN = frozenset({str, bytes, dict, FlaskResponse, WerkzeugResponse, Sent, type(None)})


def converted(given: Answer, request: Request) -> Answer:
    """Return what Flask is to go on with in place of *given*. May read data and render."""
    if type(given) in _PLAIN:
        return given
    value, status, headers = taken_apart(given)
    response = _response_to(value, request, status or 200)
    if response is None:
        return given
    answer = sent(response)
    answer.value = value
    return answer if headers is None else (answer, headers)


def sent(response: Response) -> Sent:
    """Return *response* as one of Flask's."""
    return Sent(body_of(response), response.status, headers_of(response))


def taken_apart(given: Answer) -> tuple[object, int | None, object]:
    """Return the value, the status and the headers (or None) of what a view returned.

    The status is None where it is not known before the answer begins.
    """
    value, status, headers = _parts(given)
    return value, _own_status(value) if status is None else _number(status), headers


def _parts(given: Answer) -> tuple[object, object, object]:
    parts: Any = given
    if not isinstance(given, tuple) or patches_of(parts) is not None:
        return parts, None, None
    if len(parts) == 3:
        return parts[0], parts[1], parts[2]
    if len(parts) != 2:
        return parts, None, None
    value, second = parts
    if isinstance(second, Headers | dict | tuple | list):
        return value, None, parts[1]
    return value, second, None


def _own_status(value: object) -> int | None:
    if isinstance(value, WerkzeugResponse):
        return value.status_code
    if isinstance(value, HTTPException):  # returned in place of raised
        return value.code
    # another WSGI application says so when it is called
    return None if callable(value) else 200


def is_entity(value: object) -> bool:
    """Tell whether *value* is an entity, which Flask cannot write as JSON."""
    return state.targets.of(type(value)) is not None


def _response_to(value: object, request: Request, status: int) -> Response | None:
    if type(value) in _PLAIN:
        return None
    if concerns(value):
        run(request.identify())
        return to_response(value, request, status=status)
    return json(jsonable(value), status=status) if is_entity(value) else None


def _number(status: object) -> int | None:
    """Return the number of what a view gave as status: 201, HTTPStatus.CREATED, "201 CREATED"."""
    if isinstance(status, int):
        return int(status)
    text = status.decode("latin-1") if isinstance(status, bytes | bytearray) else str(status)
    number = text.partition(" ")[0]
    return int(number) if number.isdecimal() else None


def write_entities(app: Flask) -> None:
    """Let ``jsonify``, and the lists and dicts that views return, hold entities."""
    provider: Any = app.json
    before: Callable[[object], object] | None = getattr(provider, "default", None)
    if before is None:  # a provider of the application's own, made another way
        return

    def default(value: object) -> object:
        return jsonable(value) if is_entity(value) else before(value)

    provider.default = default
