"""In which language and zone a request is answered, and what its answer tells of that."""

from __future__ import annotations

from urllib.parse import unquote
from weakref import WeakKeyDictionary

from nitro_events.http import response
from nitro_events.http.request import Request, current_request
from nitro_events.http.response import Header, Response
from nitro_templates import csp
from nitro_templates.context import current_context
from nitro_templates.fields.local import zone_named
from nitro_templates.i18n.negotiation import negotiated, offered
from nitro_templates.i18n.reader import Reader, current_reader, is_tag, reader_for
from nitro_templates.state import state

__all__ = [
    "PAGE_LANG",
    "ZONE_COOKIE",
    "page",
    "page_lang_of",
    "read_as_its_page",
    "reader_of",
    "reader_of_current_request",
]

ZONE_COOKIE = "nitro_zone"
"""Where our script keeps the time zone of the browser, if the application wants to know it."""


PAGE_LANG = "nitro-lang"
"""The header in which our scripts say the language that a page has whoever reads it."""
_LONGEST = 35


class KnownReaders(WeakKeyDictionary[Request, Reader]):
    """Who reads the answers to the requests that are being answered."""


class PageLangs(WeakKeyDictionary[Request, str]):
    """The languages of the pages whose sealed forms came with requests."""


def reader_of(request: Request) -> Reader:
    """Answer who reads the answer to *request*: asked of the application once for each."""
    known = state.part(KnownReaders)
    found = known.get(request)
    if found is None:
        lang = page_lang_of(request) or _lang_of(request)
        found = known[request] = reader_for(lang, _zone_of(request))
    return found


def read_as_its_page(request: Request, lang: str) -> None:
    """Answer *request* in *lang*: the page that it comes from has that, whoever reads it."""
    state.part(PageLangs)[request] = lang
    state.part(KnownReaders).pop(request, None)


def page_lang_of(request: Request) -> str | None:
    """Answer the language that the page has of its own that *request* comes from."""
    said = state.part(PageLangs).get(request) or request.headers.get(PAGE_LANG, "")
    return said if len(said) <= _LONGEST and is_tag(said) else None


def reader_of_current_request() -> Reader | None:
    """Answer who reads what is written outside of any page, such as a short message."""
    request = current_request.get()
    return None if request is None else reader_of(request)


def _lang_of(request: Request) -> str:
    said = None if state.locale is None else state.locale(request)
    if said:
        return said.replace("_", "-")
    languages = offered()
    if len(languages) == 1 and not state.languages:
        return languages[0]
    return negotiated(request.headers.get("accept-language", ""), languages)


def _zone_of(request: Request) -> str | None:
    if state.zone is None:
        return None
    if callable(state.zone):
        return state.zone(request)
    if state.zone != "browser":
        return state.zone
    kept = unquote(request.cookies.get(ZONE_COOKIE, ""))
    # it comes from outside: only what is a zone, and each is one reader more
    return kept if kept and len(kept) < 64 and zone_named(kept) is not None else None


def page(html: str, *, status: int = 200, headers: tuple[Header, ...] = ()) -> Response:
    """Answer *html* and say in which language it is, and what that depends on."""
    return response.html(html, status=status, headers=[*headers, *_told(), *_policy()])


def _policy() -> list[Header]:
    if state.csp is None:
        return []
    return [("content-security-policy", csp.policy(current_context().nonce))]


def _told() -> list[Header]:
    varies: list[str] = []
    several = len(offered()) > 1
    if several or state.languages:
        varies.append("Accept-Language")
    if state.locale is not None or callable(state.zone) or state.zone == "browser":
        varies.append("Cookie")
    if not (varies or state.lang):
        return []
    told = [("content-language", current_reader().lang)]
    return [*told, ("vary", ", ".join(varies))] if varies else told
