"""The stream of a page, for who may see it."""

from __future__ import annotations

from nitro_events.http.request import Request
from nitro_events.live.admission import open_stream
from nitro_events.live.stream import Stream
from nitro_events.policy import can
from nitro_templates.context import RenderContext
from nitro_templates.page import Page


def stream_of(page: Page, request: Request, context: RenderContext) -> Stream | None:
    """Make the stream that *request* asks for; None if there is nothing that it may show.

    Call it while *context* is rendered, in which its views are then.
    """
    views = page.views(context) if page.live else ()
    wanted = views or page.topics
    if not wanted or not can(request.caller, "stream", page):
        return None
    return open_stream(request, views, page.topics)
