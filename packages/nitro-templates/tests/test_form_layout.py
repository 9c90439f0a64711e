"""Where fields stand, when they are shown, and what may be put in their place."""

import json
import re
from enum import Enum
from html import unescape
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from nitro_templates import Form, FormSection, Row, Tab, Tabs, ui
from nitro_templates.context import FormState, RenderContext, rendering
from nitro_templates.form import rows
from nitro_templates.html import Child, Element, Tag
from nitro_templates.sources import ActionView, ModelSource
from nitro_templates.tags import Section

EVIL = "<img src=x onerror=alert(1)>\"'`"
Div, P = Tag("div"), Tag("p")


class Kind(Enum):
    person = "person"
    company = "company"


class Customer(BaseModel):
    name: str
    kind: Kind = Kind.person
    vat: Annotated[str, ui(show_if={"kind": Kind.company})] = ""
    member: bool = False
    number: int = 0
    notes: str = ""


def written(form: Form, **said: Any) -> str:
    with rendering(RenderContext(**said)):
        return str(form)


def labels(html: str) -> list[str]:
    return [text.split("<")[0] for text in re.findall(r"<label[^>]*>([^<]*)", html)]


def row(html: str, name: str) -> str:
    """The opening tag of one row."""
    found = re.search(rf'<div[^>]*id="form-Customer-new-{name}-row"[^>]*>', html)
    assert found is not None, html
    return found[0]


def rule(html: str, name: str) -> Any:
    found = re.search(r'data-nitro-show-if="([^"]*)"', row(html, name))
    assert found is not None
    return json.loads(unescape(found[1]))


def test_the_layout_orders_the_fields_and_the_others_follow() -> None:
    form = Form.from_entity(Customer).layout("notes", Row("number", "name"))

    assert labels(written(form)) == ["Notes", "Number", "Name", "Kind", "Vat", "Member"]
    assert '<div class="nitro-row">' in written(form)


def test_a_section_is_a_group_with_a_title_and_a_help() -> None:
    html = written(Form.from_entity(Customer).layout(FormSection("Who", "name", help="All")))

    help_id = "form-Customer-new-section-0"
    assert f'<fieldset class="nitro-section" aria-describedby="{help_id}">' in html
    assert f'<legend>Who</legend><p id="{help_id}" class="nitro-help">All' in html


def test_tabs_are_tied_to_their_panels() -> None:
    html = written(Form.from_entity(Customer).layout(Tabs(Tab("A", "name"), Tab("B", "notes"))))

    first, second = re.findall(r'<button[^>]*role="tab"[^>]*>', html)
    assert 'id="form-Customer-new-tabs-0-0"' in first
    assert 'aria-controls="form-Customer-new-tabs-0-0-panel"' in first
    assert 'aria-selected="true"' in first
    assert 'aria-selected="false" tabindex="-1"' in second
    assert html.count('role="tabpanel"') == 2
    panels = re.findall(r'<div[^>]*role="tabpanel"[^>]*>', html)
    assert [" data-nitro-off " in panel for panel in panels] == [False, True]


def test_a_tab_with_an_error_is_the_open_one_and_says_so() -> None:
    form = Form.from_entity(Customer).layout(Tabs(Tab("A", "name"), Tab("B", "notes")))
    html = written(form, forms={form.key: FormState(errors={"notes": "No"})})

    first, second = re.findall(r'<button[^>]*role="tab"[^>]*>', html)
    assert 'aria-selected="false"' in first
    assert 'aria-selected="true"' in second
    assert '<span class="nitro-mark">1 to look at</span>' in html


def test_what_is_left_out_of_the_form_leaves_no_empty_place() -> None:
    arranged = Form.from_entity(Customer).layout(
        FormSection("Gone", "name", Row("notes")), Tabs(Tab("Gone too", "number"))
    )

    html = written(arranged.only("kind"))

    assert "Gone" not in html
    assert "nitro-row" not in html
    assert "tablist" not in html


def test_a_misspelt_field_in_a_layout_is_named_with_the_known_ones() -> None:
    form = Form.from_entity(Customer)

    with pytest.raises(LookupError, match=r"'nmae'.*name, kind"):
        form.layout(FormSection("x", Row("nmae")))
    with pytest.raises(ValueError, match="'name' twice"):
        form.layout("name", Tabs(Tab("x", "name")))


@pytest.mark.parametrize(
    "part",
    [Section("an HTML tag"), 3, Row(Row("name")), Tabs("name")],  # type: ignore[arg-type]
    ids=["tag", "number", "row in row", "no tab"],
)
def test_what_is_no_part_of_a_layout_is_refused(part: Any) -> None:
    with pytest.raises(TypeError, match="takes"):
        Form.from_entity(Customer).layout(part)


