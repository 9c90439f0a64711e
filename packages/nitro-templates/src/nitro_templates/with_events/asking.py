"""Answers to `_ask`: one part of a page that a handler returned."""

from __future__ import annotations

from nitro_events.http import response
from nitro_events.http.problems import NotFound
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.patches import patch_elements
from nitro_events.texts import Text
from nitro_templates.asking import PARAMETER, Download, ask_in, find_answerer
from nitro_templates.context import RenderContext
from nitro_templates.html import Element

from .export import send


def is_asked(request: Request) -> bool:
    """Say whether *request* wants a part of a page and not the page; only a GET can."""
    return request.method == "GET" and PARAMETER in request.query


def answer_part(value: object, request: Request, context: RenderContext) -> Response:
    """Answer what *request* asks of the component on the page *value*.

    NotFound when the page has no such component, or it does not know the question.
    """
    asked = ask_in(request.query)
    component = None if asked is None else find_answerer(value, asked.key, context)
    answer = None if asked is None or component is None else component.answer(asked, context)
    if isinstance(answer, Download):
        return send(answer, context)
    if answer is None:
        msg = Text("This page has no such part. Reload the page")
        raise NotFound(msg)
    return _written(answer, request)


def _written(answer: Element, request: Request) -> Response:
    html = str(answer)
    if request.is_datastar:
        return response.events([patch_elements(html)])
    return response.html(html)
