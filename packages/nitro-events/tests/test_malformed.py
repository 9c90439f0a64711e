"""Whatever is sent, it is answered with what is wrong with it, and with nothing of our inside.

A few hundred requests here; NITRO_PROOF=1 sends ten thousand.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
from collections import Counter
from collections.abc import AsyncIterator
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from nitro_events.actions import action, command, query
from nitro_events.events import event, on
from nitro_events.http.asgi import Middleware, own_answer, request_of, send_response
from nitro_events.http.commands import expose
from nitro_events.patches import Patch, patch_signals

COUNT = 10_000 if os.environ.get("NITRO_PROOF") else 400
INTERNALS = re.compile(
    r"Traceback|File \"|site-packages|<class |<\w+ object at|nitro_events|pydantic|secret-token|"
    r"internal-detail|RuntimeError|ValueError|KeyError|line \d+, in"
)

HOSTILE = [
    "",
    "x",
    "..",
    "%2e%2e",
    "\x00",
    "\ud800",
    "'",
    '"><script>',
    "a" * 3000,
    "é",
    "😀",
    "-1",
    "nan",
    "1e999",
    "9" * 400,
    "__class__",
    "{id}",
    "null",
    "true",
    "\u202e",
    "\r\n",
    "a/b",
    "%00",
    "\\",
    "__proto__",
    "constructor",
    "${7*7}",
    "{{7*7}}",
    "../../etc/passwd",
    "\u2028",
    "[]",
    "[object]",
]
PARTS = ["books", "b1", "lend", "size", "tidy", "delete", "cmds", "ping", "books.lend", "ship"]
PARTS += ["typed", "count", "api", "v1", "7", "strict", "new", "edit", "_nitro", "burn2"]
TYPES = [
    "application/json",
    "application/x-www-form-urlencoded",
    "text/plain",
    "multipart/form-data",
    "application/json; charset=utf-16",
    "application/json; charset=nope",
    "application/json;charset",
    "application/x-www-form-urlencoded; charset=utf-7",
    "application/x-www-form-urlencoded; charset=gbk",
    "application/merge-patch+json",
    "",
    ";",
    'application/json; charset="',
    "APPLICATION/JSON",
    "application/json; charset=unicode_escape",
    "x/y; charset=zlib_codec",
    "+json",
]


class Colour(Enum):
    RED = "red"


class Line(BaseModel):
    product: str
    quantity: Annotated[int, Field(ge=1)] = 1


def define() -> None:
    """Declare one of each kind, as a module does."""
    namespace: dict[str, Any] = {
        "action": action,
        "command": command,
        "query": query,
        "Line": Line,
        "Colour": Colour,
        "Any": Any,
        "Literal": Literal,
        "AsyncIterator": AsyncIterator,
        "Patch": Patch,
        "patch_signals": patch_signals,
        "__name__": "app",
    }
    exec(
        "@command(path='/api/v1/orders/{number}/ship')\n"
        "def ship(number: int, lines: list[Line] = [], how: Literal['air', 'sea'] = 'sea'): 0\n"
        "@query\n"
        "def count(word: str = '', most: float = 1.0, colour: Colour = Colour.RED): return most\n"
        "@query\n"
        "async def strict(n: int) -> AsyncIterator[Patch]:\n"
        "    for i in range(n % 5): yield patch_signals({'n': i})\n"
        "@action\n"
        "def anything(what: Any = None): return what\n",
        namespace,
    )
    event("internal")
    expose("ping", "typed")

    @on("ping")
    def plain(sender: Any, signals: Any) -> None:
        signals.quantity  # noqa: B018

    @on("typed")
    async def other(sender: Any, signals: Any) -> None:
        return None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(HOSTILE),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*HOSTILE, "days", "number", "lines", "title"]), inner)
    ),
    max_leaves=12,
)
raw_json = json_values.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))
raw_odd = st.sampled_from(
    [
        b"{",
        b"NaN",
        b"[" * 5000,
        b'{"a":' * 2000,
        b'{"a":1,"a":2}',
        b"\xff\xfe",
        b"\x00" * 9,
        b"\xef",
        b'{"days":1e400}',
        b'{"days":' + b"9" * 5000 + b"}",
        b'{"_nitro":"x"}',
        b'{"_nitro":[1]}',
        b'{"_take":{}}',
        b"_nitro=x&_nitro=y",
        b"a=%ff",
        b"&".join([b"a=1"] * 1100),
        b"=&=&&",
        b"%",
        b'{"title":"\\ud800"}',
        '{"title":"é"}'.encode("utf-16"),
        b"a" * (1024 * 1024 + 1),
        b'{"lines":' + b"[1," * 20_000 + b"1" + b"]" * 20_000 + b"}",
        b'{"n":"' + b"x" * 70_000 + b'"}',
    ]
)
bodies = st.one_of(st.just(b""), raw_json, raw_odd, st.binary(max_size=200))
headers = st.dictionaries(
    st.sampled_from(
        [
            "accept",
            "cookie",
            "origin",
            "sec-fetch-site",
            "sec-fetch-mode",
            "datastar-request",
            "nitro-live",
            "nitro-token",
            "last-event-id",
            "content-length",
            "authorization",
            "host",
            "idempotency-key",
            "x-forwarded-for",
            "nitro-dialog",
            "referer",
            "content-encoding",
        ]
    ),
    st.sampled_from(
        [
            "",
            "true",
            "same-origin",
            "cross-site",
            "null",
            "http://[",
            "text/html",
            "-1",
            "9" * 30,
            "text/event-stream",
            "application/json",
            "\x80\xff",
            "=;=;a=\x80",
            "Basic eA==",
            "x" * 2000,
            "navigate",
            "here",
            "http://here",
            "[",
            "a.b.c",
        ]
    ),
    max_size=4,
)
paths = st.lists(st.sampled_from(PARTS + HOSTILE), max_size=6).map(
    lambda parts: "/" + "/".join(parts)
)
likely = st.sampled_from(
    [
        "/books",
        "/books/b1",
        "/books/b1/lend",
        "/books/b1/delete",
        "/books/tidy",
        "/count",
        "/strict",
        "/api/v1/orders/7/ship",
        "/cmds/ping/x",
        "/cmds/typed/x",
        "/cmds/books.lend/b1",
        "/anything",
    ]
)
queries = st.one_of(
    st.just(""),
    st.sampled_from(
        [
            "datastar={",
            "datastar=%7B%7D&datastar=%7B%7D",
            "n=x",
            "n=3",
            "word=%ff",
            "&" * 50,
            "most=nan",
            "most=inf",
            "colour=red",
            "colour=x",
            "n=" + "9" * 400,
            "&".join(f"p{n}=1" for n in range(1200)),
            "datastar=%7B%22n%22%3A4%7D",
        ]
    ),
    st.text(alphabet="a=&%;+é\x00", max_size=20).map(
        lambda text: text.encode("utf-8").decode("latin-1")
    ),
)
methods = st.sampled_from(
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY", "X", "OPTIONS"]
)
anything = st.tuples(
    methods, st.one_of(paths, likely), queries, headers, st.sampled_from(TYPES), bodies
)
# what comes past the first doors: a route that is there, with its verb and a type that is read
posted = st.tuples(
    st.sampled_from(["POST", "POST", "PATCH"]),
    likely,
    st.just(""),
    st.just({}),
    st.sampled_from(TYPES[:2]),
    bodies,
)
asked_for = st.tuples(
    st.just("GET"),
    st.sampled_from(["/count", "/strict"]),
    queries,
    headers,
    st.just(""),
    st.just(b""),
)
requests = st.one_of(anything, posted, posted, asked_for)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answer as an adapter does where no hand-written route fits."""
    request = request_of(scope, receive)
    await send_response(await own_answer(request), receive, send)


