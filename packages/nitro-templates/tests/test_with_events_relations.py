"""What a form says of other entities: chosen, typed, forged, gone, narrowed by its page."""

import asyncio
import html as html_text
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode, urlsplit

import pytest
from pydantic import Field

from nitro_entities import Entity
from nitro_entities import state as entities
from nitro_events import Caller, Request, Response, action
from nitro_events.http.dispatch import answer
from nitro_events.http.results import to_response
from nitro_events.joints import connect
from nitro_events.state import state as events
from nitro_templates import Form, Page, ui

HTML = {"accept": "text/html", "host": "testserver", "sec-fetch-site": "same-origin"}
DATASTAR = {**HTML, "datastar-request": "true"}
BOB = Caller("bob", "Bob", host="testclient")


class Guild(Entity):
    name: str = Field(min_length=1)


class Clubber(Entity):
    name: str = Field(min_length=1)
    guild_id: Annotated[str, ui(relation=Guild)]
    second_id: Annotated[str | None, ui(relation=Guild)] = None

    @action
    def move(self, to: Annotated[str, ui(relation=Guild)]) -> None:
        self.guild_id = to
        self.save()


@pytest.fixture(autouse=True)
def _fresh_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NITRO_SECRET", "a secret that is long enough")
    monkeypatch.chdir(tmp_path)
    entities.state.reset()
    events.reset()
    connect()
    for number in range(25):
        Guild(id=f"g{number}", name=f"Guild {number:02}").save()
    yield
    events.reset()
    entities.state.reset()


@pytest.fixture
def ann() -> Clubber:
    return Clubber.create(id="ann", name="Ann", guild_id="g3", second_id="g4")


def narrowed_page() -> Page:
    form = Form.from_entity(Clubber.get("ann")).options("guild_id", Guild.where(name="Guild 05"))
    return Page(form, title="Only one")


async def rerun(url: str) -> object | None:
    return narrowed_page() if urlsplit(url).path == "/narrowed" else None


def ask(
    method: str, path: str, form: Mapping[str, str] | None, headers: Mapping[str, str]
) -> Response:
    response = asyncio.run(answer(request_for(method, path, form, headers)))
    assert response is not None
    return response


def request_for(
    method: str, path: str, form: Mapping[str, str] | None, headers: Mapping[str, str]
) -> Request:
    kind = {} if form is None else {"content-type": "application/x-www-form-urlencoded"}
    where, _, query = path.partition("?")
    return Request(
        method,
        where,
        query_string=query,
        headers={**headers, **kind},
        body=urlencode(form or {}).encode(),
        client="testclient",
        caller=BOB,
        rerun=rerun,
    )


def get(path: str) -> str:
    if path == "/narrowed":
        found = to_response(narrowed_page(), request_for("GET", path, None, HTML))
        assert found is not None
        return found.body.decode()
    return ask("GET", path, None, HTML).body.decode()


def sent(html: str) -> dict[str, str]:
    """Read the inputs as a browser without scripts would send them."""
    inputs = re.findall(r"<input[^>]*>", html)
    named = [
        (re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)) for tag in inputs
    ]
    fields = {
        html_text.unescape(name[1]): html_text.unescape(value[1] if value else "")
        for name, value in named
        if name
    }
    for name, options in re.findall(
        r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', html, re.S
    ):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return fields


def post(
    path: str, form: Mapping[str, str], headers: Mapping[str, str] = DATASTAR
) -> tuple[int, str]:
    response = ask("POST", path, form, headers)
    return response.status, response.body.decode()


def edited(**typed: str) -> tuple[int, str]:
    return post("/clubbers/ann", {**sent(get("/clubbers/ann/edit")), **typed})


def test_what_was_chosen_is_saved(ann: Clubber) -> None:
    edited(guild_id="g7", **{"_text.guild_id": "Guild 07", "_was.guild_id": "Guild 07"})
    assert Clubber.get("ann").guild_id == "g7"


@pytest.mark.parametrize("typed", ["Guild 09", " guild 09 ", "g9"])
def test_a_title_or_an_id_can_be_typed(ann: Clubber, typed: str) -> None:
    edited(**{"_text.guild_id": typed})
    assert Clubber.get("ann").guild_id == "g9"


def test_a_title_that_nobody_has_is_refused_and_kept(ann: Clubber) -> None:
    _, html = edited(name="Anna", **{"_text.guild_id": "Nowhere<"})
    assert "No guild is called “Nowhere&lt;”" in html
    assert 'value="Nowhere&lt;"' in html
    assert 'aria-invalid="true"' in html
    assert 'value="Anna"' in html
    assert Clubber.get("ann").guild_id == "g3"


def test_a_title_that_several_have_comes_back_with_what_may_be_meant(ann: Clubber) -> None:
    form = {**sent(get("/clubbers/ann/edit")), "_text.guild_id": "guild 1"}
    status, html = post("/clubbers/ann", form, HTML)
    assert status == 422
    assert "10 guilds match “guild 1”" in html
    again = {**sent(html), "_pick.guild_id": "g12"}
    assert '<option value="g12">Guild 12</option>' in html
    assert post("/clubbers/ann", again, HTML)[0] == 303
    assert Clubber.get("ann").guild_id == "g12"


