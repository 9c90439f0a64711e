"""The streams of several tabs of one browser, asked for by one of them.

Every page is run again, with its own checks, for whoever asks now. What cannot be had this way the
tab asks for itself, and hears why not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from nitro_events.http import response
from nitro_events.http.problems import BadRequest, HttpError
from nitro_events.http.request import Request, current_request
from nitro_events.http.response import Response
from nitro_events.live.admission import client_of
from nitro_events.live.bundle import Bundle, find_bundle
from nitro_events.live.stream import Stream
from nitro_events.threads import in_thread
from nitro_events.units import discarding
from nitro_templates.context import rendering
from nitro_templates.page import Page

from .context import context_of
from .language import PAGE_LANG
from .rerun import page_again
from .streams import stream_of

MOST = 64
"""So many pages one request may ask for."""

_NAME = re.compile(r"[\w-]{1,64}", re.ASCII)
_NOT_THE_PAGE_S = frozenset(
    {
        "content-length",
        "content-type",
        "transfer-encoding",
        "last-event-id",
        "nitro-dialog",
        PAGE_LANG,
    }
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A page that a tab shows: its *key* for this time, and from where on its stream is wanted."""

    key: str
    url: str
    cursor: str
    referrer: str
    lang: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a tab asks for: more of the bundle *to* and less of it, or a new one."""

    to: str | None
    shown: list[Shown]
    drop: list[str]


async def tabs(request: Request) -> Response:
    """Answer ``POST /_nitro/tabs``: one stream for all, or another set of pages in it.

    A change is answered with whether it was made: the stream may be at another process.
    """
    asked = _read(await request.body())
    client = client_of(request.caller)
    bundle = None
    if asked.to is not None:
        bundle = find_bundle(asked.to, client)
        if bundle is None:
            return response.json({"changed": False})
    streams: dict[str, Stream] = {}
    refused: list[str] = []
    # handlers that are run to look at what they return may change nothing
    with discarding():
        for shown in asked.shown:
            stream = await _stream(request, shown)
            if stream is None:
                refused.append(shown.key)
            else:
                streams[shown.key] = stream
    if bundle is None:
        return Response(200, stream=Bundle(client, streams, refused))
    return response.json({"changed": bundle.change(streams, refused, asked.drop)})


async def _stream(request: Request, shown: Shown) -> Stream | None:
    page = await page_again(request, shown.url)
    if not isinstance(page, Page):
        return None
    return await in_thread(_made, page, _request_for(request, shown))


def _made(page: Page, request: Request) -> Stream | None:
    token = current_request.set(request)
    try:
        context = page.read_by(context_of(request))
        with rendering(context):
            return stream_of(page, request, context)
    except HttpError:
        return None
    finally:
        current_request.reset(token)


def _request_for(request: Request, shown: Shown) -> Request:
    """Return *request* as if it asked for the stream of this page itself."""
    inside = urlsplit(request.inside(shown.url))
    kept = {n: text for n, text in request.headers.items() if n not in _NOT_THE_PAGE_S}
    return Request(
        "GET",
        unquote(inside.path),
        query_string=inside.query,
        headers={**kept, "nitro-live": shown.cursor, "nitro-referrer": shown.referrer}
        | {PAGE_LANG: shown.lang},
        client=request.client,
        scheme=request.scheme,
        caller=request.caller,
        framework=request.framework,
        root=request.root,
    )


def _read(body: bytes) -> Asked:
    try:
        found = json.loads(body)
        asked = Asked(_text(found.get("to")), list(_shown(found["shown"])), _names(found["drop"]))
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        msg = "Not what a page of this application asks for"
        raise BadRequest(msg) from None
    if len(asked.shown) > MOST:
        msg = f"At most {MOST} pages can be asked for at once"
        raise BadRequest(msg)
    return asked


def _shown(found: list[dict[str, Any]]) -> Iterator[Shown]:
    for one in found:
        url = str(one["url"])
        if not response.is_local(url):
            raise ValueError(url)
        key, cursor = _names([one["key"]])[0], str(one["cursor"])
        yield Shown(key, url, cursor, str(one["referrer"]), str(one.get("lang", "")))


def _names(found: list[object]) -> list[str]:
    names = [cast("str", name) for name in found]
    if not all(_NAME.fullmatch(name) for name in names):
        raise ValueError(names)
    return names


def _text(found: object) -> str | None:
    return None if found is None else str(found)
