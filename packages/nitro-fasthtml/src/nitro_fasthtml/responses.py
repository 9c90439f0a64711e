"""What a handler returns: pages, elements, patches and entities become responses.

FastHTML looks up one function of its core module for everything that is returned; it is wrapped
once for the process and does nothing for applications without Nitro, which have no current
request.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from functools import wraps
from typing import Any, cast

from starlette.background import BackgroundTask, BackgroundTasks
from starlette.responses import Response

from nitro_events.http.request import current_request
from nitro_events.http.results import concerns
from nitro_fasthtml.fast import core, has_markup, is_of_fasthtml
from nitro_fasthtml.in_thread import InThread
from nitro_starlette.responses import NitroResponse
from nitro_starlette.values import is_entity

__all__ = ["watch_responses"]


def watch_responses() -> None:
    """Wrap what FastHTML makes responses with, once for the process."""
    respond: Any = core._resp
    if hasattr(respond, "__wrapped__"):
        return

    @wraps(respond)
    def _resp(req: Any, resp: Any, *args: Any, **kwargs: Any) -> Any:
        if (
            isinstance(resp, str | Mapping | Response)
            or resp is None
            or current_request.get() is None
        ):
            return respond(req, resp, *args, **kwargs)
        if inspect.isgenerator(resp):
            resp = list(resp)  # here, since it can be read once
        status = kwargs.get("status_code", 200)
        answer = _answer(req, resp, status)
        if answer is None and _shows_ours(resp):
            return InThread(lambda: respond(req, resp, *args, **kwargs), status)
        return answer or respond(req, resp, *args, **kwargs)

    core._resp = _resp


def _answer(req: Any, resp: object, status: int) -> NitroResponse | None:
    """Return Nitro's answer to *resp*; None if all of it, or a part, is for FastHTML to write."""
    parts = cast("tuple[object, ...]", resp) if isinstance(resp, tuple) else (resp,)
    headers: list[Any] = [part for part in parts if isinstance(part, core.HttpHeader)]
    tasks = [part for part in parts if isinstance(part, BackgroundTask)]
    content = [part for part in parts if not isinstance(part, core.HttpHeader | BackgroundTask)]
    value = content[0] if len(content) == 1 else content
    if not _is_ours(value):
        return None
    answer = NitroResponse(value, status, background=BackgroundTasks(tasks) if tasks else None)
    for header in (*headers, *getattr(req, "injects", ())):
        if isinstance(header, core.HttpHeader):
            answer.headers.append(header.k, str(header.v))
    return answer


def _is_ours(value: object) -> bool:
    if isinstance(value, list):
        items = cast("list[object]", value)
        return concerns(items) or (bool(items) and all(is_entity(item) for item in items))
    if isinstance(value, str | Mapping | Response) or is_of_fasthtml(value):
        return False
    return concerns(value) or is_entity(value) or inspect.isasyncgen(value)


def _shows_ours(resp: object) -> bool:
    """Tell whether something among FastHTML's tags is to be written by somebody else.

    It may read what is stored, and FastHTML writes while the event loop waits.
    """
    left: list[object] = [resp]
    while left:
        one: Any = left.pop()
        if isinstance(one, core.FT):
            left.extend(one.children)
        elif isinstance(one, tuple | list):
            left.extend(cast("Iterable[object]", one))
        elif not isinstance(one, str) and has_markup(one) and not is_of_fasthtml(one):
            return True
    return False
