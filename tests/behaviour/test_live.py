"""A page asked for as a stream shows what others do, and nothing else."""

from __future__ import annotations

import httpx
import pytest

from behaviour.hosts import Hosted
from behaviour.people import Listening, make


def test_a_page_is_a_stream_at_its_own_url(server: Hosted) -> None:
    with Listening(server) as page:
        assert page.answer.status_code == 200
        assert page.answer.headers["content-type"].startswith("text/event-stream")
        assert page.answer.headers["cache-control"] == "no-store"
        page.until("retry:")


def test_a_new_row_arrives(server: Hosted, http: httpx.Client) -> None:
    with Listening(server, "/?q=Arriving") as page:
        page.until("retry:")
        id = make(http, "Arriving")
        page.until(f"parcels-{id}")


def test_only_the_row_that_changed_arrives(server: Hosted, http: httpx.Client) -> None:
    one, two = make(http, "Of two rows", weight=1), make(http, "Of two rows", weight=2)
    with Listening(server, "/?q=Of+two+rows") as page:
        page.until("retry:")
        http.patch(f"/parcels/{one}", json={"note": "first"})
        page.until("first")
        page.text = ""
        http.patch(f"/parcels/{one}", json={"note": "second"})
        heard = page.until("second")

    assert f"parcels-{one}" in heard
    assert f"parcels-{two}" not in heard


def test_a_deleted_row_goes(server: Hosted, http: httpx.Client) -> None:
    id = make(http, "Leaving")
    with Listening(server, "/?q=Leaving") as page:
        page.until("retry:")
        http.delete(f"/parcels/{id}")
        page.until("No parcels")


def test_what_a_search_does_not_show_is_not_told(server: Hosted, http: httpx.Client) -> None:
    with Listening(server, "/?q=Wanted") as page:
        page.until("retry:")
        other = make(http, "Other")
        id = make(http, "Wanted")
        heard = page.until(f"parcels-{id}")

    assert other not in heard


def test_an_action_is_seen_by_who_looks_on(server: Hosted, http: httpx.Client) -> None:
    id = make(http, "Watched", weight=1)
    with Listening(server, "/?q=Watched") as page:
        page.until("retry:")
        http.post(f"/parcels/{id}/grow", json={"by": 4_000_000})
        page.until("4,000,001")


def test_an_event_reaches_the_pages_that_listen(server: Hosted, http: httpx.Client) -> None:
    with Listening(server) as page:
        page.until("retry:")
        http.post("/cmds/parcel.shout/Ann", json={"text": "hello"})
        page.until('{"shouted":"Ann: hello"}')


def test_two_pages_hear_the_same(server: Hosted, http: httpx.Client) -> None:
    with Listening(server, "/?q=Both") as one, Listening(server, "/?q=Both") as two:
        one.until("retry:")
        two.until("retry:")
        id = make(http, "Both")
        one.until(f"parcels-{id}")
        two.until(f"parcels-{id}")


def test_a_change_between_page_and_stream_is_not_missed(
    server: Hosted, http: httpx.Client
) -> None:
    page = Listening(server, "/?q=Between")
    id = make(http, "Between")
    with page:
        page.until(f"parcels-{id}")


def test_what_a_failed_request_changed_is_never_shown(server: Hosted, http: httpx.Client) -> None:
    id = make(http, "Failing", weight=5)
    with Listening(server, "/?q=Failing") as page:
        page.until("retry:")
        assert http.post(f"/parcels/{id}/afail", json={}).status_code == 500
        http.patch(f"/parcels/{id}", json={"note": "after"})
        heard = page.until("after")

    assert "1,005" not in heard


def test_a_page_without_anything_live_has_no_stream(http: httpx.Client) -> None:
    with http.stream("GET", "/markup", headers={"nitro-live": "x"}) as answer:
        answer.read()

    assert "event-stream" not in answer.headers["content-type"]


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "http://e.x"}])
def test_another_site_opens_no_stream(http: httpx.Client, headers: dict[str, str]) -> None:
    asked = {"nitro-live": "x", "sec-fetch-mode": "cors", **headers}
    with http.stream("GET", "/", headers=asked) as answer:
        assert answer.status_code == 403


def test_a_reader_that_leaves_does_not_disturb_the_others(
    server: Hosted, http: httpx.Client
) -> None:
    with Listening(server, "/?q=Staying") as stays:
        stays.until("retry:")
        for _ in range(5):
            with Listening(server, "/?q=Staying") as leaves:
                leaves.until("retry:")
        id = make(http, "Staying")
        stays.until(f"parcels-{id}")
