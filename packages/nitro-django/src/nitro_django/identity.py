"""Who asks, by Django's own users; and the end of their streams with their session."""

from typing import Any, cast

from django.apps import apps
from django.contrib.auth import user_logged_in, user_logged_out
from django.http import HttpRequest

from nitro_events.http.request import current_request
from nitro_events.inline import run
from nitro_events.state import state

__all__ = ["follow_sessions", "login"]


def login(request: HttpRequest) -> str | None:
    """Return the primary key of the user that Django knows, as text."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return str(user.pk)


def follow_sessions() -> None:
    """Close the streams of a user when a session of theirs ends."""
    if apps.is_installed("django.contrib.auth"):
        user_logged_out.connect(_ended, dispatch_uid="nitro_django.ended")
        user_logged_in.connect(_begun, dispatch_uid="nitro_django.begun")


def _ended(user: Any = None, **_: object) -> None:
    asked = current_request.get()
    # the session is still there: a configured function finds out whose it was
    caller = None if asked is None else run(asked.identify()).id
    for id in {caller, None if user is None else str(user.pk)} - {None}:
        state.hub.close_streams(cast("str", id))


def _begun(user: Any, **_: object) -> None:
    """End the streams of another user whose session became this one."""
    asked = current_request.get()
    before = None if asked is None else asked.known_caller
    if before is not None and before.id is not None and before.id != str(user.pk):
        state.hub.close_streams(before.id)
