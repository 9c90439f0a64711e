"""What went wrong, told so that it helps the caller and tells nothing of our insides."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeAlias, cast

from pydantic import ValidationError

from nitro_events.outcomes import Refused
from nitro_events.seal import BadSeal
from nitro_events.signals import BadSignals, MissingSignal
from nitro_events.state import state
from nitro_events.texts import Text
from nitro_events.wording import messages_of

__all__ = [
    "BadRequest",
    "Forbidden",
    "HttpError",
    "MethodNotAllowed",
    "NotFound",
    "Problem",
    "TooLarge",
    "TooManyRequests",
    "UnsupportedMedia",
    "is_answered",
    "problem_of",
    "register",
    "registered_types",
    "status_of",
    "told",
    "translate",
    "unforeseen",
]

log = logging.getLogger("nitro_events")

Errors: TypeAlias = Mapping[str, str]
NOTED = "__nitro_problem__"
"""Where an exception carries the id under which it was logged."""

_PHRASES = {
    400: Text("Bad Request"),
    401: Text("Unauthorized"),
    403: Text("Forbidden"),
    404: Text("Not Found"),
    405: Text("Method Not Allowed"),
    409: Text("Conflict"),
    410: Text("Gone"),
    429: Text("Too Many Requests"),
    500: Text("Internal Server Error"),
    503: Text("Service Unavailable"),
}
"""What frameworks call the usual failures."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is told of a failure. *id* finds it in the log, *refused* is the form it came from."""

    status: int
    title: str
    detail: str = ""
    errors: Errors = field(default_factory=dict[str, str])
    id: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    refused: Refused | None = None

    def as_json(self) -> dict[str, object]:
        """Return the members of ``application/problem+json``, without empty ones."""
        members: dict[str, object] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "errors": dict(self.errors),
            "id": self.id,
        }
        if self.refused is not None and self.refused.conflicts:
            members["conflicts"] = {
                name: {
                    "mine": conflict.mine,
                    "theirs": conflict.theirs,
                    "by": conflict.by,
                    "at": None if conflict.at is None else conflict.at.isoformat(),
                }
                for name, conflict in self.refused.conflicts.items()
            }
        return {name: value for name, value in members.items() if value not in ("", None, {})}


