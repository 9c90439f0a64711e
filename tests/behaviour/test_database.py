"""A database that is away: every framework says so alike, and goes on when it is back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from behaviour.hosts import FRAMEWORKS, Hosted, first_of
from behaviour.people import Listening, browser, datastar, make, program, read, tells
from support import postgres
from support.proof import PROOF
from support.services import missing


@pytest.fixture(scope="module")
def database() -> postgres.Server:
    """A PostgreSQL server of these tests alone, which they may stop."""
    return postgres.own_server()


@pytest.fixture(scope="module", params=FRAMEWORKS if PROOF else ["fastapi", "flask"])
def stored(
    request: pytest.FixtureRequest,
    database: postgres.Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Hosted]:
    """The application of a framework that keeps everything in that database."""
    host = first_of(request.param)
    if host.lacks:
        missing(f"{', '.join(host.lacks)} is not installed")
    env = {"NITRO_DATABASE_URL": database.url}
    server = Hosted(host, tmp_path_factory.mktemp(f"away-{host}"), env=env)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def id(stored: Hosted) -> str:
    with program(stored) as http:
        return make(http, "Far away")


@pytest.fixture
def away(id: str, database: postgres.Server) -> Iterator[postgres.Server]:
    """The database has gone after something was stored."""
    database.stop()
    yield database
    if not database.runs:
        database.start()


def test_a_program_is_told_without_internals(stored: Hosted, id: str, away: object) -> None:
    with program(stored) as http:
        answers = [
            http.post(f"/parcels/{id}/grow", json={"by": 1}),
            http.post("/parcels", json={"name": "Nowhere"}),
        ]

    for answer in answers:
        assert answer.status_code in (500, 503), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert not tells(answer.text)


def test_a_page_with_datastar_is_told_by_a_toast(stored: Hosted, id: str, away: object) -> None:
    with datastar(stored) as page:
        answer = page.post(f"/parcels/{id}/grow", json={"by": 1})

    assert answer.status_code == 200
    assert "nitro-toast" in answer.text
    assert not tells(answer.text)


def test_routes_that_need_no_database_answer(stored: Hosted, away: object) -> None:
    with program(stored) as http:
        assert http.get("/plain").json() == {"plain": True}
        assert http.post("/acount", json={}).status_code == 200


def test_when_it_is_back_all_goes_on_without_a_restart(
    stored: Hosted, id: str, away: postgres.Server
) -> None:
    with program(stored) as http:
        http.post(f"/parcels/{id}/grow", json={"by": 1})
        away.start()

        assert http.post(f"/parcels/{id}/grow", json={"by": 2}).status_code == 204
        assert read(http, id)["weight"] == 2


def test_a_page_that_was_open_meanwhile_hears_what_comes_after(
    stored: Hosted, id: str, database: postgres.Server
) -> None:
    with browser(stored) as plain:
        assert plain.get("/").status_code == 200
    with Listening(stored, "/?q=After the break") as page, program(stored) as http:
        page.until("retry:")
        database.stop()
        http.post(f"/parcels/{id}/grow", json={"by": 1})
        database.start()
        after = make(http, "After the break")

        page.until(f"parcels-{after}")
