"""Requests that no browser and no program of ours would send, by the thousand."""

from __future__ import annotations

import random
from collections.abc import Iterator

import httpx

JSON_BODIES = [
    b"", b"{", b"null", b"[]", b"1", b'"x"', b"NaN", b'{"name":NaN}', b'{"weight":Infinity}',
    b'{"weight":1e999}', b'{"weight":"nan"}', b'{"weight":9223372036854775808}',
    b'{"weight":' + b"9" * 5000 + b"}", b"[" * 50_000, b'{"a":' * 5_000, b'{"name":"\xff"}',
    b'{"name":"\\ud800"}', b'{"name":"\\u0000"}', b'{"name":"a","name":"b"}', b"\xef\xbb\xbf{}",
    b"\x00", b'{"_nitro":5}', b'{"_nitro":{"a":1}}', b'{"_nitro":"' + b"a" * 70_000 + b'"}',
    b'{"_take":{"a":1}}', b'{"_take":["name"]}', b'{"name":{"$gt":""}}', b'{"name":[1]}',
    b'{"name":true}', b'{"by":1e3}', b'{"by":"1_0"}', b'{"by":-1}', b'{"a":[],"b":{}}',
    '{"name":"ü"}'.encode("utf-16"), b"{}" + b" " * 70_000, b"a" * (1024 * 1024 + 1),
]  # fmt: skip
FORM_BODIES = [
    b"name=%ff", b"name=%00", b"&&&&", b"=", b"%", b"name", b"_nitro=x", b"_nitro=x&_nitro=y",
    b"_take=name", b"&".join(b"p%d=1" % n for n in range(2000)), b"\xff=\xfe",
    b"--x\r\n\r\n--x--", b"--x\r\ncontent-disposition: form-data\r\n\r\n\r\n--x--",
    b'--x\r\ncontent-disposition: form-data; name="f"; filename="../x"\r\n\r\n\r\n--x--\r\n',
]  # fmt: skip
TYPES = [
    "application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data",
    "multipart/form-data; boundary=x", "application/json; charset=utf-16", "APPLICATION/JSON",
    "application/json; charset=nope", "application/json, text/plain", "application/xml", "x", "",
    "application/octet-stream",
]  # fmt: skip
PARTS = [
    "x", "new", "edit", "delete", "%2e%2e", "%2E", "a%2Fb", "x%2Fdelete", "%00", "%ff", "%C3%A9",
    "a" * 5000, "%0a", "%22%3E%3Cscript%3E", "__class__", "-1", "1" * 400, "%E2%80%AE",
    "'%20or%201=1--", "%5c..%5c", "null", "grow", "_nitro", "", "heaviest", "%F0%9F%98%80",
]  # fmt: skip
TAILS = [
    "", "/", "/edit", "/delete", "/grow", "/save", "/__class__", "/__init__", "//edit", "/edit/",
    "/edit/x", "/%2e%2e/new", "/grow%2F", "/nitro_version", "/" + "a/" * 500,
]  # fmt: skip
VERBS = ["GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS", "TRACE", "QUERY", "X"]
HEADERS: list[dict[str, str]] = [
    {}, {}, {"accept": "text/html"}, {"datastar-request": "true"},
    {"datastar-request": "true", "nitro-dialog": "true"}, {"accept": "text/event-stream"},
    {"content-encoding": "gzip"}, {"accept": "\x80" * 10}, {"cookie": "=;=;a=\x80;;"},
    {"referer": "/%zz"}, {"referer": "http://here//evil.example"}, {"range": "bytes=0-"},
    {"origin": "http://["}, {"nitro-check": "1"}, {"nitro-check": "{"}, {"nitro-token": "é"},
    {"cookie": "session=x; sessionid=x; nitro_browser=x"}, {"authorization": "Basic !"},
    {"x-http-method-override": "DELETE"}, {"expect": "x"},
]  # fmt: skip
QUERIES = {
    "after": ["x", "=", "\x00", "a" * 3000, "W10", "e30", "9" * 50],
    "sort": ["", "__class__", "-nitro_version", "--name", "\x00", "é" * 500, "name;drop"],
    "q": ["", "%", "_", "\x00", "a" * 30_000, "😀", "'", "\r\n"],
    "datastar": ["", "zzz", "{", '{"a":1}', "[1]"],
    "where": ["all(", "all(name.is.x)", "null", "any(" * 300],
    "_ask": ["export:parcels:csv", "count:parcels", "x", "cell:parcels:name:x", ":" * 500],
}
HAND_WRITTEN = ["/", "/new", "/add", "/patches", "/count", "/invalid", "/whoami", "/one/"]


def requests(chance: random.Random, id: str, number: int) -> Iterator[httpx.Request]:
    """Yield *number* requests, none of which should succeed in anything that matters."""
    for _ in range(number):
        headers = dict(chance.choice(HEADERS))
        kind = chance.randrange(5)
        if kind == 0:
            query = {name: chance.choice(values) for name, values in QUERIES.items()}
            asked = {name: query[name] for name in chance.sample([*query], 2)}
            yield request("GET", chance.choice(["/", "/", "/new", "/patches"]), headers, asked)
            continue
        path = f"/parcels/{chance.choice([id, *PARTS])}{chance.choice(TAILS)}"
        verb = chance.choice(VERBS)
        if kind == 1:
            yield request(verb, path, headers)
            continue
        if kind == 2:
            path = chance.choice(["/parcels", f"/parcels/{id}/grow", f"/cmds/parcels.grow/{id}"])
            verb = chance.choice(["POST", "PATCH", "PUT"])
        if kind == 3:
            path, verb = chance.choice(HAND_WRITTEN), chance.choice(["POST", "PUT", "GET"])
        headers["content-type"] = chance.choice(TYPES)
        body = chance.choice(JSON_BODIES + FORM_BODIES)
        chunked = chance.random() < 0.2  # so that nothing announces its length
        yield request(verb, path, headers, None, iter([body[:7], body[7:]]) if chunked else body)


def request(
    verb: str,
    path: str,
    headers: dict[str, str],
    query: dict[str, str] | None = None,
    body: bytes | Iterator[bytes] = b"",
) -> httpx.Request:
    named = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return httpx.Request(verb, f"http://here{path}", params=query, headers=named, content=body)


RAW = [
    b"\x00\x01\x02\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\nhost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET http://evil.example/ HTTP/1.1\r\nhost: evil.example\r\n\r\n",
    b"POST /parcels HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
    b"POST /parcels HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcde",
    b"POST /parcels HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    b"POST /parcels HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\nshort",
    b"GET / HTTP/1.1\r\nhost: x\r\nnitro-live: 1\r\nhost: y\r\n\r\n",
]
"""What is not even HTTP."""
