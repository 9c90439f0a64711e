"""How what browsers keep goes with an answer, whatever kind of server sends it.

An event stream gets the signals as events of its own. Other answers to Datastar become an event
stream. Nothing else can carry them.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from nitro_events.http.request import current_request
from nitro_events.http.response import Header, Response, events
from nitro_events.patches import Patch, patch_elements, patch_signals
from nitro_events.signals import BadSignals, parse_signals

if TYPE_CHECKING:
    from nitro_events.http.kept import Visit

__all__ = ["Way", "as_events", "event_of", "new_signals", "way_of", "with_cookie"]

log = logging.getLogger("nitro_events")

_EVENTS = "text/event-stream"


class Way(Enum):
    """How an answer is sent."""

    AS_IT_IS = 1
    WITH_EVENTS = 2
    """A stream, at whose start and after whose events there may be one of ours."""
    AS_EVENTS = 3
    """Collected, and sent as a short stream; see `as_events`."""


async def new_signals(visit: Visit) -> Mapping[str, object]:
    """Return what was not sent back to the browser yet."""
    request = current_request.get()
    if visit.session is None or request is None:
        return {}
    await request.identify()
    return visit.reply()


def way_of(status: int, headers: Sequence[Header], signals: Mapping[str, object]) -> Way:
    """Return how an answer of this beginning is sent if the browser is to get *signals*."""
    named = _by_name(headers)
    streams = named.get("content-type", "").startswith(_EVENTS)
    if streams and (signals or "content-length" not in named):
        return Way.WITH_EVENTS
    if not signals:
        return Way.AS_IT_IS
    if _is_datastar() and status in (200, 204) and _can_become_events(named):
        return Way.AS_EVENTS
    log.warning(
        "What a browser keeps could not be sent with this answer (%s %s): answer with a "
        "Page, or ask with Datastar",
        status,
        named.get("content-type", "without a body"),
    )
    return Way.AS_IT_IS


def event_of(signals: Mapping[str, object]) -> bytes:
    """Return the event that patches *signals*, nothing if there are none."""
    return patch_signals(signals).encode() if signals else b""


def with_cookie(
    visit: Visit, headers: Sequence[Header], *, without: Sequence[str] = ()
) -> list[Header]:
    """Return *headers* with what the answer to *visit* needs besides."""
    left = [(name, text) for name, text in headers if name.lower() not in without]
    return [*left, *visit.headers()]


def as_events(
    body: bytes, headers: Sequence[Header], signals: Mapping[str, object], visit: Visit
) -> Response | None:
    """Say an answer and *signals* as events; None if the answer cannot be read."""
    try:
        patches = _as_patches(body, _by_name(headers))
    except (ValueError, zlib.error):
        log.warning("What a browser keeps could not be sent: the answer could not be read")
        return None
    response = events([*patches, patch_signals(signals)])
    replaced = ("content-length", "content-type", "content-encoding", "cache-control")
    kept = with_cookie(visit, headers, without=replaced)
    return Response(200, [*kept, *response.headers], response.body)


def _by_name(headers: Sequence[Header]) -> dict[str, str]:
    return {name.lower(): text for name, text in headers}


def _is_datastar() -> bool:
    request = current_request.get()
    return request is not None and request.is_datastar


def _can_become_events(headers: Mapping[str, str]) -> bool:
    kind = headers.get("content-type", "").partition(";")[0]
    coding = headers.get("content-encoding", "gzip")
    return kind in ("", "text/html", "application/json") and coding == "gzip"


def _as_patches(body: bytes, headers: Mapping[str, str]) -> list[Patch]:
    """Say as events what Datastar would have read out of an answer of another type."""
    if "content-encoding" in headers:
        body = zlib.decompress(body, wbits=47)
    if not body.strip():
        return []
    if headers.get("content-type", "").startswith("application/json"):
        try:
            signals = dict(parse_signals(body))
        except BadSignals:  # nothing that could be merged: Datastar would not use it either
            return []
        only_missing = headers.get("datastar-only-if-missing", "") == "true"
        return [patch_signals(signals, only_missing)]
    return [
        patch_elements(
            body.decode(),
            selector=headers.get("datastar-selector"),
            mode=cast("Any", headers.get("datastar-mode", "outer")),
            namespace=cast("Any", headers.get("datastar-namespace")),
            view_transition=headers.get("datastar-use-view-transition", "") == "true",
        )
    ]
