import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, Field

from nitro_templates.context import Conflict, FormState, RenderContext, rendering
from nitro_templates.form import Form, RefusedForm
from nitro_templates.form.seal import digest
from nitro_templates.html import Tag
from nitro_templates.sources import ActionView, ModelSource


class City(BaseModel):
    name: str = Field(description="As on the map")
    people: int = 0
    old: bool = False


@dataclass(frozen=True, slots=True)
class Stored(ModelSource):
    """Cities with routes: the id is the name."""

    @property
    def slug(self) -> str | None:
        return "cities"

    def new_id(self) -> str | None:
        return "fresh"

    def id_of(self, thing: Any) -> str | None:
        return str(thing.name)


class OpenSeal:
    """Signs nothing, so that tests can read what is carried."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, object]] = []

    def sign(self, purpose: str, payload: dict[str, object]) -> str:
        self.payloads.append(payload)
        return f"sealed-{purpose}"

    def open(self, purpose: str, text: str) -> dict[str, object]:
        return self.payloads[-1]


def stored_form(city: City | None = None) -> Form:
    from nitro_templates.form.definition import of_thing

    return Form._of(of_thing(Stored(City), city))


def written(form: Form, context: RenderContext | None = None) -> str:
    with rendering(context or RenderContext(live=True)):
        return str(form)


def refused(form: Form, **said: Any) -> RenderContext:
    return RenderContext(live=True, forms={form.key: RefusedForm(**said)})


def payload_of(form: Form, forms: Mapping[str, FormState] | None = None) -> dict[str, object]:
    seal = OpenSeal()
    context = RenderContext(
        live=True, sealer=seal, url="/list?q=x", caller_id="u1", forms=forms or {}
    )
    assert 'name="_nitro" value="sealed-form"' in written(form, context)
    return seal.payloads[-1]


def test_called_directly_it_is_the_plain_tag() -> None:
    assert str(Form(Tag("p")("hi"), method="get")) == '<form method="get"><p>hi</p></form>'
    assert str(Form(id="f")("x")) == '<form id="f">x</form>'


def test_every_input_has_a_label_and_its_help() -> None:
    html = written(Form.from_entity(City))

    for name in ("name", "people", "old"):
        assert f'<label for="form-City-new-{name}">' in html
        assert f'id="form-City-new-{name}"' in html
    assert 'aria-describedby="form-City-new-name-help"' in html
    assert '<p id="form-City-new-name-help" class="nitro-help">As on the map</p>' in html


def test_an_edit_form_shows_the_stored_values() -> None:
    html = written(stored_form(City(name="<Ulm>", people=12345, old=True)))

    assert 'value="&lt;Ulm&gt;"' in html
    assert 'value="12345"' in html
    assert "checked" in html
    assert 'action="/cities/%3CUlm%3E"' in html


def test_the_program_on_the_form_is_constant() -> None:
    programs = {
        re.findall(r'data-on:submit="([^"]*)"', written(stored_form(City(name=name))))[0]
        for name in ("a", "'); alert(1); ('")
    }

    assert programs == {"@post(nitro.action(el), nitro.form(el))"}


def test_only_and_without_choose_the_fields_and_what_may_be_saved() -> None:
    form = stored_form(City(name="Ulm"))

    assert payload_of(form.only("people"))["f"] == ["people"]
    assert payload_of(form.without("people"))["f"] == ["name", "old"]


def test_a_builder_call_leaves_the_form_it_came_from_alone() -> None:
    form = stored_form(City(name="Ulm"))
    form.only("people").submit("Go")

    assert payload_of(form)["f"] == ["name", "people", "old"]


def test_a_misspelt_field_is_named_with_the_known_ones() -> None:
    with pytest.raises(LookupError, match=r"'poeple'.*people"):
        Form.from_entity(City).only("poeple")


def test_what_asks_for_a_decision_can_be_left() -> None:
    deletion = Form.for_deletion(stored_form()._defined.source, City(name="Ulm"))
    link = 'class="nitro-button" data-nitro-close>Cancel</a>'

    assert f'<a href="/" {link}' in written(deletion)
    assert f'<a href="/cities?q=u" {link}' in written(deletion.on_saved("/cities?q=u"))
    assert "Cancel" not in written(stored_form())


@pytest.mark.parametrize("url", ["https://evil.example", "//evil.example", "/\\evil", "cities"])
def test_a_redirect_to_another_place_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="path of this application"):
        Form.from_entity(City).on_saved(url)


def test_the_seal_of_an_edit_form_says_what_was_shown() -> None:
    payload = payload_of(stored_form(City(name="Ulm", people=7)).on_saved(redirect="/cities"))

    assert payload == {
        "v": 1,
        "c": "cities",
        "i": "Ulm",
        "o": "update",
        "f": ["name", "people", "old"],
        "d": {"name": digest("Ulm"), "people": digest(7), "old": digest(False)},
        "p": "/list?q=x",
        "n": "/cities",
        "k": "form-cities-Ulm",
        "u": "u1",
        "q": [],
    }


def test_the_seal_of_a_new_form_carries_the_id_so_that_two_clicks_make_one() -> None:
    payload = payload_of(stored_form())

    assert (payload["i"], payload["o"], payload["d"]) == ("fresh", "create", {})


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong() -> None:
    form = stored_form(City(name="Ulm", people=7))
    context = refused(form, values={"people": "many <b>"}, errors={"people": "Not a number"})

    html = written(form, context)

    assert 'value="many &lt;b&gt;"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="form-cities-Ulm-people-error"' in html
    assert '<p id="form-cities-Ulm-people-error" class="nitro-error">Not a number</p>' in html
    assert 'role="alert"' in html
    assert '<a href="#form-cities-Ulm-people">People: Not a number</a>' in html
    assert html.count("autofocus") == 1
    assert "nitro.focusError(el)" in html


class Halt(BaseModel):
    name: str
    platforms: list[int] = []


class Route(BaseModel):
    start: Halt
    halts: list[Halt] = []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("start.name", "Start, Name: No"),
        ("halts.1.name", "Halt 2, Name: No"),
        ("halts.0.platforms.2", "Halt 1, Platform 3: No"),
        ("halts.0", "Halt 1: No"),
        ("halts.first", "Halts: No"),
    ],
)
def test_what_is_wrong_inside_is_said_of_the_input_where_it_is(name: str, said: str) -> None:
    form = Form.from_entity(Route)

    assert f">{said}</a>" in written(form, refused(form, errors={name: "No"}))


def test_the_alert_is_a_new_element_each_time_so_that_focus_moves_again() -> None:
    form = stored_form(City(name="Ulm"))
    context = refused(form, errors={"people": "No"})

    assert written(form, context) != written(form, context)


def test_a_message_for_the_whole_form_stands_on_top() -> None:
    form = stored_form()

    html = written(form, refused(form, errors={"": "Closed today"}))

    assert "<li>Closed today</li>" in html


def test_a_conflict_tells_who_saved_what_and_offers_to_take_it() -> None:
    form = stored_form(City(name="Ulm", people=9))
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    conflict = Conflict(mine="8", theirs="9", by="Ann", at=at)

    html = written(form, refused(form, values={"people": "8"}, conflicts={"people": conflict}))

    assert "Changed to “9” by Ann, <time" in html
    assert "You typed “8”." in html
    assert 'value="8"' in html
    assert re.search(r'<button type="submit" name="_take" value="people"[^>]*>Take theirs', html)
    assert "Save mine" in html


def test_enter_never_presses_take_theirs() -> None:
    form = stored_form(City(name="Ulm", people=9))
    conflict = Conflict(mine="8", theirs="9")

    html = written(form, refused(form, values={"people": "8"}, conflicts={"people": conflict}))

    first = re.findall(r"<button[^>]*>", html)[0]
    assert "_take" not in first
    assert 'type="submit"' in first


def test_the_digests_that_the_user_has_seen_are_sealed_again() -> None:
    form = stored_form(City(name="Ulm", people=9))
    state_ = RefusedForm(values={"people": "x"}, digests={"people": "seen"}, next="/back")

    payload = payload_of(form, {form.key: state_})

    assert payload["d"] == {"name": digest("Ulm"), "people": "seen", "old": digest(False)}
    assert payload["n"] == "/back"


def test_an_action_asks_for_its_arguments() -> None:
    def grow(self: City, by: int, reason: str = "none") -> None: ...

    action = ActionView("grow", "Grow it", grow, confirm="Really grow?")
    form = Form.for_action(Stored(City), City(name="Ulm"), action)

    html = written(form)

    assert 'action="/cities/Ulm/grow"' in html
    assert 'name="by"' in html
    assert 'value="none"' in html
    assert "Really grow?" in html
    assert ">Grow it</button>" in html
    assert payload_of(form)["o"] == "grow"


def test_a_deletion_is_asked_about_by_name() -> None:
    form = Form.for_deletion(Stored(City), City(name="Ulm"))

    html = written(form)

    assert "Delete “Ulm”?" in html
    assert 'action="/cities/Ulm/delete"' in html
    assert 'method="post"' in html


def test_ids_fit_into_lists_of_ids() -> None:
    form = stored_form(City(name="Bad Ems"))

    assert form.key == "form-cities-Bad-Ems"


def test_without_an_adapter_there_is_neither_seal_nor_program() -> None:
    html = written(stored_form(City(name="Ulm")), RenderContext())

    assert "_nitro" not in html
    assert "data-on" not in html


def test_what_cannot_be_a_form_is_named() -> None:
    with pytest.raises(TypeError, match="42"):
        Form.from_entity(42)
