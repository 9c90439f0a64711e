"""What a handler returned, as a response: a document, a stream, the content of the dialog."""

from __future__ import annotations

from nitro_events.http import csrf, response
from nitro_events.http.problems import NotFound
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.patches import patch_elements
from nitro_events.texts import Text
from nitro_templates import assets
from nitro_templates.component import Component
from nitro_templates.context import RenderContext, rendering
from nitro_templates.html import Element
from nitro_templates.page import Page

from .asking import answer_part, is_asked
from .context import context_of
from .language import page
from .streams import stream_of

_OURS = (Component, Element)


def is_ours(value: object) -> bool:
    """Say whether *value* is something to render."""
    return isinstance(value, _OURS)


def convert(value: object, request: Request, status: int) -> Response:
    """Choose the representation: an event stream, content for the dialog, or HTML."""
    context = context_of(request)
    if isinstance(value, Page):
        context = value.read_by(context)
    with rendering(context):
        if status < 400 and is_asked(request):
            return answer_part(value, request, context)
        if isinstance(value, Page):
            if request.is_safe and request.live_cursor is not None:
                return _stream(value, request, context)
            if request.wants_dialog:
                return response.events([patch_elements(value.for_dialog(context))])
        return page(str(value), status=status)


def _stream(shown: Page, request: Request, context: RenderContext) -> Response:
    csrf.check(request)
    stream = stream_of(shown, request, context)
    # 204: the client stops asking
    return response.empty() if stream is None else Response(200, stream=stream)


def asset(request: Request, *, hash: str, name: str) -> Response:
    """Answer one of our files; NotFound when it is not there in this version."""
    found = assets.named(name, hash)
    if found is None:
        msg = Text("This file is not there any more. Reload the page")
        raise NotFound(msg)
    headers = [
        ("content-type", found.content_type),
        ("cache-control", assets.CACHE_CONTROL),
        ("x-content-type-options", "nosniff"),
    ]
    return Response(200, headers, found.body)
