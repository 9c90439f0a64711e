"""What the server makes of a form: which fields apply, what a check says, what is done once."""

import asyncio
import html as html_text
import json
import re
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, urlencode

import pytest
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from nitro_entities import Entity
from nitro_entities import state as entities
from nitro_events import Caller, Request, Response, action
from nitro_events.http.dispatch import answer
from nitro_events.joints import connect
from nitro_events.state import state as events
from nitro_templates import Form, ui
from nitro_templates.context import rendering
from nitro_templates.with_events import context_of

T = TypeVar("T")
HTML = {"accept": "text/html", "host": "testserver", "sec-fetch-site": "same-origin"}
CALLER = Caller("bob", "Bob", host="testclient")


@pytest.fixture(autouse=True)
def _fresh_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NITRO_SECRET", "a secret that is long enough")
    monkeypatch.chdir(tmp_path)
    entities.state.reset()
    events.reset()
    connect()
    yield
    events.reset()
    entities.state.reset()


class Guest(Entity):
    name: str = Field(min_length=2)
    kind: str = "person"
    vat: Annotated[str, Field(max_length=4), ui(show_if={"kind": "company"})] = ""
    invoice: Annotated[bool, ui(show_if={"kind": "company"})] = True
    since: int = 1
    until: int = 9
    visits: int = 0

    __unique__ = (("name",),)

    @model_validator(mode="after")
    def _in_order(self) -> "Guest":
        if self.until < self.since:
            raise PydanticCustomError("order", "Before the start", {"field": "until"})
        return self

    @action
    def visit(
        self,
        times: int = 1,
        paid: Annotated[bool, ui(show_if={"times": (2, 3)})] = True,
    ) -> object:
        self.visits += times if paid else 100
        self.save()
        return (n for n in range(2)) if times == 7 else None


def ask(path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Response:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    request = Request(
        "POST",
        path,
        headers={**HTML, **kind, **(headers or {})},
        body=urlencode(form).encode(),
        client="testclient",
        caller=CALLER,
    )
    response = run(answer(request))
    assert response is not None
    return response


def run(work: Coroutine[object, object, T]) -> T:
    # in a thread of its own: the browser tests keep a loop running in this one
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def fields_of(form: Form) -> dict[str, str]:
    """Read the fields that a browser would send."""
    request = Request("GET", "/page", headers=HTML, client="testclient", caller=CALLER)
    with rendering(context_of(request)):
        html = str(form)
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            fields[name[1]] = html_text.unescape(value[1]) if value else ""
    return fields


def guest(**values: Any) -> Guest:
    return Guest.create(**{"id": "g", "name": "Ann", **values})


def action_form(one: Guest) -> Form:
    from nitro_templates.sources import source_of

    source = source_of(one)
    return Form.for_action(source, one, source.actions["visit"])


def check(path: str, fields: Mapping[str, str], *names: str) -> dict[str, str]:
    asked = ",".join(map(quote, names))
    response = ask(path, fields, {"nitro-check": asked, "accept": "application/json"})
    assert response.status == 200, response.body
    errors: dict[str, str] = json.loads(response.body)["errors"]
    return errors


def test_what_does_not_apply_is_neither_read_nor_required_nor_overwritten() -> None:
    guest(vat="old")
    fields = fields_of(Form.from_entity(Guest.get("g")))

    response = ask("/guests/g", {**fields, "vat": "much too long", "invoice": "", "since": "2"})

    assert response.status == 303
    stored = Guest.get("g")
    assert (stored.vat, stored.invoice, stored.since) == ("old", True, 2)


def test_the_values_that_are_sent_decide_not_those_that_were_shown() -> None:
    guest(vat="old")
    fields = fields_of(Form.from_entity(Guest.get("g")))

    ask("/guests/g", {**fields, "kind": "company", "vat": "new"})

    assert Guest.get("g").vat == "new"


def test_a_rule_cannot_be_sent() -> None:
    guest()
    fields = fields_of(Form.from_entity(Guest.get("g")))

    ask("/guests/g", {**fields, "w": "{}", "when": "{}", "vat": "new"})

    assert Guest.get("g").vat == ""


def test_what_was_typed_where_it_does_not_apply_comes_back_with_the_form() -> None:
    fields = fields_of(Form.from_entity(Guest))

    html = ask("/guests", {**fields, "name": "x", "vat": "typed"}).body.decode()

    assert 'value="typed"' in html
    assert "Enter at least 2 characters" in html


def test_an_argument_that_does_not_apply_has_its_default() -> None:
    fields = fields_of(action_form(guest()))
    fields.pop("paid", None)

    ask("/guests/g/visit", {**fields, "times": "1"})

    assert Guest.get("g").visits == 1


def test_a_check_stores_nothing_and_says_what_is_wrong() -> None:
    fields = fields_of(Form.from_entity(Guest))

    errors = check("/guests", {**fields, "name": "x"}, "name")

    assert errors == {"name": "Enter at least 2 characters"}
    assert check("/guests", {**fields, "name": "Xaver"}, "name") == {}
    assert Guest.count() == 0


def test_a_check_of_a_change_looks_at_what_was_changed_and_at_fields_together() -> None:
    guest()
    fields = fields_of(Form.from_entity(Guest.get("g")))

    assert check("/guests/g", fields, "name") == {}
    assert check("/guests/g", {**fields, "since": "10"}, "since") == {"until": "Before the start"}
    assert Guest.get("g").since == 1


def test_a_check_looks_up_what_must_be_unique() -> None:
    guest()
    taken = {"name": "This is taken already"}

    assert check("/guests", {**fields_of(Form.from_entity(Guest)), "name": "Ann"}, "name") == taken
    Guest.create(id="h", name="Bea")
    fields = fields_of(Form.from_entity(Guest.get("h")))
    assert check("/guests/h", {**fields, "name": "Ann"}, "name") == taken
    assert check("/guests/h", {**fields, "name": "Bea"}, "name") == {}


def test_what_the_store_refuses_stands_at_its_field() -> None:
    guest()
    fields = fields_of(Form.from_entity(Guest))

    html = ask("/guests", {**fields, "name": "Ann"}).body.decode()

    assert '<p id="form-guests-new-name-error" class="nitro-error">This is taken' in html


def test_a_check_needs_the_seal_of_just_this_form() -> None:
    guest()
    Guest.create(id="h", name="Bea")
    fields = fields_of(Form.from_entity(Guest.get("g")))

    response = ask("/guests/h", fields, {"nitro-check": "name", "accept": "application/json"})

    assert response.status == 400


def test_the_arguments_of_an_action_are_checked_without_running_it() -> None:
    fields = fields_of(action_form(guest()))

    errors = check("/guests/g/visit", {**fields, "times": "many"}, "times")

    assert errors == {"times": "Enter a whole number"}
    assert check("/guests/g/visit", {**fields, "times": "2"}, "times") == {}
    assert Guest.get("g").visits == 0


def test_an_action_whose_form_is_sent_twice_runs_once() -> None:
    fields = fields_of(action_form(guest()))

    for _ in range(2):
        ask("/guests/g/visit", fields)
    assert Guest.get("g").visits == 1

    ask("/guests/g/visit", {**fields, "times": "2", "paid": "true"})
    assert Guest.get("g").visits == 3
    ask("/guests/g/visit", fields_of(action_form(Guest.get("g"))))
    assert Guest.get("g").visits == 4
