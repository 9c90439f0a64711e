"""Who asks, by Django's own users; and the end of their streams with their session."""

from collections.abc import Awaitable, Callable
from typing import Any

from django.apps import apps
from django.contrib.auth import SESSION_KEY, user_logged_in, user_logged_out
from django.http import HttpRequest

from nitro_events.http.request import Request, current_request
from nitro_events.inline import run
from nitro_events.state import state

__all__ = ["close_ended", "follow_session", "follow_sessions", "login"]

_ENDED = "_nitro_ended"


def login(request: HttpRequest) -> str | None:
    """Return the primary key of the user that Django knows, as text."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return str(user.pk)


def follow_sessions() -> None:
    """Close the streams of a user when a session of theirs ends."""
    if apps.is_installed("django.contrib.auth"):
        user_logged_out.connect(_left, dispatch_uid="nitro_django.ended")
        user_logged_in.connect(_begun, dispatch_uid="nitro_django.begun")


def follow_session(request: HttpRequest) -> None:
    """Note whose session *request* empties: in a logout, a login as somebody else, or a view.

    Of a login Django tells when the session is empty, and nobody knows any more whose it was.
    """
    session: Any = getattr(request, "session", None)
    if not getattr(session, "session_key", None):
        return
    flush: Callable[[], None] = session.flush
    aflush: Callable[[], Awaitable[None]] | None = getattr(session, "aflush", None)

    def flushed() -> None:
        _note(request, session.get(SESSION_KEY))
        if state.settings.user is not None:
            _note(request, run(_fresh(request).identify()).id)
        flush()

    async def aflushed() -> None:
        assert aflush is not None
        _note(request, await session.aget(SESSION_KEY))
        if state.settings.user is not None:
            _note(request, (await _fresh(request).identify()).id)
        await aflush()

    session.flush = flushed
    if aflush is not None:
        session.aflush = aflushed


def close_ended(request: HttpRequest) -> None:
    """Close the streams of those whose session ended in *request*, now that it is over.

    Earlier, and a page that asks again at once would still be known by the old session.
    """
    for id in vars(request).pop(_ENDED, ()):
        state.hub.close_streams(id)


def _fresh(request: HttpRequest) -> Request:
    """Return what finds out who asks now, which is not to be remembered of the whole request."""
    return Request("GET", "/", framework=request, login=login)


def _left(user: Any = None, request: HttpRequest | None = None, **_: object) -> None:
    asked = current_request.get()
    # the session is still there: a configured function finds out whose it was
    caller = None if asked is None else run(asked.identify()).id
    for id in {caller, None if user is None else str(user.pk)}:
        _note(request, id)


def _begun(user: Any, request: HttpRequest | None = None, **_: object) -> None:
    """End the streams of another user whose session became this one."""
    asked = current_request.get()
    before = None if asked is None else asked.known_caller
    if before is not None and before.id != str(user.pk):
        _note(request, before.id)


def _note(request: HttpRequest | None, id: object) -> None:
    if id is None:
        return
    if request is None or current_request.get() is None:  # nobody would look at a note
        state.hub.close_streams(str(id))
    else:
        vars(request).setdefault(_ENDED, set()).add(str(id))