def test_errors_of_several_fields_come_together(ann: Clubber) -> None:
    _, html = edited(name="", **{"_text.guild_id": "guild 1", "_text.second_id": "x"})
    assert html.count("nitro-error") >= 3


def test_what_is_emptied_is_nothing_where_that_may_be(ann: Clubber) -> None:
    edited(**{"_text.second_id": ""})
    assert Clubber.get("ann").second_id is None
    edited(**{"_text.guild_id": ""})
    assert Clubber.get("ann").guild_id == "g3"


def test_a_forged_id_is_refused(ann: Clubber) -> None:
    _, html = edited(guild_id="g99", **{"_was.guild_id": "x", "_text.guild_id": "x"})
    assert "is not there any more, or cannot be chosen here" in html
    assert Clubber.get("ann").guild_id == "g3"


def test_what_was_deleted_meanwhile_is_an_error_at_the_field(ann: Clubber) -> None:
    form = sent(get("/clubbers/ann/edit"))
    chosen = {"guild_id": "g7", "_text.guild_id": "Guild 07", "_was.guild_id": "Guild 07"}
    Guild.get("g7").delete()
    status, html = post("/clubbers/ann", {**form, **chosen}, HTML)
    assert status == 422
    assert 'id="form-clubbers-ann-guild_id-error"' in html


def test_what_was_not_touched_does_not_keep_others_from_being_saved(ann: Clubber) -> None:
    Guild.get("g3").delete()
    edited(name="Anna")
    assert Clubber.get("ann").name == "Anna"


def test_a_renamed_title_is_not_taken_for_another_choice(ann: Clubber) -> None:
    form = sent(get("/clubbers/ann/edit"))
    Guild.get("g3").update(name="Renamed").save()
    post("/clubbers/ann", {**form, "name": "Anna"})
    assert (Clubber.get("ann").guild_id, Clubber.get("ann").name) == ("g3", "Anna")


def test_a_new_one_takes_a_typed_title_and_is_refused_without_one() -> None:
    form = sent(get("/clubbers/new"))
    _, html = post("/clubbers", {**form, "name": "Ben"})
    assert "nitro-error" in html
    post("/clubbers", {**form, "name": "Ben", "_text.guild_id": "Guild 02"})
    assert [clubber.guild_id for clubber in Clubber.all()] == ["g2"]


def test_the_argument_of_an_action_is_chosen_too(ann: Clubber) -> None:
    form = sent(get("/clubbers/ann/move"))
    _, html = post("/clubbers/ann/move", {**form, "_text.to": "nowhere"})
    assert "No guild is called" in html
    post("/clubbers/ann/move", {**form, "_text.to": "Guild 08"})
    assert Clubber.get("ann").guild_id == "g8"


def test_a_narrowed_field_takes_only_what_its_page_offers(ann: Clubber) -> None:
    form = sent(get("/narrowed"))
    _, html = post("/clubbers/ann", {**form, "guild_id": "g7"})
    assert "cannot be chosen here" in html
    assert Clubber.get("ann").guild_id == "g3"
    post("/clubbers/ann", {**form, "guild_id": "g5"})
    assert Clubber.get("ann").guild_id == "g5"


def test_a_narrowed_field_of_a_page_that_is_gone_takes_nothing(ann: Clubber) -> None:
    form = sent(get("/narrowed"))

    async def gone(url: str) -> object | None:
        return None

    request = request_for("POST", "/clubbers/ann", {**form, "guild_id": "g5"}, DATASTAR)
    request.rerun = gone
    asyncio.run(answer(request))
    assert Clubber.get("ann").guild_id == "g3"


def test_options_are_answered_at_the_pages_own_url(ann: Clubber) -> None:
    response = ask(
        "GET", "/clubbers/ann/edit?_ask=options:form-clubbers-ann:guild_id&_q=2", None, HTML
    )

    said = json.loads(response.body)
    assert ["g20", "Guild 20"] in said["items"]
    assert dict(response.headers)["content-type"] == "application/json"
    assert (
        ask("GET", "/clubbers/ann/edit?_ask=options:form-clubbers-ann:name", None, HTML).status
        == 404
    )


def test_a_conflict_is_told_in_titles(ann: Clubber) -> None:
    form = sent(get("/clubbers/ann/edit"))
    Clubber.get("ann").update(guild_id="g9").save()
    _, html = post(
        "/clubbers/ann",
        {**form, "guild_id": "g7", "_text.guild_id": "Guild 07", "_was.guild_id": "Guild 07"},
    )
    assert "“Guild 09”" in html
    assert "“Guild 07”" in html


def test_a_check_says_what_would_be_refused(ann: Clubber) -> None:
    form = {**sent(get("/clubbers/ann/edit")), "_text.guild_id": "nowhere"}
    response = ask("POST", "/clubbers/ann", form, {**HTML, "nitro-check": "guild_id"})
    assert "No guild is called" in json.loads(response.body)["errors"]["guild_id"]
