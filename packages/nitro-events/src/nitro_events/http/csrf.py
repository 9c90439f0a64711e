"""No other site may act in the name of a visitor."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from nitro_events.http.form_fields import fields_of
from nitro_events.http.inputs import FORM, SEAL
from nitro_events.http.multipart import is_installed, is_multipart, parts_of
from nitro_events.http.problems import Forbidden, UnsupportedMedia
from nitro_events.http.scope_request import ScopeRequest
from nitro_events.resources import FORM_PURPOSE
from nitro_events.seal import BadSeal
from nitro_events.state import state
from nitro_events.texts import Text

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from nitro_events.http.request import Request

__all__ = ["TOKEN_HEADER", "acheck", "check", "is_foreign_socket", "is_own_origin", "token"]

TOKEN_HEADER = "nitro-token"
"""Where a script sends what `token` gave to its page."""
PURPOSE = "csrf"
MAX_AGE = 7 * 24 * 60 * 60

# what a browser sends by itself, whoever made it send: like a cookie
_AMBIENT = ("basic", "digest", "negotiate", "ntlm")


class Unproven(Forbidden):
    """Nothing says where a request with cookies came from; a token of ours may."""


def check(request: Request, *, any_body: bool = False) -> None:
    """Refuse what another site's page sent with our visitor's cookies.

    Browsers say where a request comes from: Sec-Fetch-Site, if present, decides; else Origin,
    which must be our own; with neither only requests without cookies or a password that the
    browser keeps pass, as programs send them. Raises Forbidden; UnsupportedMedia for bodies that
    any site can send unasked, unless *any_body*.
    """
    if request.is_safe:
        _check_safe(request)
        return
    if request.content_type == "text/plain" and not any_body:
        msg = Text("Send application/json or application/x-www-form-urlencoded")
        raise UnsupportedMedia(msg)
    site = request.headers.by_name.get("sec-fetch-site")
    if site is not None:
        if site.strip().lower() != "same-origin":
            _refuse()
        return
    origin = request.headers.by_name.get("origin")
    if origin is not None:
        if not is_own_origin(origin, request):
            _refuse()
        return
    said = request.headers.by_name.get("authorization")
    scheme = said.lower().split(None, 1)[:1] if said else None
    if "cookie" in request.headers.by_name or (scheme and scheme[0] in _AMBIENT):
        msg = Text("Nothing says that this request came from a page of this application")
        raise Unproven(msg)


def is_foreign_socket(scope: MutableMapping[str, Any]) -> bool:
    """Tell whether a page of another site opens a WebSocket, with our visitor's cookies."""
    if scope["type"] != "websocket":
        return False
    try:
        _check_safe(ScopeRequest({**scope, "method": "GET"}, _nothing))
    except Forbidden:
        return True
    return False


async def _nothing() -> MutableMapping[str, Any]:
    return {"type": "http.disconnect"}


async def acheck(request: Request, *, any_body: bool = False) -> None:
    """Check as `check` does; where a proxy took both headers away, a signed token will do.

    It is the header Nitro-Token with what `token` gave, or the seal of a form that was made for
    this caller.
    """
    try:
        check(request, any_body=any_body)
    except Unproven:
        caller = await request.identify()
        if caller.id is None or not await _is_proven(request, caller.id):
            raise


def token(request: Request) -> str:
    """Return a signed text by which a page of ours proves itself for a week, for its user only.

    A script sends it as the header Nitro-Token. It is needed behind proxies that take away both
    Sec-Fetch-Site and Origin. Raises Forbidden for a caller who is nobody in particular: anyone
    could get the same one.
    """
    if request.caller.id is None:
        msg = "A token is for a known user"
        raise Forbidden(msg)
    return state.sealer.sign(PURPOSE, {"u": request.caller.id, "t": int(time.time())})


async def _is_proven(request: Request, caller: str) -> bool:
    sent = request.headers.by_name.get(TOKEN_HEADER)
    if sent is not None:
        payload = _opened(PURPOSE, sent)
        made = payload.get("t")
        fresh = isinstance(made, int) and 0 <= time.time() - made + 60 <= MAX_AGE
        return fresh and payload.get("u") == caller
    if request.content_type == FORM:
        fields = fields_of(await request.body(), request.charset)
    elif is_multipart(request) and is_installed():
        fields = parts_of(await request.body(), request).texts
    else:
        return False
    seal = fields.get(SEAL, [""])[-1]
    return _opened(FORM_PURPOSE, seal).get("u") == caller


def _opened(purpose: str, text: str) -> dict[str, object]:
    try:
        return state.sealer.open(purpose, text)
    except BadSeal:
        return {}


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
    said = request.headers.by_name.get("sec-fetch-site")
    origin = request.headers.by_name.get("origin")
    if said is None and origin is not None and not is_own_origin(origin, request):
        _refuse()
    site = (said or "same-origin").strip().lower()
    if site in ("same-origin", "none"):
        return
    if request.headers.by_name.get("sec-fetch-mode", "").lower() != "navigate":
        _refuse()


def _refuse() -> None:
    msg = Text("This request came from another site")
    raise Forbidden(msg)
