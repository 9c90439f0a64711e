"""What no browser of ours sends is refused, and the refusal tells nothing of our insides."""

from __future__ import annotations

import base64
import json
import os
import random
import socket
import zlib
from collections import Counter
from collections.abc import Callable, Iterator

import httpx

from support.server import Server

COUNT = 10_000 if os.environ.get("NITRO_PROOF") else 1000
Tells = Callable[[str, str], list[str]]

JSON_BODIES = [
    b"", b"{", b"null", b"[]", b"1", b'"x"', b"NaN", b'{"name":NaN}', b'{"level":Infinity}',
    b'{"level":1e999}', b'{"level":"nan"}', b'{"level":"inf"}', b'{"level":"1e400"}',
    b'{"balance":9223372036854775808}', b'{"balance":' + b"9" * 99 + b"}",
    b'{"balance":' + b"9" * 5000 + b"}", b"[" * 50_000, b'{"a":' * 5_000, b'{"name":"\xff"}',
    b'{"name":"\\ud800"}', b'{"name":"\\u0000"}', b'{"name":"a","name":"b"}', b"\xef\xbb\xbf{}",
    b"\x00", b'{"_nitro":5}', b'{"_nitro":{"a":1}}', b'{"_nitro":"' + b"a" * 70_000 + b'"}',
    b'{"_take":{"a":1}}', b'{"_take":[[1]]}', b'{"_take":["name"]}', b'{"name":{"$gt":""}}',
    b'{"name":[1]}', b'{"name":true}', b'{"name":null}', b'{"amount":1e3}', b'{"amount":"1_0"}',
    b'{"amount":9223372036854775807}', '{"name":"ü"}'.encode("utf-16"), b"{}" + b" " * 70_000,
    b"a" * (1024 * 1024 + 1), b'{"name":"' + b"x" * (1024 * 1024 - 20) + b'"}',
]  # fmt: skip
FORM_BODIES = [
    b"name=%ff", b"name=%00", b"&&&&", b"=", b"%", b"name", b"_nitro=x", b"_nitro=x&_nitro=y",
    b"_take=name", b"name=a&name=b", b"&".join(b"p%d=1" % n for n in range(2000)), b"\xff=\xfe",
]  # fmt: skip
TYPES = [
    "application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data",
    "multipart/form-data; boundary=x", "application/json; charset=utf-16", "APPLICATION/JSON",
    "application/json; charset=nope", "application/json, text/plain", "application/xml", "x", "",
    "application/merge-patch+json", "application/octet-stream",
]  # fmt: skip
SORTS = [
    "__class__", "-nitro_version", "nitro_version", "pin", "-pin", "id", "--name", "-", "name ",
    "name,balance", "NAME", "save", "name;drop", "\x00", "é" * 500, "name", "-balance", "level",
]  # fmt: skip
SEARCHES = ["%", "_", "\\", "\x00", "a" * 30_000, "😀", '"', "'", "*", "[", "\u202e", "\r\n", "İ"]
PARTS = [
    "x", "new", "edit", "delete", "%2e%2e", "%2E", "a%2Fb", "x%2Fdelete", "%00", "%ff", "é", "😀",
    "a" * 5000, "%0a", "%22%3E%3Cscript%3E", "__class__", "-1", "1" * 400, "%E2%80%AE",
    "'%20or%201=1--", "%5c..%5c", "null", "pay_in", "_nitro", "",
]  # fmt: skip
TAILS = [
    "", "/", "/edit", "/delete", "/pay_in", "/told", "/save", "/__class__", "/__init__", "//edit",
    "/edit/", "/edit/x", "/%2e%2e/new", "/pay_in%2F", "/nitro_version", "/later", "/" + "a/" * 500,
]  # fmt: skip
VERBS = ["GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS", "TRACE", "QUERY", "X"]
HEADERS: list[dict[str, str]] = [
    {}, {}, {"accept": "text/html"}, {"datastar-request": "true"},
    {"datastar-request": "true", "nitro-dialog": "true"}, {"accept": "text/event-stream"},
    {"content-encoding": "gzip"}, {"accept": "\x80" * 10}, {"cookie": "=;=;a=\x80;;"},
    {"referer": "/%zz"}, {"referer": "http://here//evil.example"}, {"host": "["},
    {"range": "bytes=0-"},
    {"x-user": "é"}, {"origin": "http://["},
]  # fmt: skip


VALUES: list[object] = [
    None, 1, 1.5, True, "a", "\ud800", "\x00", [], {}, {"b": "zz"}, {"b": "00"}
]  # fmt: skip


