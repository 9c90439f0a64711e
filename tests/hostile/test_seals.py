"""A form can be sent as it was made, by whom it was made for, and in no other way."""

from __future__ import annotations

import random
from collections.abc import Callable

import httpx
import pytest
from itsdangerous import URLSafeSerializer

Find = Callable[[httpx.Response], str]
HTML = {"accept": "text/html"}


@pytest.fixture
def seal(http: httpx.Client, account: str, seal_on: Find) -> str:
    return seal_on(http.get(f"/accounts/{account}/edit"))


def name_of(http: httpx.Client, id: str) -> str:
    return str(http.get(f"/accounts/{id}/told").json()).split()[0]


def send(http: httpx.Client, path: str, **fields: str) -> httpx.Response:
    return http.post(path, data={"name": "Eve", "balance": "999", **fields}, headers=HTML)


def test_a_form_is_accepted_as_it_was_made(http: httpx.Client, account: str, seal: str) -> None:
    assert send(http, f"/accounts/{account}", _nitro=seal).status_code == 303
    assert name_of(http, account) == "Eve"


def test_a_form_without_a_seal_is_refused(http: httpx.Client, account: str) -> None:
    assert send(http, f"/accounts/{account}").status_code == 400
    assert send(http, f"/accounts/{account}/delete").status_code == 400
    assert send(http, "/accounts").status_code == 400
    assert name_of(http, account) == "Ann"


def test_no_changed_seal_is_accepted(http: httpx.Client, account: str, seal: str) -> None:
    chance = random.Random(5)
    forged = ["", ".", "..", "a.b", seal[:-1], seal + "A", seal.upper(), seal.replace(".", "", 1)]
    for _ in range(150):
        place = chance.randrange(len(seal) - 1)  # the last character has bits that say nothing
        other = chance.choice("abcXYZ019-_.")
        if seal[place] != other:
            forged.append(seal[:place] + other + seal[place + 1 :])
    for text in forged:
        assert send(http, f"/accounts/{account}", _nitro=text).status_code == 400, text
    assert name_of(http, account) == "Ann"


def test_a_seal_of_another_key_or_purpose_is_refused(
    http: httpx.Client, account: str, seal: str
) -> None:
    payload = URLSafeSerializer("guess", salt="nitro:form").loads_unsafe(seal)[1]
    assert payload["i"] == account
    for key, salt in [("guess", "nitro:form"), ("", "nitro:form"), ("guess", "itsdangerous")]:
        forged = str(URLSafeSerializer(key or "x", salt=salt).dumps(payload))
        assert send(http, f"/accounts/{account}", _nitro=forged).status_code == 400
    assert name_of(http, account) == "Ann"


def test_a_seal_is_good_for_its_thing_and_operation_only(
    http: httpx.Client, account: str, seal: str, new_account: Callable[[httpx.Client], str]
) -> None:
    other = new_account(http)
    for path in (
        f"/accounts/{other}",
        "/accounts",
        f"/accounts/{account}/delete",
        f"/accounts/{account}/pay_in",
        f"/accounts/{account}/edit",
        "/accounts/close_all",
        f"/keys/{account}",
        "/keys",
    ):
        answer = send(http, path, _nitro=seal, amount="1")
        assert answer.status_code in (400, 404, 405), path
    assert name_of(http, account) == name_of(http, other) == "Ann"


def test_a_seal_is_good_for_its_caller_only(
    http: httpx.Client, account: str, seal: str, seal_on: Find
) -> None:
    path = f"/accounts/{account}"
    of_ann = seal_on(http.get(f"{path}/edit", headers={"x-user": "ann"}))
    fields = {"name": "Eve", "_nitro": of_ann}
    for user in ({"x-user": "bob"}, {"x-user": "Ann"}, {}):
        assert http.post(path, data=fields, headers=HTML | user).status_code == 400
    anonymous = {"name": "Eve", "_nitro": seal}
    assert http.post(path, data=anonymous, headers=HTML | {"x-user": "bob"}).status_code == 400
    assert name_of(http, account) == "Ann"
    assert http.post(path, data=fields, headers=HTML | {"x-user": "ann"}).status_code == 303


def test_a_form_sets_only_the_fields_that_it_showed(
    http: httpx.Client, account: str, seal_on: Find, balance: Callable[[httpx.Client, str], int]
) -> None:
    sealed = seal_on(http.get(f"/name-form/{account}"))
    more = {"pin": "0", "id": "other", "nitro_version": "9", "__class__": "x", "note.x": "1"}
    answer = send(http, f"/accounts/{account}", _nitro=sealed, note="mine", level="9", **more)
    assert answer.status_code == 303
    assert name_of(http, account) == "Eve"
    assert balance(http, account) == 0
    stored = http.patch(f"/accounts/{account}", json={}).json()
    assert stored == {
        "id": account, "name": "Eve", "balance": 0, "level": 0.0, "note": None
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["id", "pin", "nitro_version", "__class__", "__dict__", "changed"]
)
def test_json_sets_declared_fields_only(http: httpx.Client, account: str, name: str) -> None:
    before = http.patch(f"/accounts/{account}", json={}).json()
    refused = 200 if name == "id" else 422
    assert http.patch(f"/accounts/{account}", json={name: "other"}).status_code == refused
    assert http.patch(f"/accounts/{account}", json={}).json() == before
    created = http.post("/accounts", json={"name": "Ann", name: "other"})
    assert created.status_code == (201 if name == "id" else 422)
    assert created.json().get("id") != "other"