def test_titles_and_labels_are_text() -> None:
    form = (
        Form.from_entity(Customer)
        .layout(FormSection(EVIL, "name", help=EVIL), Tabs(Tab(EVIL, "notes")))
        .field("notes", label=EVIL, help=EVIL)
        .show_if("number", notes=EVIL)
        .slot("top", EVIL)
    )

    html = written(form)

    assert "<img" not in html
    assert html.count("&lt;img") == 8
    assert rule(html, "number") == {"notes": [EVIL]}


def test_a_field_that_does_not_apply_is_marked_and_tells_the_browser_when_it_does() -> None:
    html = written(Form.from_entity(Customer))

    assert rule(html, "vat") == {"kind": ["company"]}
    assert "data-nitro-off" in row(html, "vat")
    assert "data-nitro-off" not in row(html, "name")


def test_a_field_that_depends_on_a_hidden_one_is_hidden_too() -> None:
    form = Form.from_entity(Customer).show_if("notes", vat=("", "x"))

    html = written(form)
    shown = written(form, forms={form.key: FormState(values={"kind": "company"})})

    assert "data-nitro-off" in row(html, "notes")
    assert "data-nitro-off" not in row(shown, "notes")


@pytest.mark.parametrize(("value", "texts"), [(True, ["true"]), (False, [""])])
def test_a_box_decides_by_being_ticked(value: bool, texts: list[str]) -> None:
    html = written(Form.from_entity(Customer).show_if("notes", member=value))

    assert rule(html, "notes") == {"member": texts}
    assert ("data-nitro-off" in row(html, "notes")) is value


def test_a_field_whose_condition_stands_outside_of_the_form_is_decided_at_once() -> None:
    person = Form.from_entity(Customer(name="a", vat="x"))
    company = Form.from_entity(Customer(name="a", kind=Kind.company))

    assert labels(written(person.only("name", "vat"))) == ["Name"]
    assert labels(written(company.only("name", "vat"))) == ["Name", "Vat"]
    assert "show-if" not in written(company.only("name", "vat"))


def test_a_condition_on_nothing_that_is_there_is_refused() -> None:
    class Wrong(BaseModel):
        name: Annotated[str, ui(show_if={"knid": "x"})] = ""

    with pytest.raises(LookupError, match=r"'knid'.*Known fields: name"):
        Form.from_entity(Wrong)
    with pytest.raises(LookupError, match="'vat'"):
        Form.from_entity(Customer).show_if("vat", vat="itself")


def test_a_required_field_cannot_be_hidden_from_who_must_fill_it_in() -> None:
    with pytest.raises(TypeError, match="'name' is not always shown"):
        Form.from_entity(Customer).show_if("name", kind="company")


def test_one_field_is_drawn_by_a_function_and_keeps_its_place() -> None:
    def stars(row: rows.Row) -> Child:
        return Div(row.build(), P(f"now {row.text}"), cls="stars")

    html = written(Form.from_entity(Customer).field("number", stars))

    assert '<div id="form-Customer-new-number-row" class="nitro-own"><div class="stars">' in html
    assert html.count('id="form-Customer-new-number-row"') == 1
    assert "<p>now 0</p>" in html


def test_label_and_help_of_one_form_survive_a_choice_of_fields() -> None:
    form = Form.from_entity(Customer).field("number", label="Nº", help="Your own")

    html = written(form.only("number"))

    assert labels(html) == ["Nº"]
    assert ">Your own</p>" in html


def test_a_subclass_draws_all_fields() -> None:
    class Loud(Form):
        def row(self, row: rows.Row) -> Element:
            return Div(row.field.name.upper())

    html = written(Loud.from_entity(Customer).layout(Row("name", "notes")))

    assert '<div class="nitro-row"><div>NAME</div><div>NOTES</div></div>' in html


def test_slots_stand_around_the_buttons() -> None:
    form = Form.from_entity(Customer).slot("above", P("1")).slot("below", P("2"))

    html = written(form)

    assert re.search(r'<p>1</p><div class="nitro-buttons">.*</div><p>2</p></form>', html)
    with pytest.raises(LookupError, match="Known slots: top, above, below"):
        form.slot("footer")


def test_the_form_of_an_action_is_arranged_alike() -> None:
    def move(self: Customer, to: str, fast: bool = False, why: str = "none") -> None: ...

    action = ActionView("move", "Move", move)
    form = Form.for_action(ModelSource(Customer), Customer(name="a"), action)

    html = written(form.layout(Row("fast", "to")).show_if("why", fast=True))

    assert labels(html) == ["Fast", "To", "Why"]
    assert "show-if" in html
