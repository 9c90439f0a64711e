"""Neutral responses as Django's."""

from collections.abc import Iterable
from contextvars import ContextVar

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from nitro_django.bodies import ChunksBody, LiveBody
from nitro_events.http.iterables import body_of, headers_of
from nitro_events.http.response import Header, Response

__all__ = ["on_a_loop", "to_django"]

on_a_loop: ContextVar[bool] = ContextVar("nitro_django_async", default=False)
"""Whether an async server takes the answer of the request in this context."""


def to_django(response: Response) -> HttpResponseBase:
    """Return *response* as Django's, a streaming one where it lasts."""
    if response.stream is None and response.chunks is None:
        # Django would look up what its own type is
        kind = next((text for name, text in response.headers if name == "content-type"), None)
        whole = HttpResponse(response.body, kind, response.status)
        return _with_headers(whole, response.headers)
    answer = StreamingHttpResponse(_body(response), status=response.status)
    _with_headers(answer, headers_of(response))
    # or Django's gzip would keep events back until there is enough to compress
    answer.headers.setdefault("Content-Encoding", "identity")
    return answer


def _body(response: Response) -> Iterable[bytes] | LiveBody | ChunksBody:
    if not on_a_loop.get():
        return body_of(response)
    if response.stream is not None:
        return LiveBody(response.stream)
    assert response.chunks is not None
    return ChunksBody(response.chunks, whole=response.whole)


def _with_headers(answer: HttpResponseBase, headers: Iterable[Header]) -> HttpResponseBase:
    names = {name.lower() for name, _ in headers}
    if "content-type" not in names:
        del answer.headers["Content-Type"]  # Django's default
    seen: set[str] = set()
    for name, text in headers:
        key = name.lower()
        if key == "set-cookie":
            answer.cookies.load(text)
        elif key in seen:
            answer.headers[name] = f"{answer.headers[name]}, {text}"
        elif key != "content-length":  # others on the way out may change the body
            answer.headers[name] = text
        seen.add(key)
    return answer
