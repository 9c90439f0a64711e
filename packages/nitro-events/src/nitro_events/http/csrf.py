"""No other site may act in the name of a visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nitro_events.http.problems import Forbidden, UnsupportedMedia
from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.http.request import Request

__all__ = ["check"]


def check(request: Request) -> None:
    """Refuse what another site's page sent with our visitor's cookies.

    Browsers say where a request comes from: Sec-Fetch-Site, if present, decides; else Origin,
    which must be our own; with neither only requests without cookies pass, as programs send
    them. Raises Forbidden; UnsupportedMedia for bodies that any site can send unasked.
    """
    if request.is_safe:
        _check_safe(request)
        return
    if request.content_type == "text/plain":
        msg = "Send application/json or application/x-www-form-urlencoded"
        raise UnsupportedMedia(msg)
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site.strip().lower() != "same-origin":
            _refuse()
        return
    origin = request.headers.get("origin")
    if origin is not None:
        if not is_own_origin(origin, request):
            _refuse()
        return
    if "cookie" in request.headers:
        _refuse()


def is_own_origin(origin: str, request: Request) -> bool:
    """Tell whether *origin* is where browsers see this application."""
    known = state.settings.public_origins
    if known:
        return origin.strip().lower() in known
    try:
        parts = urlsplit(origin.strip().lower())
    except ValueError:
        return False
    # behind a proxy that ends TLS the scheme is not ours to know
    return (
        parts.scheme in ("http", "https") and bool(parts.netloc) and parts.netloc == request.host
    )


def _check_safe(request: Request) -> None:
    # a link on another site may lead here; a script there may not read here
    site = request.headers.get("sec-fetch-site", "same-origin").strip().lower()
    if site in ("same-origin", "none"):
        return
    if request.headers.get("sec-fetch-mode", "").lower() != "navigate":
        _refuse()


def _refuse() -> None:
    msg = "This request came from another site"
    raise Forbidden(msg)
