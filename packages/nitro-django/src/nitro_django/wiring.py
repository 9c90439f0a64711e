"""What has to be said to Nitro once, and again after a test has made it forget everything."""

from http import HTTPStatus

from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404

from nitro_events.http.problems import Problem, register, translate
from nitro_events.joints import connect
from nitro_events.state import state

__all__ = ["MIDDLEWARE", "wire"]

MIDDLEWARE = "nitro_django.middleware.NitroMiddleware"
"""What stands last in MIDDLEWARE."""


class Wired:
    """Says that it was done since the last reset."""

    def __init__(self) -> None:
        connect()
        translate(Http404, _not_found)
        translate(PermissionDenied, _denied)
        register(ObjectDoesNotExist, 404, "Not found")
        register(BadRequest, 400, "Bad request")
        register(SuspiciousOperation, 400, "Bad request")
        register(RequestDataTooBig, 413, "Too large")


def wire() -> None:
    """Connect the modules of Nitro, and let actions raise what views raise."""
    state.part(Wired)


def _not_found(_error: Http404) -> Problem:
    # its text may name classes and queries
    return Problem(404, HTTPStatus(404).phrase)


def _denied(_error: PermissionDenied) -> Problem:
    return Problem(403, HTTPStatus(403).phrase)
