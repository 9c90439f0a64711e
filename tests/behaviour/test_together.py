"""Different frameworks over the same entities: two processes, and two in one process."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from behaviour.hosts import APPS, FRAMEWORKS, Hosted, first_of
from behaviour.people import Listening, browser, datastar, form_at, make, program, read, send
from support import redis
from support.proof import PROOF
from support.services import missing

PAIRS = [("fastapi", "fasthtml"), ("flask", "litestar"), ("django", "sanic")]
if PROOF:
    PAIRS = list(itertools.combinations(FRAMEWORKS, 2))
Pair = tuple[Hosted, Hosted]


def needs(*frameworks: str) -> None:
    for framework in frameworks:
        host = first_of(framework)
        if not host.app.exists():
            pytest.skip(f"missing: {host.app.name}, see test_hosts.py")
        if host.lacks:
            missing(f"{', '.join(host.lacks)} is not installed")


@pytest.fixture(scope="module", params=PAIRS, ids="-and-".join)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """A process of each of two frameworks, on one database and one Redis."""
    needs(*request.param)
    shared = tmp_path_factory.mktemp("shared")
    settings = {
        "NITRO_DATABASE_URL": f"sqlite:///{shared / 'data.db'}",
        "NITRO_EVENTS_URL": redis.namespace(),
        "NITRO_SECRET": "a secret of all the processes",
    }
    with ExitStack() as started:
        servers = []
        for framework in request.param:
            folder = tmp_path_factory.mktemp(framework)
            servers.append(Hosted(first_of(framework), folder, env=settings))
            servers[-1].start()
            started.callback(servers[-1].kill)
        yield servers[0], servers[1]


@pytest.fixture(params=["one way", "the other way"])
def ways(request: pytest.FixtureRequest, pair: Pair) -> Pair:
    """The process where something is done, and the one where it is to be seen."""
    one, two = pair
    return (one, two) if request.param == "one way" else (two, one)


def test_what_one_process_stores_the_other_reads(ways: Pair) -> None:
    here, there = ways
    with program(here) as writer, program(there) as reader:
        id = make(writer, "Shared by two", weight=3)

        assert read(reader, id) == read(writer, id)


def test_a_change_in_one_process_is_seen_live_in_the_other(ways: Pair) -> None:
    here, there = ways
    with program(here) as http, Listening(there, "/?q=Seen+elsewhere") as page:
        page.until("retry:")
        id = make(http, "Seen elsewhere")
        page.until(f"parcels-{id}")
        http.post(f"/parcels/{id}/grow", json={"by": 7_000_000})
        page.until("7,000,000")


def test_an_event_in_one_process_reaches_pages_of_the_other(ways: Pair) -> None:
    here, there = ways
    with program(here) as http, Listening(there) as page:
        page.until("retry:")
        http.post("/cmds/parcel.shout/Ben", json={"text": "over there"})
        page.until('{"shouted":"Ben: over there"}')


def test_a_page_of_one_process_goes_on_at_the_other(ways: Pair) -> None:
    here, there = ways
    with program(here) as http:
        with Listening(here, "/?q=Moving+on") as page:
            page.until("retry:")
            make(http, "Moving on")
            page.until("Moving on")
        http.post("/cmds/parcel.shout/Eve", json={"text": "missed"})
        again = Listening(there, "/?q=Moving+on", cursor=page.cursor, last=page.last_id)
        with again:
            again.until('{"shouted":"Eve: missed"}')


def test_a_form_of_one_process_is_accepted_by_the_other(ways: Pair) -> None:
    here, there = ways
    with browser(here) as one, browser(there) as two:
        id = make(one, "Sent elsewhere")
        form = form_at(one, f"/parcels/{id}/edit", note="by the other")

        assert send(two, form).status_code == 303
        assert read(one, id)["note"] == "by the other"


@pytest.fixture(scope="module")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """FastAPI with FastHTML below /ui, in one process."""
    needs("fastapi", "fasthtml")
    folder: Path = tmp_path_factory.mktemp("mounted")
    server = Hosted(first_of("fastapi"), folder, script=APPS / "mounted_app.py")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def http(mounted: Hosted) -> Iterator[httpx.Client]:
    with program(mounted) as client:
        yield client


def test_each_framework_answers_its_own_routes(http: httpx.Client) -> None:
    for path in ("/plain", "/ui/plain"):
        assert http.get(path).json() == {"plain": True}
    for path in ("/", "/ui/"):
        assert "<title>Parcels</title>" in http.get(path).text


@pytest.mark.parametrize("path", ["/", "/ui/"])
def test_a_change_is_seen_by_the_pages_of_both(
    mounted: Hosted, http: httpx.Client, path: str
) -> None:
    with Listening(mounted, f"{path}?q=In+one+process") as page:
        page.until("retry:")
        id = make(http, "In one process")
        page.until(f"parcels-{id}")


@pytest.mark.parametrize("base", ["", "/ui"])
def test_a_request_is_one_unit_in_both(http: httpx.Client, base: str) -> None:
    before = http.post("/count", json={}).json()["count"]

    assert http.post(f"{base}/count", json={}).json()["count"] == before + 1
    assert http.post(f"{base}/fail", json={}).status_code == 500
    assert http.post(f"{base}/refuse", json={}).status_code == 409
    assert http.post(f"{base}/acount", json={}).json()["count"] == before + 2


@pytest.mark.parametrize("base", ["", "/ui"])
def test_a_refused_form_is_shown_again_on_its_own_page(mounted: Hosted, base: str) -> None:
    with browser(mounted) as plain:
        refused = send(plain, form_at(plain, f"{base}/new", name="", weight="78"))

    assert refused.status_code == 422
    assert "<title>New parcel</title>" in refused.text
    assert 'value="78"' in refused.text


def test_a_page_with_datastar_gets_its_errors_from_both(mounted: Hosted) -> None:
    with datastar(mounted) as page:
        for base in ("", "/ui"):
            refused = send(page, form_at(page, f"{base}/new", name=""))
            assert refused.status_code == 200
            assert 'aria-invalid="true"' in refused.text