class HttpError(Exception):
    """A refusal whose text is meant for the caller."""

    status = 400
    title: str = Text("Bad request")

    def __init__(self, detail: str = "", *, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.headers = tuple(headers)


class BadRequest(HttpError):
    """The request cannot be read."""


class Forbidden(HttpError, PermissionError):
    """This caller may not do that, or not from there."""

    status = 403
    title = Text("Not allowed")


class NotFound(HttpError, LookupError):
    """There is nothing here."""

    status = 404
    title = Text("Not found")


class MethodNotAllowed(HttpError):
    """There is something here, but not for this verb."""

    status = 405
    title = Text("Method not allowed")


class TooLarge(HttpError):
    """The body, or what is in it, is too large."""

    status = 413
    title = Text("Too large")


class UnsupportedMedia(HttpError):
    """The body is of a kind that is not read here."""

    status = 415
    title = Text("Unsupported media type")


class TooManyRequests(HttpError):
    """This caller asks for too much at once; *retry_after* seconds later it may try again."""

    status = 429
    title = Text("Too many requests")

    def __init__(self, detail: str = "", *, retry_after: int = 5) -> None:
        super().__init__(detail, headers=[("retry-after", str(retry_after))])


@dataclass(frozen=True, slots=True)
class Registered:
    """How exceptions of one type are told."""

    status: int
    title: str
    detail: str = ""
    errors: Callable[[Any], Errors] | None = None

    def problem(self, exc: BaseException) -> Problem:
        """Return what is told of *exc*."""
        errors: Errors = {} if self.errors is None else self.errors(exc)
        return Problem(self.status, self.title, self.detail, errors)


Tell: TypeAlias = Callable[[Any], Problem]


class Registry(dict[type[BaseException], Tell]):
    """The exception types with a status of their own; those we know from the start."""

    def __init__(self) -> None:
        super().__init__()
        self[ValidationError] = Registered(422, Text("Not valid"), errors=messages_of).problem
        self[BadSeal] = Registered(
            400,
            Text("Form not accepted"),
            Text("This form is not valid any more. Reload the page."),
        ).problem


def register(
    exception: type[BaseException],
    status: int,
    title: str,
    *,
    detail: str = "",
    errors: Callable[[Any], Errors] | None = None,
) -> None:
    """Answer *exception* and its subclasses with *status*.

    *detail* is a fixed text, as the text of an exception may tell too much; *errors* makes
    messages by field out of one.
    """
    translate(exception, Registered(status, title, detail, errors).problem)


def translate(exception: type[BaseException], tell: Tell) -> None:
    """Answer *exception* and its subclasses with the Problem that *tell* makes of one.

    For exceptions of a framework, which bring their own status.
    """
    state.part(Registry)[exception] = tell


def told(status: int, detail: str, headers: Iterable[tuple[str, str]] = ()) -> Problem:
    """Return the problem that an exception of a framework stands for, which has these."""
    title: str = Text("Not done")
    if status in set(HTTPStatus):
        title = _PHRASES.get(status) or HTTPStatus(status).phrase
    return Problem(status, title, detail, headers=tuple(headers))


def registered_types() -> tuple[type[Exception], ...]:
    """Return the exception types that have a status, for frameworks with handlers by type."""
    kinds = [kind for kind in state.part(Registry) if issubclass(kind, Exception)]
    return (HttpError, Refused, BadSignals, MissingSignal, *kinds)


def is_answered(error: BaseException) -> bool:
    """Tell whether *error*, raised in a hand-written route, is one that Nitro answers.

    Entities that refuse values are; models of the application that have nothing to do with us
    are not, though both raise the same.
    """
    if not isinstance(error, registered_types()):
        return False
    if not isinstance(error, ValidationError):
        return True
    return any(target.kind.__name__ == error.title for target in state.targets)


def status_of(exc: BaseException) -> int | None:
    """Return the status for *exc*, or None if it is nothing that a caller can be told about.

    Of a group, as the handlers of an event raise it, the first that can be told counts.
    """
    if isinstance(exc, BaseExceptionGroup):
        return next(filter(None, map(status_of, exc.exceptions)), None)
    if isinstance(exc, HttpError | Refused | BadSignals | MissingSignal):
        return exc.status
    tell = _registered(exc)
    return None if tell is None else tell(exc).status


def problem_of(exc: BaseException) -> Problem:
    """Return what is told of *exc*; one without a status is logged, and told by an id only."""
    if isinstance(exc, BaseExceptionGroup):
        told = (inner for inner in exc.exceptions if status_of(inner) is not None)
        exc = next(told, exc)
    if isinstance(exc, HttpError):
        return Problem(exc.status, exc.title, exc.detail, headers=exc.headers)
    if isinstance(exc, BadSignals | MissingSignal):
        return Problem(exc.status, Text("Signals not accepted"), str(exc))
    if isinstance(exc, Refused):
        by_field = {name: text for name, text in exc.errors.items() if name}
        whole = exc.errors.get("", "")
        return Problem(exc.status, exc.title, whole, errors=by_field, refused=exc)
    tell = _registered(exc)
    if tell is not None:
        return tell(exc)
    return unforeseen(exc)


def unforeseen(exc: BaseException) -> Problem:
    """Log *exc*, and return a problem that tells nothing but the id to find it by.

    However often it is asked about, one exception is logged once and keeps its id. While
    developing, a package that is missing is told with what to install.
    """
    id = cast("str | None", getattr(exc, NOTED, None))
    if id is None:
        id = secrets.token_hex(8)
        setattr(exc, NOTED, id)
        log.error("Problem %s", id, exc_info=exc)
    detail = _what_to_install(exc) or Text("It was noted under this id.")
    return Problem(500, Text("Something went wrong"), detail, id=id)


def _what_to_install(exc: BaseException) -> str | None:
    if isinstance(exc, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", exc)
        return next(filter(None, map(_what_to_install, group.exceptions)), None)
    is_missing = isinstance(exc, ImportError) and "pip install" in str(exc)
    return str(exc) if is_missing and not state.settings.production else None


def _registered(exc: BaseException) -> Tell | None:
    registry = state.part(Registry)
    for kind in type(exc).__mro__:
        if kind in registry:
            return registry[cast("type[BaseException]", kind)]
    return None
