"""A server that stops lets its streams go, and the next one takes them up."""

from __future__ import annotations

import contextlib
import time

import httpx
import pytest

from behaviour.hosts import Hosted
from behaviour.people import Listening, form_at, make, program, read, send


def test_sigterm_ends_open_streams_and_the_server_within_five_seconds(server: Hosted) -> None:
    with contextlib.ExitStack() as opened:
        pages = [opened.enter_context(Listening(server, f"/?q={n}")) for n in range(4)]
        for page in pages:
            page.until("retry:")
        begun = time.monotonic()
        server.stop(timeout=10)
        took = time.monotonic() - begun
        for page in pages:
            page.ends()
    server.start()

    assert took < 5


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_after_a_restart_a_page_hears_what_it_missed(server: Hosted, how: str) -> None:
    words = f"Missed by {how}"
    with Listening(server, f"/?q={words}") as page, program(server) as http:
        page.until("retry:")
        before = make(http, words)
        page.until(f"parcels-{before}")
        getattr(server, how)()
    server.start()

    again = Listening(server, f"/?q={words}", cursor=page.cursor, last=page.last_id)
    with program(server) as http:
        missed = make(http, words)
        with again:
            again.until(f"parcels-{missed}")
            after = make(http, words)
            again.until(f"parcels-{after}")


def test_a_form_from_before_a_restart_is_accepted(server: Hosted, plain: httpx.Client) -> None:
    id = make(plain, "Outlives")
    form = form_at(plain, f"/parcels/{id}/edit", note="from before")

    server.stop()
    server.start()

    assert send(plain, form).status_code == 303
    assert read(plain, id)["note"] == "from before"
