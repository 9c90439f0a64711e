"""Responses and what handlers return."""

from __future__ import annotations

import json as json_text
from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel

from nitro_events.http.request import Request
from nitro_events.http.response import Response, events, html, is_local, json, redirect
from nitro_events.http.results import register, to_response, to_response_for_route
from nitro_events.patches import patch_signals

REQUEST = Request("GET", "/")


class Markup:
    def __html__(self) -> str:
        return "<p>é"


class Anything:
    def __getattr__(self, name: str) -> str:
        return name


def test_markup_becomes_a_page() -> None:
    response = to_response(Markup(), REQUEST, status=422)

    assert response is not None
    assert (response.status, response.body) == (422, "<p>é".encode())
    assert dict(response.headers)["content-type"] == "text/html; charset=utf-8"


def test_patches_become_an_event_stream() -> None:
    for value in (patch_signals({"a": 1}), [patch_signals({"a": 1})]):
        response = to_response(value, REQUEST)

        assert response is not None
        assert response.body.startswith(b"event: datastar-patch-signals")
        assert dict(response.headers)["cache-control"] == "no-store"


@pytest.mark.parametrize("value", [None, {"a": 1}, [], "text", 1, Anything()])
def test_what_is_not_ours_is_left_to_the_framework(value: object) -> None:
    assert to_response(value, REQUEST) is None


def test_later_converters_come_first_and_may_decline() -> None:
    register(lambda value: value == 1, lambda value, request, status: html("first"))
    register(lambda value: value == 1, lambda value, request, status: None)

    response = to_response(1, REQUEST)

    assert response is not None
    assert response.body == b"first"


def test_routes_of_our_own_answer_json() -> None:
    class Point(BaseModel):
        x: int

    values: list[tuple[Any, Any]] = [
        (Point(x=1), {"x": 1}),
        ([Point(x=1)], [{"x": 1}]),
        ({"d": date(2026, 1, 1), 2: {3}}, {"d": "2026-01-01", "2": [3]}),
        (float("nan"), None),
        ((number for number in (1, 2)), [1, 2]),
    ]
    for value, expected in values:
        assert json_text.loads(to_response_for_route(value, REQUEST).body) == expected
    assert to_response_for_route(None, REQUEST).status == 204


def test_a_value_without_a_json_form_is_an_error() -> None:
    with pytest.raises(TypeError, match="no JSON form"):
        to_response_for_route(object(), REQUEST)


def test_a_response_stays_what_it_is() -> None:
    response = json({})

    assert to_response(response, REQUEST) is response


@pytest.mark.parametrize("url", ["/", "/cities?q=a%20b#x", "/a:b"])
def test_a_redirect_stays_here(url: str) -> None:
    assert ("location", url) in redirect(url).headers


@pytest.mark.parametrize(
    "url",
    [
        "",
        " /",
        "//evil.example",
        "/\\evil",
        "/\t/evil.example",
        "/a\r\nSet-Cookie: x",
        "/é",
        "\\/evil",
        "cities",
        "https://evil.example",
        "javascript:alert(1)",
    ],
)
def test_a_redirect_never_leads_elsewhere(url: str) -> None:
    with pytest.raises(ValueError, match="redirect"):
        redirect(url)


def test_half_a_surrogate_pair_loses_no_page() -> None:
    assert html("a\ud800b").body == b"a?b"
    assert not is_local("//")
    assert isinstance(events([]), Response)


@pytest.mark.parametrize("text", ["a\r\nset-cookie: b=1", "a\nb", "\x00", "\u20ac"])
def test_a_header_that_would_be_two_or_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="'x-name' is not one line"):
        Response(200, [("x-name", text)])
    with pytest.raises(ValueError, match="not one line"):
        Response(200, [(text, "x")])
