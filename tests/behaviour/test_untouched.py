"""A route that touches nothing of Nitro answers as it did without it."""

from __future__ import annotations

import socket
from collections.abc import Callable

import httpx

from behaviour.hosts import Hosted
from behaviour.people import program

REQUESTS = [
    ("GET", "/plain", b""),
    ("POST", "/plain", b'{"a":1}'),
    ("HEAD", "/plain", b""),
    ("OPTIONS", "/plain", b""),
    ("DELETE", "/plain", b""),
    ("GET", "/plain/", b""),
    ("GET", "/drip", b""),
    ("GET", "/nowhere", b""),
    ("POST", "/nowhere", b"x=1"),
]


def raw(server: Hosted, verb: str, path: str, body: bytes) -> bytes:
    """Return every byte of an answer, but for the time and an id of the server's own."""
    asked = (
        f"{verb} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode()
    read = b""
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall(asked + body)
        while chunk := connection.recv(65536):
            read += chunk
    lines = read.split(b"\r\n")
    own = (b"date:", b"x-request-id:")
    return b"\r\n".join(line for line in lines if not line.lower().startswith(own))


def test_a_route_of_the_framework_is_byte_for_byte_as_without_nitro(
    server: Hosted, another: Callable[..., Hosted]
) -> None:
    without = another(PLAIN_ONLY="1")

    for verb, path, body in REQUESTS:
        one, two = raw(server, verb, path, body), raw(without, verb, path, body)
        assert one == two, (verb, path)


def test_a_plain_answer_has_no_cookie_and_no_word_of_nitro(server: Hosted) -> None:
    with program(server) as http:
        answers = [http.get("/plain"), http.post("/plain", json={})]

    for answer in answers:
        assert answer.json() == {"plain": True}
        assert "set-cookie" not in answer.headers
        assert "nitro" not in str(httpx.Headers(answer.headers)).lower()
