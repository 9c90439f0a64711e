"""Files are taken while they come, kept and shown, whoever serves them."""

from __future__ import annotations

import random

import httpx

from behaviour.people import form_at

SHEET = random.Random(1).randbytes(3_000_000)  # three times what a body may have otherwise


def upload(http: httpx.Client, content: bytes, name: str = "sheet.bin") -> httpx.Response:
    return http.post("/scans/-/files/sheet", content=content, headers={"nitro-name": name})


def test_a_file_is_uploaded_held_and_read_in_parts(http: httpx.Client) -> None:
    sent = upload(http, SHEET)
    assert sent.status_code == 201, sent.text
    made = http.post("/scans", json={"name": "A", "sheet": sent.json()["token"]})
    assert made.status_code == 201, made.text
    at = f"/scans/{made.json()['id']}/files/{made.json()['sheet']['hash']}"

    whole = http.get(at)
    assert (whole.status_code, whole.content == SHEET) == (200, True)
    assert whole.headers["content-disposition"].startswith("attachment")
    assert whole.headers["x-content-type-options"] == "nosniff"
    part = http.get(at, headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, SHEET[10:20])
    known = http.get(at, headers={"if-none-match": whole.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    head = http.head(at)  # Django says no length of what it streams
    assert head.headers.get("content-length", str(len(SHEET))) == str(len(SHEET))


def test_a_form_brings_a_large_file_along(plain: httpx.Client) -> None:
    form = form_at(plain, "/scans/new", name="By form")
    sent = plain.post(form.action, data=dict(form.sent), files={"sheet": ("a.bin", SHEET)})

    assert sent.status_code == 303, sent.text
    assert "a.bin" in plain.get(sent.headers["location"]).text


def test_what_is_too_large_is_refused(http: httpx.Client) -> None:
    sent = upload(http, bytes(10_100_000))

    assert (sent.status_code, list(sent.json()["errors"])) == (422, ["sheet"])


def test_a_file_is_closed_where_its_entity_is(http: httpx.Client) -> None:
    token = upload(http, b"secret").json()["token"]
    made = http.post("/scans", json={"name": "for ann", "sheet": token}).json()
    at = f"/scans/{made['id']}/files/{made['sheet']['hash']}"

    assert http.get(at).status_code == 404
    assert http.get(f"/scans/nobody/files/{made['sheet']['hash']}").status_code == 404
