"""Other servers of WSGI: few streams, and polling for the pages beyond."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from behaviour.hosts import Host, Hosted
from behaviour.people import Listening, make, program
from support.proof import PROOF
from support.services import missing

WAITRESS = Host(
    "flask",
    "waitress",
    (
        *("waitress", "--listen", "127.0.0.1:{port}", "--threads", "8"),
        *("--channel-request-lookahead", "1", "{target}"),  # notices pages that are left
    ),
    wsgi=True,
)
UWSGI = Host(
    "flask",
    "uwsgi",
    (
        *(
            "behaviour.uwsgi_server",
            "--http-socket",
            "127.0.0.1:{port}",
            "--module",
            "{target}",
            "--master",
        ),
        *("--enable-threads", "--threads", "8", "--die-on-term", "--disable-logging"),
    ),
    wsgi=True,
)


@pytest.fixture(scope="module", params=[WAITRESS, UWSGI], ids=str)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hosted]:
    host: Host = request.param
    needed = {"waitress": "waitress", "uwsgi": "pyuwsgi"}[host.server]
    if find_spec(needed) is None or find_spec("flask") is None:
        missing(f"{needed} or Flask is not installed")
    hosted = Hosted(host, tmp_path_factory.mktemp(host.server))
    hosted.start()
    yield hosted
    hosted.kill()


def test_a_page_is_live(server: Hosted) -> None:
    with program(server) as http, Listening(server, "/?q=Live+here") as page:
        page.until("retry:")
        id = make(http, "Live here")
        page.until(f"parcels-{id}")


def test_streams_leave_half_of_the_threads_and_others_poll(server: Hosted) -> None:
    streams = [Listening(server, f"/?q=Half{number}") for number in range(10)]
    opened: list[Listening] = []
    try:
        for stream in streams:
            opened.append(stream.__enter__())
            stream.until("retry:")
        polling = [stream for stream in opened if "retry: 5000" in stream.text]

        began = time.monotonic()
        with program(server) as http:
            assert http.get("/plain").json() == {"plain": True}
        assert time.monotonic() - began < 5
        assert 0 < len(opened) - len(polling) <= 4
    finally:
        for stream in opened:
            stream.__exit__(None, None, None)


@pytest.mark.skipif(not PROOF, reason="takes half a minute: a server notices when it sends")
def test_threads_of_pages_that_were_left_are_free_again(server: Hosted) -> None:
    for number in range(6):
        with Listening(server, f"/?q=Left{number}") as page:
            page.until("retry:")
    deadline = time.monotonic() + 40
    while True:
        with Listening(server, "/?q=Stays") as page:
            page.until("retry:")
            if "retry: 5000" not in page.text:
                return
        assert time.monotonic() < deadline, "streams of pages that are gone hold their threads"
        time.sleep(1)


def test_it_ends_when_it_is_told_to(server: Hosted) -> None:
    with Listening(server, "/?q=Ends") as page:
        page.until("retry:")
        server.stop(timeout=10)
        page.ends()
    server.start()