def cursor(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def cursors() -> list[str]:
    found = ["x", "=", "\x00", "a" * 3000, "é", "..", "%", "[]", "{}", "-1", "9" * 50]
    shapes: list[object] = [[], {}, 1, None, "x", [1], [1, 2], [1, 2, 3], [[[]]], True]
    found += [cursor(shape) for shape in shapes]
    found.append(base64.urlsafe_b64encode(b"[" * 20_000).decode())
    found.append(base64.urlsafe_b64encode(b"\xff\xfe").decode())
    for order in ("id", "name,id", "-name,-id", "balance,id", "-balance,-id", "level,id"):
        sign = f"{zlib.crc32(order.encode()):x}"
        for value in VALUES:
            found += [cursor([sign, 0, value, "b"]), cursor([sign, 1, value])]
        for number in (2**63 - 1, 2**63, -(2**63) - 1, 10**300, float("nan"), float("inf")):
            found += [cursor([sign, 0, number, "b"]), cursor([sign, [], number, "b"])]
        found += [cursor([sign, 5, "a", "b"]), cursor([sign, 0, "a", None])]
    return found


def requests(chance: random.Random, id: str, number: int) -> Iterator[httpx.Request]:
    """Yield *number* requests, none of which should succeed in anything that matters."""
    base = "http://here"
    positions = cursors()
    for _ in range(number):
        headers = dict(chance.choice(HEADERS))
        kind = chance.randrange(4)
        if kind == 0:
            query = {
                chance.choice(["after", "before"]): chance.choice(positions),
                "sort": chance.choice(["", *SORTS]),
                "q": chance.choice(["", "", *SEARCHES]),
                "datastar": chance.choice(["", "zzz", "{", '{"a":1}', "[1]"]),
            }
            yield httpx.Request("GET", f"{base}/", params=query, headers=clean(headers))
            continue
        path = f"/accounts/{chance.choice([id, *PARTS])}{chance.choice(TAILS)}"
        verb = chance.choice(VERBS)
        if kind == 1:
            yield httpx.Request(verb, base + path, headers=clean(headers))
            continue
        if kind == 2:
            own = [f"/accounts/{id}", f"/accounts/{id}/pay_in", f"/cmds/accounts.pay_in/{id}"]
            path = chance.choice(["/accounts", *own])
            verb = chance.choice(["POST", "PATCH", "PUT"])
        body = chance.choice(JSON_BODIES + FORM_BODIES)
        headers["content-type"] = chance.choice(TYPES)
        content: bytes | Iterator[bytes] = body
        if chance.random() < 0.2:  # in chunks, so that nothing announces its length
            content = iter([body[:7], body[7:]])
        yield httpx.Request(verb, base + path, headers=clean(headers), content=content)


def clean(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    named = {"host": "here", **headers}
    return [(name.encode(), value.encode("latin-1")) for name, value in named.items()]


def test_thousands_of_malformed_requests_are_refused_without_a_word_of_internals(
    hostile: Server, account: str, http: httpx.Client, tells_internals: Tells
) -> None:
    chance = random.Random(20)
    counted: Counter[int] = Counter()
    for request in requests(chance, account, COUNT):
        sent = f"{request.method} {request.url.raw_path[:300]!r} {request.headers!r}"
        request.url = request.url.copy_with(host="127.0.0.1", port=hostile.port)
        answer = http.send(request)
        counted[answer.status_code] += 1
        assert answer.status_code < 500, (sent, answer.text)
        assert not tells_internals(answer.text, sent), (sent, answer.text)
        assert answer.elapsed.total_seconds() < 5, sent
    assert min(counted[status] for status in (400, 404, 405, 415, 422)) > 5, counted
    assert http.get("/").status_code == 200


def test_a_cursor_or_order_that_is_not_ours_shows_the_first_page(http: httpx.Client) -> None:
    for text in cursors():
        answer = http.get("/", params={"after": text, "sort": "balance"})
        assert answer.status_code == 200
    for sort in SORTS:
        assert http.get("/", params={"sort": sort}).status_code == 200


def test_thousands_of_parameters_are_refused(http: httpx.Client) -> None:
    assert http.get("/?" + "&".join(f"a{n}=1" for n in range(1000))).status_code == 200
    for number in (1001, 5000):
        assert http.get("/?" + "&".join(f"a{n}=1" for n in range(number))).status_code == 400


def test_any_position_of_a_stream_is_taken_or_left(http: httpx.Client) -> None:
    for text in ["", "0", "-1", "1.5", "1e9", "9" * 18, "9" * 50, "abc", "null", "x" * 3000, "²"]:
        for name in ("nitro-live", "last-event-id"):
            headers = {b"nitro-live": b"1", name.encode(): text.encode()}
            with http.stream("GET", "/", headers=headers) as stream:
                assert stream.status_code == 200
                assert b"retry:" in next(stream.iter_raw())


def test_a_value_that_cannot_be_stored_is_told_by_its_field(
    http: httpx.Client, account: str
) -> None:
    path = f"/accounts/{account}"
    for field, value in [("balance", 2**63), ("level", "nan"), ("level", "-inf")]:
        refused = http.patch(path, json={field: value})
        assert refused.status_code == 422
        assert list(refused.json()["errors"]) == [field]
    assert http.patch(path, json={"balance": 2**63 - 1}).status_code == 200
    too_much = http.post(f"{path}/pay_in", json={"amount": 1})
    assert (too_much.status_code, list(too_much.json()["errors"])) == (422, ["balance"])


def test_a_referrer_that_is_no_url_is_left_alone(http: httpx.Client) -> None:
    for text in ("http://[::1", "http://[", "//[x"):
        assert http.get("/", headers={"referer": text}).status_code == 200


def test_what_is_not_even_http_ends_nothing(hostile: Server, http: httpx.Client) -> None:
    for raw in [
        b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nhost: x\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nhost: evil.example\r\n\r\n",
        b"POST /accounts HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /accounts HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n"
        b"content-length: 6\r\n\r\nabcde",
        b"POST /accounts HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"POST /accounts HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\nshort",
        b"GET / HTTP/1.1\r\nhost: x\r\nnitro-live: 1\r\nhost: y\r\n\r\n",
    ]:  # fmt: skip
        with socket.create_connection(("127.0.0.1", hostile.port), 5) as connection:
            connection.sendall(raw)
            connection.settimeout(0.3)
            try:
                answer = connection.recv(2000)
            except TimeoutError:
                answer = b""
            assert b" 500 " not in answer.partition(b"\r\n")[0], raw
    assert http.get("/").status_code == 200
