"""What is created, changed, called and deleted over HTTP is so, whoever serves it."""

from __future__ import annotations

import re

import httpx

from behaviour.people import form_at, make, read, send


def test_a_program_creates_an_entity(http: httpx.Client) -> None:
    made = http.post("/parcels", json={"name": "Box", "weight": 3})

    assert made.status_code == 201
    assert made.headers["content-type"].startswith("application/json")
    assert read(http, made.json()["id"]) == made.json()
    assert made.json() | {"id": ""} == {"id": "", "name": "Box", "weight": 3, "note": ""}


def test_a_program_changes_the_fields_that_it_names(http: httpx.Client) -> None:
    id = make(http, "Box", weight=3)

    for verb, weight in (("PATCH", 4), ("PUT", 5), ("POST", 6)):
        answer = http.request(verb, f"/parcels/{id}", json={"weight": weight})
        assert (answer.status_code, answer.json()["weight"]) == (200, weight), verb

    assert read(http, id)["name"] == "Box"


def test_a_program_deletes(http: httpx.Client) -> None:
    one, two = make(http, "One"), make(http, "Two")

    assert http.delete(f"/parcels/{one}").status_code == 204
    assert http.post(f"/parcels/{two}/delete", json={}).status_code == 204

    assert http.get(f"/one/{one}").status_code == http.get(f"/one/{two}").status_code == 404


def test_a_browser_without_scripts_creates_by_a_form_and_is_led_on(plain: httpx.Client) -> None:
    sent = send(plain, form_at(plain, "/new", name="By form", weight="12"))

    assert (sent.status_code, sent.headers["location"]) == (303, "/")
    assert "By form" in plain.get("/?q=By+form").text


def test_a_browser_without_scripts_changes_and_deletes_by_forms(plain: httpx.Client) -> None:
    id = make(plain, "Changing")

    changed = send(plain, form_at(plain, f"/parcels/{id}/edit", name="Changed"))
    assert changed.status_code == 303
    assert read(plain, id)["name"] == "Changed"

    deleted = send(plain, form_at(plain, f"/parcels/{id}/delete"))
    assert deleted.status_code in (200, 303)
    assert plain.get(f"/one/{id}").status_code == 404


def test_a_page_with_datastar_gets_patches_for_what_it_sent(page: httpx.Client) -> None:
    sent = send(page, form_at(page, "/new", name="By Datastar"))

    assert sent.status_code == 200
    assert sent.headers["content-type"].startswith("text/event-stream")
    assert sent.text.startswith("event: datastar-patch-")
    assert "By Datastar" in page.get("/?q=By+Datastar", headers={"accept": "text/html"}).text


def test_an_action_changes_what_it_is_called_on(http: httpx.Client) -> None:
    id = make(http, "Growing", weight=1)

    grown = http.post(f"/parcels/{id}/grow", json={"by": 4})

    assert grown.status_code == 204
    assert read(http, id)["weight"] == 5


def test_an_action_is_reached_by_the_form_of_its_page(plain: httpx.Client) -> None:
    id = make(plain, "Growing by form", weight=1)

    sent = send(plain, form_at(plain, f"/parcels/{id}/grow", by="6"))

    assert sent.status_code == 303
    assert read(plain, id)["weight"] == 7


def test_an_action_is_reached_by_its_name_and_sender(http: httpx.Client) -> None:
    id = make(http, "Commanded", weight=1)

    assert http.post(f"/cmds/parcels.grow/{id}", json={"by": 2}).status_code == 204

    assert read(http, id)["weight"] == 3


def test_an_event_that_was_opened_is_reached_and_no_other(http: httpx.Client) -> None:
    assert http.post("/cmds/parcel.shout/me", json={"text": "hello"}).status_code == 204
    assert http.post("/cmds/parcel.whisper/me", json={"text": "hello"}).status_code == 404


def test_a_query_is_asked_by_get(http: httpx.Client) -> None:
    id = make(http, "Anvil", weight=1_000_000_000)

    answer = http.get("/parcels/heaviest")
    http.delete(f"/parcels/{id}")

    assert (answer.status_code, answer.json()) == (200, "Anvil")


def test_what_was_not_declared_does_not_answer(http: httpx.Client) -> None:
    id = make(http, "Closed")

    for path in (f"/parcels/{id}/save", f"/parcels/{id}/__class__", "/parcels/create_many"):
        assert http.post(path, json={}).status_code == 404, path
    assert http.get("/parcels").status_code in (404, 405)
    assert http.get(f"/parcels/{id}").status_code in (404, 405)


def test_an_entity_is_json_where_a_handler_returns_it(http: httpx.Client) -> None:
    id = make(http, "Returned", weight=2)

    answer = http.get(f"/one/{id}")

    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json() == {"id": id, "name": "Returned", "weight": 2, "note": ""}


def test_a_handler_says_the_status_of_what_it_returns(http: httpx.Client) -> None:
    answer = http.get("/made")

    assert (answer.status_code, answer.json()["name"]) == (201, "Made")


def test_a_page_is_a_document_where_a_handler_returns_it(plain: httpx.Client) -> None:
    answer = plain.get("/")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")
    assert "<title>Parcels</title>" in answer.text


def test_an_element_is_escaped_markup_where_a_handler_returns_it(http: httpx.Client) -> None:
    answer = http.get("/markup")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text == "<div><b>bold</b> &lt;b&gt;not bold&lt;/b&gt;</div>"


def test_signals_are_read_and_patches_returned(page: httpx.Client) -> None:
    answer = page.post("/add", json={"a": 1, "b": 41})

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text == 'event: datastar-patch-signals\ndata: signals {"total":42}\n\n'


def test_the_parts_of_a_page_are_served_and_kept_by_the_browser(plain: httpx.Client) -> None:
    text = plain.get("/").text
    for path in re.findall(r'(?:src|href)="(/_nitro/[^"]+)"', text):
        answer = plain.get(path)
        assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (200, True)


def test_a_text_of_another_alphabet_arrives_as_it_was_sent(http: httpx.Client) -> None:
    name = "Zoë 🎈 <b>&amp;"

    id = make(http, name)

    assert read(http, id)["name"] == name
    assert "Zoë 🎈 &lt;b&gt;&amp;amp;" in http.get("/", params={"q": "Zoë 🎈"}).text
