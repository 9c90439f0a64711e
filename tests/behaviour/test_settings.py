"""Where Nitro's routes are, and whether the others are guarded too, is for the settings to say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from behaviour.hosts import Host, Hosted
from behaviour.people import browser, program


@pytest.fixture(scope="module")
def moved(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """The application with Nitro's routes below /app, and with all its routes guarded."""
    folder: Path = tmp_path_factory.mktemp(f"moved-{host}")
    server = Hosted(host, folder, env={"NITRO_PREFIX": "/app", "PROTECT_ALL": "1"})
    server.start()
    yield server
    server.kill()


@pytest.fixture
def http(moved: Hosted) -> Iterator[httpx.Client]:
    with program(moved) as client:
        yield client


def test_generated_routes_are_below_the_prefix(http: httpx.Client) -> None:
    made = http.post("/app/parcels", json={"name": "Moved"})

    assert made.status_code == 201
    assert http.post(f"/app/parcels/{made.json()['id']}/grow", json={"by": 1}).status_code == 204
    assert http.post("/parcels", json={"name": "Not there"}).status_code in (404, 405)
    assert http.get("/app/parcels/heaviest").json() == "Moved"


def test_links_lead_below_the_prefix(moved: Hosted) -> None:
    with browser(moved) as plain:
        text = plain.get("/").text
        asset = text.partition('src="')[2].partition('"')[0]

        assert 'href="/app/parcels/new"' in text
        assert asset.startswith("/app/_nitro/")
        assert plain.get(asset).status_code == 200


def test_hand_written_routes_stay_where_they_are(http: httpx.Client) -> None:
    assert http.get("/plain").json() == {"plain": True}
    assert http.get("/app/plain").status_code == 404


@pytest.mark.parametrize("path", ["/count", "/plain", "/add"])
def test_with_protect_all_a_hand_written_route_refuses_another_site(
    http: httpx.Client, path: str
) -> None:
    evil = {"origin": "https://evil.example", "cookie": "session=1"}

    refused = http.post(path, json={"a": 1, "b": 2}, headers=evil)

    assert refused.status_code == 403


def test_with_protect_all_a_refused_request_changes_nothing(moved: Hosted) -> None:
    with program(moved) as http:
        before = http.post("/count", json={}).json()["count"]
        for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "null"}, {"cookie": "s=1"}):
            assert http.post("/count", json={}, headers=headers).status_code == 403
        after = http.post("/count", json={}).json()["count"]

    assert after == before + 1


def test_with_protect_all_our_own_pages_pass(moved: Hosted, http: httpx.Client) -> None:
    ours = {"origin": moved.url, "cookie": "session=1"}

    assert http.post("/add", json={"a": 1, "b": 2}, headers=ours).status_code == 200
    assert http.post("/count", json={}, headers=ours).status_code == 200