async def ask(asked: Any) -> tuple[int, str]:
    method, path, query_string, given, kind, body = asked
    pairs = [("host", "here"), ("content-type", kind), *given.items()]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query_string.encode("latin-1"),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in pairs],
        "client": ("127.0.0.1", 5000),
    }
    chunks = [body[:5], body[5:]]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        if chunks:
            return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}
        await asyncio.sleep(30)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await asyncio.wait_for(Middleware(application, lambda scope: scope)(scope, receive, send), 5)
    text = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], text.decode("utf-8", "replace")


@pytest.fixture
def loop() -> Any:
    with asyncio.Runner() as runner:
        yield runner


def test_malformed_requests_end_in_refusals_without_a_word_of_the_inside(
    shelf: Any, loop: Any, caplog: Any
) -> None:
    define()
    caplog.set_level(logging.CRITICAL)
    counted: Counter[int] = Counter()

    @settings(
        max_examples=COUNT,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(requests)
    def each(asked: Any) -> None:
        status, text = loop.run(ask(asked))
        counted[status] += 1
        assert status < 500, (asked, text)
        sent = f"{asked!r} {asked[5].decode('utf-8', 'replace')}"
        told = [word for word in INTERNALS.findall(text) if word not in sent]
        assert not told, (asked, text)

    each()

    assert sum(counted.values()) >= COUNT
    often = {400, 403, 404, 405, 422}
    assert counted.keys() >= (often if COUNT < 10_000 else often | {413, 415}), counted
    assert counted[413] + counted[200] > 0
