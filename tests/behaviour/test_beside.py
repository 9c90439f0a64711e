"""Flask on gunicorn, and beside it ``nitro live`` for its streams, with Redis between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from behaviour.hosts import Host, Hosted, first_of
from behaviour.people import Listening, make, program
from support import redis
from support.services import missing

FLASK = first_of("flask")
PLACE = ("--host", "127.0.0.1", "--port", "{port}")
LIVE = Host("flask", "live", ("nitro.cli", "live", "{target}", *PLACE), wsgi=True)

Both = tuple[Hosted, Hosted]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """What answers requests, and what serves streams: on one database and one Redis."""
    if FLASK.lacks:
        missing(f"{', '.join(FLASK.lacks)} is not installed")
    shared = tmp_path_factory.mktemp("shared")
    settings = {
        "NITRO_DATABASE_URL": f"sqlite:///{shared / 'data.db'}",
        "NITRO_EVENTS_URL": redis.namespace(),
        "NITRO_SECRET": "a secret of all the processes",
    }
    servers = [
        Hosted(host, tmp_path_factory.mktemp(host.server), env=settings) for host in (FLASK, LIVE)
    ]
    for server in servers:
        server.start()
    yield servers[0], servers[1]
    for server in servers:
        server.kill()


def test_a_page_of_the_workers_is_live_beside_them(both: Both) -> None:
    workers, live = both
    with program(workers) as http, Listening(workers, "/") as page:
        cursor = page.cursor  # of the page that the workers made
        with Listening(live, "/?q=Beside", cursor=cursor) as stream:
            stream.until("retry:")
            id = make(http, "Beside")
            stream.until(f"parcels-{id}")
            http.post("/cmds/parcel.shout/Ann", json={"text": "through Redis"})
            stream.until('{"shouted":"Ann: through Redis"}')


def test_it_holds_more_streams_than_the_workers_have_threads(both: Both) -> None:
    workers, live = both
    streams = [Listening(live, f"/?q=Many{number}") for number in range(40)]
    try:
        for stream in streams:
            stream.__enter__()
            stream.until("retry:")
        with program(workers) as http:
            http.post("/cmds/parcel.shout/Ben", json={"text": "to forty"})
        for stream in streams:
            stream.until('{"shouted":"Ben: to forty"}')
            assert "retry: 5000" not in stream.text
    finally:
        for stream in streams:
            stream.__exit__(None, None, None)


def test_the_end_of_it_leaves_pages_to_the_workers(both: Both, tmp_path: Path) -> None:
    workers, live = both
    with Listening(live, "/?q=Ended") as stream:
        stream.until("retry:")
        live.stop()
        stream.ends()
    with program(workers) as http:
        http.post("/cmds/parcel.shout/Eve", json={"text": "meanwhile"})
        again = Listening(workers, "/?q=Ended", cursor=stream.cursor, last=stream.last_id)
        with again:
            again.until('{"shouted":"Eve: meanwhile"}')
