"""What is said to each application of `behaviour.tutorials`, in this order."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from behaviour.talk import Ask

__all__ = ["WAITING", "conversation"]

ANN = {"authorization": "Bearer ann"}
FORM = "application/x-www-form-urlencoded"
PARTS = (
    b'--cut\r\ncontent-disposition: form-data; name="{name}"; filename="a.txt"\r\n'
    b"content-type: text/plain\r\n\r\none\r\n--cut\r\n"
    b'content-disposition: form-data; name="more"; filename="b.txt"\r\n\r\ntwo\r\n--cut--\r\n'
)
# where an answer begins long before it ends, and what lets it end
WAITING = {
    "fastapi": ("/wait", "/release"),
    "starlette": ("/wait", "/release"),
    "fasthtml": ("/open/wait", "/open/release"),
    "litestar": ("/wait", "/release"),
    "sanic": ("/wait", "/release"),
    "flask": ("/wait", "/release"),
    "django": ("/wait/", "/release/"),
}


def _ask(verb: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> Ask:
    return Ask(verb, path, tuple((headers or {}).items()), **more)


def get(path: str, **headers: str) -> Ask:
    return _ask("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})


def form(path: str, *, verb: str = "POST", **fields: str) -> Ask:
    return _ask(verb, path, {"content-type": FORM}, body=urlencode(fields, safe="{}").encode())


def sent(verb: str, path: str, value: object, **headers: str) -> Ask:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return _ask(verb, path, {"content-type": "application/json", **headers}, body=body)


def upload(path: str, name: str) -> Ask:
    kind = {"content-type": "multipart/form-data; boundary=cut"}
    return _ask("POST", path, kind, body=PARTS.replace(b"{name}", name.encode()))


def talk(path: str, *frames: bytes, answers: int = 0, **headers: str) -> Ask:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return _ask("GET", path, named, frames=frames, answers=answers)


def _of_files(at: str) -> Iterator[Ask]:
    """Ask for files in all the ways that files are asked for."""
    yield get(f"{at}/lines.txt")
    yield get(f"{at}/lines.txt", range="bytes=0-9")
    yield get(f"{at}/lines.txt", range="bytes=5-9,20-")
    yield get(f"{at}/lines.txt", range="bytes=9999999-")
    yield get(f"{at}/lines.txt", accept_encoding="gzip")
    yield _ask("HEAD", f"{at}/lines.txt")
    yield get(f"{at}/site.css")
    yield get(f"{at}/site.css", if_none_match="{etag}")
    yield get(f"{at}/site.css", if_modified_since="{modified}")
    yield get(f"{at}/site.css", if_range="{etag}", range="bytes=1-3")
    yield get(f"{at}/none.css")
    yield get(f"{at}/../fastapi_app.py")
    yield get(f"{at}/%2e%2e/fastapi_app.py")
    yield _ask("POST", f"{at}/site.css")


def _of_bodies(at: str) -> Iterator[Ask]:
    """Send bodies of all sizes and kinds to where their size is told."""
    yield _ask("POST", at)
    yield _ask("POST", at, body=b"x" * 70_000)
    yield _ask("POST", at, body=b"y" * 300_000, chunked=True)
    yield _ask("POST", at, {"content-type": "text/plain"}, body=b"z" * 999_000)
    yield _ask("POST", at, {"content-type": FORM}, body=b"a=1&b=" + b"c" * 200_000)
    yield _ask("POST", at, {"expect": "100-continue"}, body=b"when told")
    yield _ask("POST", at, body=b"again", twice=True)
    yield _ask("POST", at, {"datastar-request": "true", "accept": "text/event-stream"}, body=b"{}")
    yield _ask("POST", at, {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"})


TOKEN = {"authorization": "Bearer token-of-ann"}
WARE = {"name": "cup", "price": 2.5, "tags": ["a"]}
SAID: dict[str, list[Ask]] = {
    "fastapi": [
        get("/"),
        get("/wares/", accept="text/html"),
        sent("PUT", "/wares/1", WARE),
        sent("PUT", "/wares/2", {"name": "", "price": -1, "colour": "pink"}),
        sent("PUT", "/wares/two", WARE),
        sent("PUT", "/wares/3", b"{not json"),
        _ask("PUT", "/wares/3", {"content-type": "text/plain"}, body=b"{}"),
        get("/wares/1"),
        get("/wares/7"),
        get("/wares/13"),
        get("/wares/0"),
        get("/wares/?limit=51"),
        get("/wares"),
        sent("PATCH", "/wares/1", {"price": 3}),
        sent("PATCH", "/wares/1", {"price": -3}),
        sent("PATCH", "/wares/9", {}),
        _ask("DELETE", "/wares/1"),
        sent("POST", "/orders", [1, 2, 3]),
        sent("POST", "/orders", [1, -2]),
        form("/signup", user="ann", age="20"),
        form("/signup", user="a", age="x"),
        upload("/files", "one"),
        upload("/files", "other"),
        form("/token", username="ann", password="tulip"),
        form("/token", username="ann", password="rose"),
        form("/token", username="ann"),
        get("/me"),
        get("/me", **TOKEN),
        get("/me", authorization="Bearer other"),
        get("/admin/report"),
        get("/admin/report", **TOKEN),
        get("/remember"),
        get("/echo?q=abc", x_token="one"),
        get("/echo?q=ABC"),
        get("/echo?datastar=%7B%22a%22%3A1%7D", datastar_request="true"),
        get("/go"),
        get("/drip"),
        get("/break"),
        *(get(f"/raise/{kind}") for kind in ("model", "adapter", "lookup", "denied", "late", "x")),
        get("/log"),
        get("/openapi.json"),
        get("/docs"),
        get("/", origin="https://shop.example"),
        _ask("OPTIONS", "/wares/1"),
        _ask(
            "OPTIONS",
            "/wares/1",
            {"origin": "https://shop.example", "access-control-request-method": "PUT"},
        ),
        _ask("HEAD", "/"),
        _ask("QUERY", "/size", body=b"12345"),
        *_of_files("/static"),
        *_of_bodies("/size"),
        talk("/talk/a?q=1", b"one", "zwei ß".encode(), b"bye", answers=4),
        talk("/talk/a?q=x", b"one"),
        talk("/nowhere", b"one"),
    ],
    "starlette": [
        get("/"),
        get("/", accept_encoding="gzip"),
        get("/state"),
        _ask("POST", "/forget"),
        get("/state"),
        form("/form", a="1", b="zwei"),
        upload("/form", "one"),
        sent("POST", "/echo?q=1", {"a": [1]}),
        sent("POST", "/echo", b"{not json"),
        sent("PATCH", "/echo", None),
        get("/mine"),
        get("/mine", **ANN),
        get("/mine", authorization="Bearer eve"),
        get("/notes/1"),
        _ask("PUT", "/notes/1?text=hello"),
        get("/notes/1"),
        _ask("HEAD", "/notes/1"),
        _ask("PATCH", "/notes/1"),
        _ask("DELETE", "/notes/1"),
        _ask("DELETE", "/notes/1"),
        get("/notes/x"),
        get("/notes/raw/a/b?c=d"),
        _ask("TRACE", "/notes/raw"),
        get("/notes/sub/state"),
        get("/notes/sub/none"),
        get("/only", host="api.localhost"),
        get("/", host="elsewhere.example"),
        _ask("POST", "/later"),
        get("/drip/4"),
        get("/drip/400", accept_encoding="gzip"),
        get("/drip/x"),
        get("/file"),
        get("/file", range="bytes=-7"),
        get("/cookies", cookie="a=1; two=2"),
        *(get(f"/break/{kind}") for kind in ("lookup", "denied", "conflict", "x")),
        get("/log"),
        get("/log/"),
        _ask("OPTIONS", "/echo"),
        *_of_files("/static"),
        *_of_bodies("/size"),
        talk("/talk/a", b"one", b"bye", answers=3, sec_websocket_protocol="echo"),
        talk("/refused", b"one"),
        talk("/nowhere", b"one"),
    ],
    "fasthtml": [
        get("/"),
        get("/login"),
        form("/login", user=""),
        form("/login"),
        form("/login", user="ann"),
        get("/"),
        get("/", hx_request="true"),
        form("/tasks", title="Water the plants <now>"),
        sent("POST", "/tasks", {"title": "as json"}),
        form("/tasks", id="x", title="bad"),
        get("/tasks/1"),
        get("/tasks/1", hx_request="true"),
        get("/tasks/99"),
        get("/tasks/x"),
        form("/tasks/1", verb="PUT", done="1"),
        _ask("PUT", "/tasks/2"),
        _ask("DELETE", "/tasks/2"),
        _ask("PATCH", "/tasks/1"),
        _ask("OPTIONS", "/tasks/1"),
        _ask("HEAD", "/login"),
        get("/"),
        get("/nowhere"),
        get("/nowhere", hx_request="true"),
        get("/open/json?q=a&n=5"),
        get("/open/json?n=x"),
        get("/open/cookie"),
        get("/open/cookie"),
        get("/open/toast"),
        get("/open/fragment"),
        get("/open/fragment", hx_request="true"),
        get("/open/text"),
        get("/open/html"),
        get("/open/teapot"),
        get("/open/drip"),
        upload("/open/upload", "file"),
        upload("/open/upload", "other"),
        *(get(f"/open/break?kind={kind}") for kind in ("lookup", "denied", "x")),
        get("/logout"),
        get("/"),
        *_of_files(""),
        *_of_bodies("/open/size"),
        talk("/open/talk", b'{"msg": "hello"}', b'{"msg": "again"}', answers=4),
        talk("/nowhere", b"one"),
    ],
    "litestar": [
        get("/"),
        get("/tasks"),
        get("/tasks/"),
        get("/tasks?limit=x"),
        sent("POST", "/tasks", {"title": "Write", "done": False, "secret": "s"}),
        sent("POST", "/tasks", {"title": 1}),
        sent("POST", "/tasks", b"{not json"),
        sent("PUT", "/tasks/1", {"title": "Changed"}),
        sent("PUT", "/tasks/99", {"title": "Changed"}),
        get("/tasks/1"),
        get("/tasks/99"),
        get("/tasks/x"),
        get("/tasks?done=true"),
        _ask("DELETE", "/tasks/1"),
        _ask("DELETE", "/tasks/1", ANN),
        _ask("PATCH", "/tasks/1"),
        _ask("OPTIONS", "/tasks/1"),
        _ask("HEAD", "/tasks"),
        sent("PATCH", "/pets/a", {"name": "b", "age": 3}),
        sent("PATCH", "/pets/a", {"age": 3}),
        form("/form", a="1", b="zwei"),
        upload("/upload", "data"),
        get("/session"),
        get("/session"),
        _ask("POST", "/forget"),
        get("/session"),
        get("/cookie?find=abc"),
        get("/cookie?find=abcdefg"),
        get("/drip"),
        get("/drip", accept_encoding="gzip"),
        get("/file"),
        get("/file", range="bytes=0-9"),
        _ask("POST", "/later"),
        *(
            get(f"/break/{kind}")
            for kind in ("lookup", "denied", "teapot", "jammed", "missing", "x")
        ),
        get("/break/x", accept="text/html"),
        get("/log"),
        _ask("POST", "/verbs"),
        _ask("PUT", "/verbs"),
        get("/admin/page"),
        get("/admin/page", **ANN),
        get("/schema/openapi.json"),
        get("/schema"),
        get("/schema/openapi.yml"),
        get("/", origin="https://shop.example"),
        _ask(
            "OPTIONS",
            "/tasks",
            {"origin": "https://shop.example", "access-control-request-method": "PUT"},
        ),
        *_of_files("/static"),
        *_of_bodies("/size"),
        talk("/talk/a", b"one", b"two", answers=2),
        talk("/once", b"one", answers=2),
        talk("/nowhere", b"one"),
    ],
    "sanic": [
        get("/"),
        get("/", x_user="eve"),
        get("/", x_user="ann"),
        get("/where/1?a=1&a=2"),
        get("/where/x"),
        sent("POST", "/echo", {"a": 1}, authorization="Bearer t"),
        sent("POST", "/echo", b"{not json"),
        form("/form", a="1", b="zwei"),
        upload("/form", "one"),
        _ask("POST", "/flow", body=b"f" * 5000),
        _ask("POST", "/flow", body=b"g" * 5000, chunked=True),
        get("/drip"),
        get("/file"),
        get("/file", range="bytes=0-3"),
        get("/parts"),
        get("/cookie"),
        get("/cookie"),
        get("/go"),
        get("/raw"),
        *(
            get(f"/break/{kind}")
            for kind in ("lookup", "denied", "jammed", "none", "missing", "who", "x")
        ),
        get("/break/x", accept="text/html"),
        get("/break/x", accept="application/json"),
        get("/break/x", accept="text/plain"),
        get("/nowhere", accept="application/json"),
        _ask("POST", "/later"),
        _ask("PUT", "/v1/notes/1?text=hello"),
        get("/v1/notes/1"),
        get("/v1/notes/2"),
        _ask("DELETE", "/v1/notes/1"),
        _ask("DELETE", "/v1/notes/1"),
        _ask("PATCH", "/v1/notes/1"),
        _ask("OPTIONS", "/v1/notes/1"),
        _ask("HEAD", "/"),
        _ask("HEAD", "/v1/notes/1"),
        get("/log"),
        get("/log/"),
        get("/docs"),
        get("/docs/openapi.json"),
        *_of_files("/static"),
        *_of_bodies("/size"),
        talk("/talk/a", b"one", b"bye", answers=3),
        talk("/talk/a/b", b"one"),
    ],
    "flask": [
        get("/"),
        get("/auth/register"),
        form("/auth/register", user="ann", password="tulip"),
        form("/auth/register", user="ann", password="tulip"),
        form("/auth/register", user="ann"),
        get("/create"),
        form("/auth/login", user="ann", password="rose"),
        get("/auth/login"),
        form("/auth/login", user="ann", password="tulip"),
        get("/"),
        get("/create"),
        form("/create", title="", body="b"),
        form("/create", title="One <b>", body="text"),
        form("/create", body="no title"),
        get("/"),
        get("/1/update"),
        form("/1/update", title="Two"),
        get("/99/update"),
        get("/x/update"),
        get("/1/delete"),
        _ask("POST", "/1/delete"),
        get("/flashed"),
        get("/auth/logout"),
        form("/1/update", title="Three"),
        *(get(f"/break/{kind}") for kind in ("lookup", "tired", "teapot", "own", "x")),
        get("/drip"),
        sent("POST", "/echo?a=1&a=2", {"a": 1}),
        sent("POST", "/json", b"{not json"),
        sent("POST", "/json", [1]),
        _ask("POST", "/json", {"content-type": "text/plain"}, body=b"[1]"),
        form("/echo", verb="PUT", a="1"),
        upload("/echo", "one"),
        get("/list"),
        get("/cookie"),
        get("/cookie"),
        get("/file"),
        get("/file", range="bytes=0-9"),
        get("/etag"),
        get("/etag", if_none_match="{etag}"),
        get("/slash"),
        get("/slash/"),
        get("/items/a%2Fb"),
        _ask("DELETE", "/items/a"),
        _ask("PUT", "/items/a"),
        _ask("OPTIONS", "/items/a"),
        _ask("OPTIONS", "/create"),
        _ask("HEAD", "/"),
        get("/", host="bad host"),
        *_of_files("/static"),
        *_of_bodies("/size"),
        _ask("POST", "/size", body=b"x" * 1_000_001),
    ],
    "django": [
        get("/polls/"),
        get("/polls"),
        get("/polls/1/"),
        get("/polls/99/"),
        form("/polls/1/vote/", choice="1"),
        form("/polls/1/vote/", csrfmiddlewaretoken="{csrftoken}", choice="1"),
        form("/polls/1/vote/", csrfmiddlewaretoken="{csrftoken}", choice="77"),
        form("/polls/1/vote/", csrfmiddlewaretoken="{csrftoken}"),
        form("/polls/99/vote/", csrfmiddlewaretoken="{csrftoken}"),
        get("/polls/1/"),
        get("/polls/new/"),
        form("/polls/new/", csrfmiddlewaretoken="{csrftoken}", text="New?", published="x"),
        form(
            "/polls/new/", csrfmiddlewaretoken="{csrftoken}", text="New?", published="2026-02-01"
        ),
        get("/polls/?page=1"),
        get("/polls/?page=9"),
        get("/admin/"),
        get("/admin/login/?next=/admin/"),
        get("/mine/"),
        get("/seen/"),
        form("/login/", csrfmiddlewaretoken="{csrftoken}", username="ann", password="rose"),
        form("/login/", csrfmiddlewaretoken="{csrftoken}", username="ann", password="tulip"),
        get("/mine/"),
        get("/seen/"),
        get("/admin/"),
        get("/admin/polls/question/"),
        get("/admin/polls/question/1/change/"),
        form("/logout/", csrfmiddlewaretoken="{csrftoken}"),
        get("/mine/"),
        get("/later/"),
        get("/drip/"),
        form("/echo/?a=1", a="2"),
        sent("PUT", "/echo/", {"a": 1}),
        upload("/echo/", "one"),
        get("/file/"),
        get("/file/", range="bytes=0-9"),
        get("/unchanged/"),
        get("/unchanged/", if_none_match='"one"'),
        _ask("POST", "/half/"),
        _ask("POST", "/undone/"),
        _ask("POST", "/in-part/"),
        get("/later/"),
        *(
            get(f"/break/{kind}/")
            for kind in ("lookup", "denied", "missing", "odd", "304", "none", "x")
        ),
        get("/verbs/"),
        _ask("DELETE", "/verbs/"),
        _ask("PATCH", "/verbs/"),
        _ask("OPTIONS", "/verbs/"),
        _ask("HEAD", "/polls/"),
        get("/size/"),
        get("/nowhere/"),
        get("/nowhere"),
        get("/polls/", host="elsewhere.example"),
        *_of_files("/static"),
        *_of_bodies("/size/"),
        _ask("POST", "/size/", body=b"x" * 1_000_001),
    ],
}
VERBS = ("GET", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ODD: tuple[dict[str, str], ...] = (
    {},
    {"content-type": "application/json"},
    {"content-type": FORM},
    {"accept": "text/event-stream", "datastar-request": "true", "nitro-live": "1"},
    {"accept": "text/html", "sec-fetch-site": "cross-site", "origin": "null"},
    {"accept": "application/problem+json", "content-type": "text/plain; charset=nonsense"},
)
BODIES = (b"", b"{}", b'{"a": 1}', b"a=1&b=2", b"\xff\xfe", b"null")


def conversation(framework: str, seed: int = 6, more: int = 25) -> list[Ask]:
    """Return what is said to *framework*: what is written above, and *more* drawn at random."""
    said = SAID[framework]
    # what is written down after an answer may be there at once or a little later
    paths = sorted({ask.path for ask in said if not ask.frames} - {"/log", "/log/"})
    draw = random.Random(seed)
    drawn: list[Ask] = []
    for _ in range(more):
        verb = draw.choice(VERBS)
        body = draw.choice(BODIES) if verb in VERBS[3:7] else b""
        drawn.append(_ask(verb, draw.choice(paths), draw.choice(ODD), body=body))
    return [*said, *drawn]
