"""Below another path everything that is generated leads to where it is."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote, urljoin

import httpx
import pytest

from support.form_html import sent_by
from support.proof import some
from support.server import Server

BELOW = Path(__file__).parent / "below"
ASGI = [
    "", "/fastapi", "/a/b/fastapi", "/straße", "/fasthtml", "/litestar", "/django",
    "/mount/starlette", "/both/inner", "/cut/fastapi", "/cut/litestar", "/cut/sanic", "/cut/said",
]  # fmt: skip
WSGI = ["", "/flask", "/straße", "/a/django"]
CASES = [
    *[("asgi", "", root) for root in ASGI],
    *[("wsgi", "", root) for root in WSGI],
    # the prefix is one for a whole process
    *[("asgi", "/pre", root) for root in ("", "/fastapi", "/both/inner", "/cut/fastapi")],
    *[("wsgi", "/pre", root) for root in ("/flask", "/a/django")],
]
SOME = some(CASES, 9)
HTML = {"accept": "text/html", "sec-fetch-site": "same-origin"}
ADDRESS = re.compile(r'(?:href|src|action|formaction|data-nitro-page)="(/[^"]*)"')


class Threaded(Server):
    """The same for a script that serves itself."""

    def spawn(self) -> None:
        with self._log.open("ab") as log:
            self._process: subprocess.Popen[bytes] | None = self._popen(
                [sys.executable, str(self.script), str(self.port)], log
            )


class Place:
    """An application below *root*, as a browser without scripts sees it."""

    def __init__(self, http: httpx.Client, root: str, prefix: str) -> None:
        self.http = http
        self.root = quote(root)
        self.prefix = prefix

    @property
    def start(self) -> str:
        return f"{self.root}/"

    def url(self, generated: str) -> str:
        """The address of something generated."""
        return f"{self.root}{self.prefix}{generated}"

    def get(self, path: str, referer: str | None = None) -> httpx.Response:
        told = {} if referer is None else {"referer": urljoin(str(self.http.base_url), referer)}
        return self.http.get(path, headers={**HTML, **told})

    def submit(self, page: httpx.Response, **typed: str) -> httpx.Response:
        """Send the form on *page* to where it says."""
        form = re.search(r'<form[^>]* id="([^"]*)"[^>]* method="post"', page.text)
        form = form or re.search(r'<form id="([^"]*)"', page.text)
        assert form, page.text[:3000]
        read = sent_by(page.text, form[1])
        pairs = [(name, typed.get(name, text)) for name, text in read.sent]
        action = urljoin(str(page.url), read.action)
        return self.http.post(action, data=dict(pairs), headers=HTML)

    def check_addresses(self, html: str) -> list[str]:
        """Every address leads into the application."""
        found = [unescape(one) for one in ADDRESS.findall(html)]
        assert [one for one in found if not one.startswith(self.start)] == []
        assert [one for one in found if one.startswith(f"{self.start}{self.root[1:]}/")] == [] or (
            not self.root
        )
        return found


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], Server]]:
    found: dict[tuple[str, str], Server] = {}
    env = {"PYTHONPATH": str(BELOW.parents[1])}
    for kind, prefix in dict.fromkeys((kind, prefix) for kind, prefix, _ in SOME):
        make = Server if kind == "asgi" else Threaded
        folder = tmp_path_factory.mktemp(kind)
        found[kind, prefix] = make(BELOW / f"{kind}.py", env | {"BELOW_PREFIX": prefix}, folder)
        found[kind, prefix].spawn()
    yield found
    for server in found.values():
        server.kill()


@pytest.fixture(params=SOME, ids=["".join(case) or "top" for case in SOME])
def place(
    request: pytest.FixtureRequest, servers: dict[tuple[str, str], Server]
) -> Iterator[Place]:
    kind, prefix, root = request.param
    server = servers[kind, prefix]
    server.wait()
    with httpx.Client(base_url=server.url, timeout=20, trust_env=False) as http:
        place = Place(http, root, prefix)
        assert http.post(place.url("/clear"), headers=HTML).status_code < 400
        yield place


def test_the_list_leads_into_the_application(place: Place) -> None:
    page = place.get(place.start)

    assert page.status_code == 200
    found = place.check_addresses(page.text)
    assert place.url("/towns/new") in found
    files = [one for one in found if "/_nitro/" in one]
    assert len(files) >= 3
    assert {place.get(one).status_code for one in files} == {200}


def test_a_town_is_made_changed_and_deleted_by_forms(place: Place) -> None:
    form = place.get(place.url("/towns/new"), referer=place.start)
    place.check_addresses(form.text)
    refused = place.submit(form, name="")
    place.check_addresses(refused.text)
    saved = place.submit(refused, name="Made below")

    assert refused.status_code == 422
    assert "New town" in refused.text
    assert 'aria-invalid="true"' in refused.text
    assert (saved.status_code, saved.headers["location"]) == (303, place.start)
    page = place.get(saved.headers["location"])
    links = place.check_addresses(page.text)
    edit = next(one for one in reversed(links) if one.endswith("/edit"))
    assert edit.startswith(place.url("/towns/"))

    form = place.get(edit, referer=place.start)
    refused = place.submit(form, people="many")
    saved = place.submit(refused, people="7")

    assert refused.status_code == 422
    assert saved.headers["location"].startswith(f"{place.start}?_undo=")
    place.check_addresses(place.get(saved.headers["location"]).text)

    asked = place.get(edit.replace("/edit", "/delete"))
    links = place.check_addresses(asked.text)
    gone = place.submit(asked)

    assert place.start in links  # the way out
    assert gone.status_code == 200
    assert place.start in place.check_addresses(gone.text)


def test_a_refused_form_is_shown_on_its_own_page(place: Place) -> None:
    page = place.get(f"{place.root}/add")
    refused = place.submit(page, name="")
    saved = place.submit(refused, name="On a page")

    assert refused.status_code == 422
    assert "A page of my own" in refused.text
    assert 'aria-invalid="true"' in refused.text
    assert (saved.status_code, saved.headers["location"]) == (303, f"{place.root}/add")


def test_nothing_there_leads_to_the_start(place: Place) -> None:
    missing = place.get(place.url("/towns/nowhere/edit"), referer=place.start)

    assert missing.status_code == 404
    assert place.start in place.check_addresses(missing.text)


def test_the_stream_shows_a_change_with_links_of_its_page(place: Place) -> None:
    name = f"Streamed {place.root}"
    with listening(place) as lines:
        made = place.http.post(place.url("/towns"), json={"name": name}, headers=HTML)
        assert made.status_code < 400, made.text
        shown = first_with(name, lines)

    found = place.check_addresses(unescape(shown))
    assert any(one.endswith("/edit") for one in found)


def test_two_places_share_no_stream(servers: dict[tuple[str, str], Server]) -> None:
    server = servers["asgi", ""]
    server.wait()
    with httpx.Client(base_url=server.url, timeout=20, trust_env=False) as http:
        one, other = Place(http, "/fastapi", ""), Place(http, "/a/b/fastapi", "")
        http.post("/clear", headers=HTML)
        with listening(one) as first, listening(other) as second:
            http.post(one.url("/towns"), json={"name": "In two places"}, headers=HTML)
            for place, lines in ((one, first), (other, second)):
                shown = first_with("In two places", lines)
                assert place.check_addresses(unescape(shown))


def test_a_click_knows_the_root_of_its_page(place: Place) -> None:
    page = place.get(place.start).text
    inside = re.search(r'data-nitro-url="([^"]*)"', page)
    root = re.search(r'<meta name="nitro-root" content="([^"]*)"', page)
    assert inside
    url = (root[1] if root else "") + inside[1]

    answer = place.http.post(url, json={}, headers={**HTML, "datastar-request": "true"})

    assert url == place.url("/grow_all")
    assert answer.status_code == 204


def first_with(text: str, lines: Iterator[str]) -> str:
    """Return the first of *lines* with *text*; signs of life come in between."""
    until = time.monotonic() + 20
    for line in lines:
        if text in line:
            return line
        assert time.monotonic() < until, f"{text} was not shown"
    raise AssertionError(f"The stream ended without {text}")


def test_links_of_the_framework_are_where_ours_are(place: Place) -> None:
    if place.root.endswith("sanic"):
        pytest.skip("Sanic knows no root path")
    made = place.get(f"{place.root}/link").text

    path = unquote(made.removeprefix(str(place.http.base_url).rstrip("/")))
    assert path == unquote(place.url("/towns/7/grow"))


class listening:  # noqa: N801
    """The lines of the stream of the list, from when the page was made."""

    def __init__(self, place: Place) -> None:
        page = place.get(place.start)
        cursor = re.search(r'id="nitro-live"[^>]* data-cursor="([^"]*)"', page.text)
        assert cursor, page.text[-2000:]
        headers = {"datastar-request": "true", "nitro-live": unescape(cursor[1])}
        headers |= {"accept": "text/event-stream", "sec-fetch-site": "same-origin"}
        self._stream = place.http.stream("GET", place.start, headers=headers)

    def __enter__(self) -> Iterator[str]:
        answer = self._stream.__enter__()
        assert answer.status_code == 200
        return answer.iter_lines()

    def __exit__(self, *failed: object) -> None:
        self._stream.__exit__(None, None, None)
