"""Whatever an id is, its links lead to its own entity or to a refusal, never to another one."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote

import httpx
import pytest

from support.server import Server


@pytest.fixture
def words(http: httpx.Client) -> Iterator[dict[str, str]]:
    http.post("/things-reset")
    yield http.get("/things-words").json()
    http.post("/things-reset")


def part(id: str) -> str:
    quoted = quote(id, safe="")
    return quoted.replace(".", "%2E") if quoted in (".", "..") else quoted


def changed(http: httpx.Client, words: dict[str, str]) -> set[str]:
    now = http.get("/things-words").json()
    return {id for id in words if now.get(id) != words[id]}


def test_every_id_is_one_part_of_a_path_in_links(
    http: httpx.Client, words: dict[str, str]
) -> None:
    page = http.get("/things-table").text
    links = {unescape(link) for link in re.findall(r'href="([^"]*)"', page)}
    for id in words:
        for tail in ("edit", "delete", "rename"):
            assert f"/things/{part(id)}/{tail}" in links, id
    assert "<script>alert" not in page


def test_a_hostile_id_reaches_itself_or_nothing(
    hostile: Server, http: httpx.Client, words: dict[str, str]
) -> None:
    for id in words:
        url = f"{hostile.url}/things/{part(id)}"
        with_slash = "/" in id
        expected = set() if with_slash else {id}
        for verb, tail in [
            ("PATCH", ""), ("POST", ""), ("POST", "/rename"), ("POST", "/delete"), ("DELETE", ""),
        ]:  # fmt: skip
            answer = http.request(verb, f"{url}{tail}", json={"word": "changed"})
            assert answer.status_code in ((404, 405) if with_slash else (200, 204)), (id, tail)
            assert changed(http, words) == expected, (id, verb, tail)
            if expected:
                http.post("/things-reset")
        page = http.get(f"{url}/edit")
        assert page.status_code == (404 if with_slash else 200), id


def test_a_double_slash_or_a_climbing_path_reaches_nothing(
    hostile: Server, http: httpx.Client, words: dict[str, str]
) -> None:
    for path in (
        "//things/x", "/things//x", "/things/x/", "/things/x//delete", "/./things/x/delete",
        "/other/%2e%2e/things/x/delete", "/THINGS/x", "/things/x%00", "/things%2Fx",
        "/things%2Fx%2Fdelete", "/things/x%2fdelete", "/things/x/delete/", "/things\\x\\delete",
        "/things;a=b/x/delete", "/%74hings/x%2Fdelete",
    ):  # fmt: skip
        assert status_of(hostile, path) in (307, 400, 403, 404, 405), path
    assert changed(http, words) == set()


def status_of(server: Server, path: str) -> int:
    """Return the status for a POST to *path* exactly as it is written."""
    body = b'{"word":"changed"}'
    lines = [
        f"POST {path} HTTP/1.1",
        f"host: localhost:{server.port}",
        "connection: close",
        "content-type: application/json",
        f"content-length: {len(body)}",
    ]
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return int(connection.recv(12).split()[1])
