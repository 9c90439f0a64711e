"""What components may know of the request that they are rendered for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from nitro_events import drafts
from nitro_events.drafts import Draft
from nitro_events.files import largest
from nitro_events.http import csrf, multipart, response
from nitro_events.http.browsers import known_owner
from nitro_events.http.kept import current_visit
from nitro_events.http.request import Request, current_request
from nitro_events.policy import can
from nitro_events.state import state
from nitro_events.undoing import most_of
from nitro_templates.context import FormState, RenderContext
from nitro_templates.fields.files import Uploads
from nitro_templates.state import state as own_state

from .here import HereFor
from .language import page_lang_of, reader_of
from .links import links
from .nonces import nonce_of
from .offers import offer_in
from .saved import SavedOf

if TYPE_CHECKING:
    from nitro_templates.page import Theme

_THEMES: dict[str, Theme] = {"light": "light", "dark": "dark", "system": "system"}


def context_of(
    request: Request, *, url: str | None = None, forms: Mapping[str, FormState] | None = None
) -> RenderContext:
    """Make what components may know of *request*; *url*: as if that page had been asked for."""
    query = {name: values for name, values in request.query.items() if _is_the_page_s(name)}
    path = request.path
    if url is not None:
        parts = urlsplit(request.inside(url))
        path, query = unquote(parts.path), parse_qs(parts.query, keep_blank_values=True)
    caller, visit = request.caller, current_visit.get()
    reader = reader_of(request)
    uploads = own_state.part(Uploads)
    uploads.most, uploads.check = largest(), multipart.check_installed
    return RenderContext(
        path=path,
        query=query,
        url=url or request.root + _url(request.path, query),
        links=links(request),
        sealer=state.sealer,
        can=partial(can, caller),
        caller_id=caller.id,
        caller_name=caller.label,
        # where it stood before anything that the page shows was read, by the handler too
        cursor=state.hub.cursor(request.position),
        root=request.root,
        assets=f"{request.root}{state.settings.prefix}/_nitro",
        live=True,
        lang=reader.lang,
        page_lang=page_lang_of(request),
        zone=reader.zone,
        theme=theme_of(request),
        nonce=nonce_of(request),
        forms=forms or {},
        draft=partial(_draft, request),
        referrer=referrer(request),
        token=None if caller.id is None else partial(csrf.token, request),
        kept=None if visit is None else visit.whole_reply,
        undo=offer_in(request) if url is None else None,
        undoable=most_of,
        here=HereFor(request),
        saved=SavedOf(caller),
    )


def _draft(request: Request, kind: type, key: str) -> Draft | None:
    owner = known_owner(request)
    return None if owner is None else drafts.find(kind, key, owner)


def context_of_current_request() -> RenderContext | None:
    """Answer what a handler needs that writes a component itself, as with ``str(form)``."""
    request = current_request.get()
    return None if request is None else context_of(request)


def theme_of(request: Request) -> Theme | None:
    """Answer what the reader has chosen with a `ThemeSwitch`, kept in a cookie."""
    if "nitro-theme" not in request.headers.get("cookie", ""):
        return None
    return _THEMES.get(request.cookies.get("nitro-theme", ""))


def referrer(request: Request) -> str | None:
    """Answer the page of this application that the request came from.

    A stream comes from the page that it is the stream of, which tells where it came from itself.
    """
    came_from = request.headers.get("nitro-referrer", request.headers.get("referer", ""))
    try:
        parts = urlsplit(came_from)
    except ValueError:
        return None
    if parts.netloc.lower() != request.host or not parts.path:
        return None
    url = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return url if response.is_local(url) and url.isascii() else None


def _is_the_page_s(name: str) -> bool:
    # not those of the transport, nor of a question about a part of the page
    return name != "datastar" and not name.startswith("_")


def _url(path: str, query: Mapping[str, list[str]]) -> str:
    path = quote(path)  # that of a request is decoded
    return f"{path}?{urlencode(query, doseq=True)}" if query else path
