"""Which errors of views Nitro answers."""

from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
    PermissionDenied,
    SuspiciousOperation,
)
from django.http import Http404
from pydantic import ValidationError

from nitro_events.http.problems import registered_types
from nitro_events.state import state

__all__ = ["is_answered"]

_OF_DJANGO = (BadRequest, Http404, ObjectDoesNotExist, PermissionDenied, SuspiciousOperation)


def is_answered(error: Exception) -> bool:
    """Tell whether *error* is one of Nitro's; Django's own stay Django's."""
    if isinstance(error, _OF_DJANGO) or not isinstance(error, registered_types()):
        return False
    if not isinstance(error, ValidationError):
        return True
    # entities that refuse values, not models of the application that have nothing to do with us
    return any(target.kind.__name__ == error.title for target in state.targets)
