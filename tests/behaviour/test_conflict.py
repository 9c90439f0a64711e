"""Two people, one parcel: what both changed is asked about, the rest is merged."""

from __future__ import annotations

import httpx

from behaviour.people import form_at, make, read, send
from support.form_html import sent_by


def test_changes_of_different_fields_are_merged(plain: httpx.Client) -> None:
    id = make(plain, "Shared", weight=1)
    mine, theirs = (form_at(plain, f"/parcels/{id}/edit") for _ in range(2))
    theirs.sent = [(n, "theirs" if n == "note" else text) for n, text in theirs.sent]
    mine.sent = [(n, "7" if n == "weight" else text) for n, text in mine.sent]

    assert send(plain, theirs).status_code == 303
    assert send(plain, mine).status_code == 303

    assert read(plain, id) == {"id": id, "name": "Shared", "weight": 7, "note": "theirs"}


def test_a_form_is_told_of_the_other_value_and_nothing_is_stored(plain: httpx.Client) -> None:
    id = make(plain, "Contested")
    mine = form_at(plain, f"/parcels/{id}/edit", note="mine")
    send(plain, form_at(plain, f"/parcels/{id}/edit", note="theirs"))

    refused = send(plain, mine)

    assert refused.status_code == 409
    assert refused.text.startswith("<!doctype html>")
    assert "theirs" in refused.text
    assert 'value="mine"' in refused.text
    assert read(plain, id)["note"] == "theirs"


def test_a_page_with_datastar_is_told_by_a_patch(page: httpx.Client) -> None:
    id = make(page, "Contested by Datastar")
    mine = form_at(page, f"/parcels/{id}/edit", note="mine")
    send(page, form_at(page, f"/parcels/{id}/edit", note="theirs"))

    refused = send(page, mine)

    assert refused.status_code == 200
    assert refused.headers["content-type"].startswith("text/event-stream")
    assert "nitro-conflict" in refused.text
    assert read(page, id)["note"] == "theirs"


def test_a_program_is_told_of_both_values(http: httpx.Client, plain: httpx.Client) -> None:
    id = make(http, "Contested by a program")
    seal = dict(form_at(plain, f"/parcels/{id}/edit").sent)["_nitro"]
    http.patch(f"/parcels/{id}", json={"note": "theirs"})

    refused = http.patch(f"/parcels/{id}", json={"_nitro": seal, "note": "mine"})

    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    conflict = refused.json()["conflicts"]["note"]
    assert (conflict["mine"], conflict["theirs"]) == ("mine", "theirs")
    assert read(http, id)["note"] == "theirs"


def test_taking_theirs_or_insisting_settles_it(plain: httpx.Client) -> None:
    id = make(plain, "Settled")
    mine = form_at(plain, f"/parcels/{id}/edit", note="mine")
    send(plain, form_at(plain, f"/parcels/{id}/edit", note="theirs"))
    refused = send(plain, mine)

    again = sent_by(refused.text, f"form-parcels-{id}")

    assert send(plain, again).status_code == 303
    assert read(plain, id)["note"] == "mine"


def test_what_was_deleted_meanwhile_is_told(plain: httpx.Client) -> None:
    id = make(plain, "Gone")
    mine = form_at(plain, f"/parcels/{id}/edit", note="late")
    plain.delete(f"/parcels/{id}")

    refused = send(plain, mine)

    assert refused.status_code in (404, 409, 410)
    assert refused.text.startswith("<!doctype html>")
