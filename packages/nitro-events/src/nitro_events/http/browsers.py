"""Who asks, also where nobody has logged in: then it is the browser, by a cookie of its own."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from nitro_events.live.tenants import tenant_of

if TYPE_CHECKING:
    from nitro_events.http.request import Request
    from nitro_events.http.response import Header
    from nitro_events.policy import Caller

__all__ = ["COOKIE", "known_owner", "owner_of", "remember_browser"]

COOKIE = "nitro_draft"
_SECONDS = 30 * 24 * 3600
_ID = re.compile("[A-Za-z0-9_-]{43}")


def known_owner(request: Request) -> str | None:
    """Return the name under which something is kept for who asks; None for a new browser."""
    caller = request.caller
    if caller.id is not None:
        return _within(caller, f"user:{caller.id}")
    sent = request.new_browser or request.cookies.get(COOKIE, "")
    return _within(caller, f"browser:{sent}") if _ID.fullmatch(sent) else None


def owner_of(request: Request) -> str:
    """Return it for a new browser, too, which is told with the answer."""
    known = known_owner(request)
    if known is None:
        request.new_browser = secrets.token_urlsafe(32)
        known = _within(request.caller, f"browser:{request.new_browser}")
    return known


def _within(caller: Caller, owner: str) -> str:
    # what is kept for one tenant is nothing to another, even for who belongs to both
    tenant = tenant_of(caller)
    return owner if tenant is None else f"{tenant!r} {owner}"


def remember_browser(request: Request) -> list[Header]:
    """Return the headers that a new browser is told its name with."""
    if request.new_browser is None:
        return []
    secure = "; Secure" if request.scheme == "https" else ""
    value = f"{COOKIE}={request.new_browser}; Path=/; Max-Age={_SECONDS}; HttpOnly; SameSite=Lax"
    return [("set-cookie", value + secure)]
