"""State that the caller's browser keeps: it comes with the signals and goes back as signals.

What is kept, and how it is told from what somebody made up, belongs to the `Keeper`; here is
only how one request reads and answers.
"""

from __future__ import annotations

import inspect
import logging
import re
import secrets
import threading
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from nitro_events.http.problems import HttpError
from nitro_events.http.request import current_request
from nitro_events.signals import BadSignals, parse_signals
from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.http.request import Request
    from nitro_events.http.response import Header

__all__ = [
    "COOKIE",
    "Keeper",
    "Keepers",
    "Visit",
    "current_visit",
    "is_wanted",
    "know_caller",
]

log = logging.getLogger("nitro_events")

COOKIE = "nitro_browser"
"""The cookie that tells browsers of callers without a name apart."""

_SECONDS = 365 * 24 * 3600
_ID = re.compile("[0-9a-f]{32}")

current_visit: ContextVar[Visit | None] = ContextVar("nitro_visit", default=None)
"""The visit that is being answered in this context."""


class Keeper(Protocol):
    """Keeps state of the application in browsers."""

    def is_wanted(self) -> bool:
        """Say whether anything at all is kept; asked at each request."""
        ...

    def reply(self, visit: Visit) -> Mapping[str, object]:
        """Return the signals that the browser has to be sent since the last time."""
        ...


class Keepers:
    """Who keeps state in browsers; None unless a joint connected it."""

    def __init__(self) -> None:
        self.keeper: Keeper | None = None


class Visit:
    """One request, as the keeper of browser state sees it.

    *session* is the keeper's own, None until the request has asked for anything that is kept.
    *body* is what came, None if it holds no signals.
    """

    def __init__(self, body: bytes | None = None) -> None:
        self.session: Any = None
        self.lock = threading.RLock()
        self._body = body
        self._cookie: str | None = None
        self._told: dict[str, object] = {}

    @cached_property
    def signals(self) -> Mapping[str, object]:
        """What the browser sent; empty if that cannot be read."""
        request = _request()
        # what a live stream shows is written once for everybody who looks at it
        if not request.is_datastar or request.live_cursor is not None:
            return {}
        try:
            if request.method in ("GET", "DELETE", "HEAD"):
                return dict(parse_signals(request.query.get("datastar", [""])[-1]))
            return dict(parse_signals(self._body))
        except (BadSignals, HttpError) as exc:
            log.debug("Signals that could not be read hold no state: %s", exc)
            return {}

    @cached_property
    def owner(self) -> str:
        """Whose browser this is: the caller's id, else what a cookie says."""
        request = _request()
        caller = request.caller
        if caller.id is not None:
            return f"user:{caller.id}"
        sent = request.cookies.get(COOKIE, "")
        self._cookie = sent if _ID.fullmatch(sent) else secrets.token_hex(16)
        return f"browser:{self._cookie}"

    def reply(self) -> Mapping[str, object]:
        """Return the signals that were not sent back yet."""
        keeper = state.part(Keepers).keeper
        if keeper is None or self.session is None:
            return {}
        signals = keeper.reply(self)
        _merge(self._told, signals)
        return signals

    def whole_reply(self) -> Mapping[str, object]:
        """Return all signals of this visit: for a page, which may be written more than once."""
        self.reply()
        return self._told

    def headers(self) -> list[Header]:
        """Return what an answer with signals needs besides: the cookie of nameless callers."""
        if self._cookie is None or not self._told:
            return []
        secure = "; Secure" if _request().scheme == "https" else ""
        kept = f"{COOKIE}={self._cookie}; Path=/; Max-Age={_SECONDS}; HttpOnly; SameSite=Lax"
        return [("set-cookie", kept + secure)]


def is_wanted() -> bool:
    """Say whether requests have to be looked at for what their browser keeps."""
    keeper = state.part(Keepers).keeper
    return keeper is not None and keeper.is_wanted()


async def know_caller() -> None:
    """Find out who asks where only an async function can say it, before a handler needs it."""
    request = current_request.get()
    if request is None or current_visit.get() is None:
        return
    if inspect.iscoroutinefunction(state.settings.user):
        await request.identify()


def _request() -> Request:
    request = current_request.get()
    if request is None:
        msg = "No request is being answered here"
        raise RuntimeError(msg)
    return request


def _merge(into: dict[str, object], signals: Mapping[str, object]) -> None:
    for name, value in signals.items():
        before = into.get(name)
        if isinstance(before, dict) and isinstance(value, Mapping):
            _merge(before, value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            into[name] = dict(value) if isinstance(value, Mapping) else value  # pyright: ignore[reportUnknownArgumentType]
