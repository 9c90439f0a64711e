"""What is not valid is told to each caller in the way that it understands."""

from __future__ import annotations

import httpx

from behaviour.people import form_at, make, read, send


def test_a_browser_without_scripts_gets_the_page_again_with_what_is_wrong(
    plain: httpx.Client,
) -> None:
    refused = send(plain, form_at(plain, "/new", name="", weight="77"))

    assert refused.status_code == 422
    assert refused.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>New parcel</title>" in refused.text
    assert 'aria-invalid="true"' in refused.text
    assert 'value="77"' in refused.text


def test_a_page_with_datastar_gets_what_is_wrong_as_a_patch_of_status_200(
    page: httpx.Client,
) -> None:
    refused = send(page, form_at(page, "/new", name="", weight="77"))

    assert refused.status_code == 200
    assert refused.headers["content-type"].startswith("text/event-stream")
    assert "datastar-patch-elements" in refused.text
    assert 'aria-invalid="true"' in refused.text


def test_a_program_gets_a_message_for_each_field(http: httpx.Client) -> None:
    refused = http.post("/parcels", json={"name": "", "weight": -1})

    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert set(refused.json()["errors"]) == {"name", "weight"}


def test_an_argument_that_is_not_valid_is_told(http: httpx.Client) -> None:
    id = make(http, "Argued")

    refused = http.post(f"/parcels/{id}/grow", json={"by": 0})

    assert (refused.status_code, set(refused.json()["errors"])) == (422, {"by"})
    assert read(http, id)["weight"] == 0


def test_a_refused_change_stores_nothing_of_it(http: httpx.Client) -> None:
    id = make(http, "Half", weight=1)

    refused = http.patch(f"/parcels/{id}", json={"note": "half", "weight": "heavy"})

    assert refused.status_code == 422
    assert (read(http, id)["note"], read(http, id)["weight"]) == ("", 1)


def test_a_field_that_nobody_declared_is_not_set(http: httpx.Client) -> None:
    answer = http.post("/parcels", json={"name": "Odd", "nitro_version": 7, "__class__": "x"})

    assert answer.status_code in (201, 422)
    assert "__class__" not in answer.json()


def test_an_entity_that_a_handler_makes_of_wrong_values_is_told(http: httpx.Client) -> None:
    refused = http.post("/invalid", json={})

    assert refused.status_code == 422
    assert set(refused.json()["errors"]) == {"name"}
