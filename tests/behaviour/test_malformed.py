"""What no browser of ours sends is refused without a word of internals, and the server lives."""

from __future__ import annotations

import random
import socket
from collections import Counter

import httpx

from behaviour.hosts import Hosted
from behaviour.malformed import RAW, requests
from behaviour.people import make, read, tells
from support.proof import PROOF

NUMBER = 1000 if PROOF else 60
SEED = 20


def test_malformed_requests_are_refused_without_a_word_of_internals(
    server: Hosted, http: httpx.Client
) -> None:
    id = make(http, "Malformed", weight=3)
    counted: Counter[int] = Counter()
    wrong: list[str] = []

    for asked in requests(random.Random(SEED), id, NUMBER):
        sent = f"{asked.method} {asked.url.raw_path[:300]!r} {asked.headers!r}"
        asked.url = asked.url.copy_with(host="127.0.0.1", port=server.port)
        try:
            answer = http.send(asked)
        except httpx.RemoteProtocolError:
            counted[0] += 1  # the server hung up on what is no HTTP for it
            continue
        counted[answer.status_code] += 1
        if answer.status_code >= 500 and not (answer.status_code == 501 and asked.method == "X"):
            wrong.append(f"{answer.status_code} {sent} {answer.text[:300]}")
        if tells(answer.text, f"{sent} {asked.url}"):
            wrong.append(f"tells {tells(answer.text)} {sent} {answer.text[:300]}")

    assert not wrong, "\n".join(wrong[:10])
    assert min(counted[status] for status in (400, 404, 405, 415, 422)) > 0, counted
    assert read(http, id)["weight"] == 3
    assert http.get("/plain").json() == {"plain": True}


def test_what_is_not_even_http_ends_nothing(server: Hosted, http: httpx.Client) -> None:
    for raw in RAW:
        with socket.create_connection(("127.0.0.1", server.port), 5) as connection:
            connection.sendall(raw)
            connection.settimeout(0.2)
            try:
                answer = connection.recv(2000)
            except (TimeoutError, ConnectionError):
                answer = b""
        assert b" 500 " not in answer.partition(b"\r\n")[0], raw

    assert http.get("/").status_code == 200
