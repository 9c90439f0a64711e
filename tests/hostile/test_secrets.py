"""A secret field never leaves the server, on any way."""

from __future__ import annotations

import re

import httpx
import pytest
from pydantic import Field as Limits
from pydantic import SecretStr, ValidationError
from sqlmodel import Field

from nitro_entities import Entity, EntityError, Secret, SQLEntity
from support.server import Server

CANARY = "canary-7f3a91"


def test_no_answer_holds_a_secret(hostile: Server, http: httpx.Client, account: str) -> None:
    made = http.post("/keys-make")
    assert made.status_code == 200
    key = made.json()["id"]
    asked = [
        made,
        http.get("/keys"),
        http.get("/"),
        http.get("/?q=canary"),
        http.get("/?sort=pin"),
        http.get("/form"),
        http.get(f"/accounts/{account}/edit"),
        http.get(f"/keys/{key}/edit"),
        http.get(f"/keys/{key}/delete"),
        http.patch(f"/accounts/{account}", json={"name": "Bob"}),
        http.patch(f"/accounts/{account}", json={"pin": 5, "token": 5, "name": ""}),
        http.patch(f"/keys/{key}", json={"label": "other"}),
        http.post("/keys", json={"label": "x", "token": 5, "again": 5}),
        http.post("/accounts", json={"name": "x", "pin": ["x"]}),
        http.get("/openapi.json"),
    ]
    for answer in asked:
        assert answer.status_code < 500, answer.url
        assert CANARY not in answer.text, answer.url
        assert not re.search(r'name="(pin|token|again)"', answer.text), answer.url
    with http.stream("GET", "/", headers={"nitro-live": ""}) as stream:
        sent = b""
        for chunk in stream.iter_raw():
            sent += chunk
            if b"accounts-view" in sent:
                break
    assert CANARY.encode() not in sent
    # raised on purpose by other tests, and no value of a field
    assert not re.search(rf"(pin|token|again)\W+{CANARY}", hostile.log)


class Unsecret(Entity):
    name: str
    token: SecretStr
    again: Secret[str] = CANARY
    number: Secret[int] = 7_391_000
    maybe: Secret[str] | None = CANARY
    several: list[Secret[str]] = [CANARY]
    limited: Secret[str] = Limits(default=CANARY, max_length=20)


class Stored(SQLEntity):
    name: str
    again: Secret[str] = CANARY
    maybe: Secret[str] | None = CANARY
    limited: Secret[str] = Field(default=CANARY, max_length=20)


class Heir(Unsecret):
    more: str = ""


@pytest.mark.parametrize(
    "entity",
    [
        Unsecret(name="a", token=SecretStr(CANARY)),
        Heir(name="a", token=SecretStr(CANARY)),
        Stored(name="a"),
    ],
)
def test_no_form_of_an_entity_holds_a_secret(entity: Unsecret | Stored) -> None:
    forms: list[object] = [
        repr(entity),
        str(entity),
        entity.signals,
        entity.model_dump(mode="json"),
    ]
    forms += [entity.model_dump_json(), f"{entity}", entity.to_card(), entity.to_form()]
    forms += [entity.to_row()]
    for form in forms:
        assert CANARY not in str(form)
        assert "7391000" not in str(form)


def test_what_cannot_be_compared_with_a_secret_is_not_repeated() -> None:
    with pytest.raises(EntityError) as caught:
        Unsecret.where(number=CANARY)
    assert CANARY not in str(caught.value)


def test_a_refused_secret_is_not_in_the_message_of_its_refusal() -> None:
    for refuse in (
        lambda: Unsecret(name="a", token=SecretStr("t"), again=[CANARY]),
        lambda: Unsecret(name="a", token=[CANARY]),
        lambda: Stored(name="a", limited=CANARY * 3),
        lambda: Unsecret(name="a", token=SecretStr("t")).update(again=[CANARY]),
        lambda: setattr(Stored(name="a"), "limited", CANARY * 3),
    ):
        with pytest.raises(ValidationError) as caught:
            refuse()
        assert CANARY not in str(caught.value)
        assert CANARY not in repr(caught.value)
