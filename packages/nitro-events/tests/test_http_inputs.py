"""What a client sends is read, or refused in words."""

from __future__ import annotations

import asyncio
import json

import pytest

from nitro_events.http.inputs import Input, read_input
from nitro_events.http.problems import BadRequest, HttpError, TooLarge, UnsupportedMedia
from nitro_events.http.request import Request
from nitro_events.settings import configure
from nitro_events.signals import BadSignals

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
DATASTAR = {"datastar-request": "true"}


def read(
    body: bytes = b"", headers: dict[str, str] | None = None, method: str = "POST", query: str = ""
) -> Input:
    request = Request(method, "/", headers=headers or {}, body=body, query_string=query)
    return asyncio.run(read_input(request))


def test_a_form_is_read_by_name_with_its_seal() -> None:
    given = read(b"name=R%C3%B6m&tag=a&tag=b&note=1%0D%0A2&_nitro=S&_take=x&_take=y", FORM)

    assert given.kind == "form"
    assert given.values == {"name": "Röm", "tag": "b", "note": "1\n2"}
    assert given.lists["tag"] == ["a", "b"]
    assert (given.seal, given.take) == ("S", ("x", "y"))


def test_json_is_read_for_programs() -> None:
    given = read(b'{"a": [1, null], "_nitro": "S", "_take": "x"}', JSON)

    assert (given.kind, given.values, given.seal) == ("json", {"a": [1, None]}, "S")
    assert given.take == ("x",)


def test_signals_are_read_for_datastar() -> None:
    assert read(b'{"a": 1}', {**JSON, **DATASTAR}).kind == "signals"
    given = read(b"", DATASTAR, "GET", "datastar=%7B%22a%22%3A1%7D&b=2")
    assert (given.kind, given.values) == ("signals", {"a": 1, "b": "2"})
    assert read(b"", DATASTAR, "DELETE", "datastar=%7B%22a%22%3A1%7D").values == {"a": 1}


def test_a_query_is_read_as_fields() -> None:
    assert read(method="GET", query="a=1").values == {"a": "1"}
    assert read(method="GET").kind == "none"
    assert read(query="a=1").kind == "none"


@pytest.mark.parametrize(
    ("body", "headers", "error"),
    [
        (b"<x>", {"content-type": "text/xml"}, UnsupportedMedia),
        (b"x", {}, UnsupportedMedia),
        (b"x", {"content-type": "multipart/form-data; boundary=x"}, UnsupportedMedia),
        (b"[1]", JSON, BadRequest),
        (b"null", JSON, BadRequest),
        (b'{"a": NaN}', JSON, BadRequest),
        (b'{"a": "\\ud800"}', JSON, BadRequest),
        (b'{"a": 1e999}', JSON, BadRequest),
        (b"\xff", JSON, BadRequest),
        (b'{"a":' * 40 + b"1" + b"}" * 40, JSON, BadRequest),
        (b"[" * 100_000, JSON, BadRequest),
        (json.dumps({str(key): 1 for key in range(1001)}).encode(), JSON, BadRequest),
        (b'{"a": ' + b"9" * 5000 + b"}", JSON, BadRequest),
        (b"a=%ff", FORM, BadRequest),
        (b"a=\xff", FORM, BadRequest),
        (b"&".join([b"a=1"] * 1001), FORM, BadRequest),
        (b" " * (1024 * 1024 + 1), JSON, TooLarge),
        (b'{"a": NaN}', {**JSON, **DATASTAR}, BadSignals),
    ],
)
def test_what_cannot_be_read_is_refused(
    body: bytes, headers: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        read(body, headers)

    assert isinstance(caught.value, HttpError | BadSignals)
    assert 400 <= caught.value.status < 500


def test_the_limits_can_be_set() -> None:
    configure(limits={"body": 10})

    with pytest.raises(TooLarge):
        read(b'{"a": "1234567"}', JSON)
