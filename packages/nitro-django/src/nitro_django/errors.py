"""Which errors of views Nitro answers."""

from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
    PermissionDenied,
    SuspiciousOperation,
)
from django.http import Http404

from nitro_events.http import problems

__all__ = ["is_answered"]

_OF_DJANGO = (BadRequest, Http404, ObjectDoesNotExist, PermissionDenied, SuspiciousOperation)


def is_answered(error: Exception) -> bool:
    """Tell whether *error* is one of Nitro's; Django's own stay Django's."""
    return problems.is_answered(error) and not isinstance(error, _OF_DJANGO)
