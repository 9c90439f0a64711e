import enum
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, SecretStr

from nitro_templates.fields import FieldView, fields_of, fields_of_signature, register_widget, ui
from nitro_templates.fields.cells import EMPTY_HTML, cell
from nitro_templates.fields.formats import field_text, input_text, text_of
from nitro_templates.fields.inputs import Shown, input_of
from nitro_templates.html import Element, Tag


class Size(enum.Enum):
    SMALL = "s"
    VERY_LARGE = "xl"


class Lamp(BaseModel):
    name: str = Field(max_length=80, description="Shown to customers")
    notes: str = Field("", max_length=2000)
    watts: Annotated[int, Field(gt=0)] | None = None
    price: Decimal = Decimal("9.50")
    lit: bool = False
    broken: bool | None = None
    size: Size = Size.SMALL
    mood: Literal["calm", "bright"] = "calm"
    made_on: date | None = None
    sold_at: datetime | None = None
    wakes_at: time | None = None
    token: SecretStr = SecretStr("x")
    hidden: str = Field("h", exclude=True)
    parts: list[int] = []


def view(name: str) -> FieldView:
    return next(field for field in fields_of(Lamp) if field.name == name)


def html_of(field: FieldView, text: str) -> str:
    return str(input_of(Shown(field, "f", text)))


def test_the_annotation_decides_the_widget() -> None:
    widgets = {field.name: field.widget for field in fields_of(Lamp)}

    assert widgets == {
        "name": "text",
        "notes": "textarea",
        "watts": "integer",
        "price": "decimal",
        "lit": "checkbox",
        "broken": "select",
        "size": "select",
        "mood": "select",
        "made_on": "date",
        "sold_at": "datetime",
        "wakes_at": "time",
        "parts": "list",
    }


def test_secrets_and_excluded_fields_are_left_out() -> None:
    assert {"token", "hidden"}.isdisjoint(field.name for field in fields_of(Lamp))


def test_label_help_limits_and_choices_are_found() -> None:
    assert view("name").label == "Name"
    assert view("name").help == "Shown to customers"
    assert view("name").limits["maxlength"] == "80"
    assert view("name").required
    assert view("watts").limits["min"] == "0"
    assert view("watts").optional
    assert [choice.label for choice in view("size").choices] == ["Small", "Very large"]
    assert view("made_on").label == "Made on"


def test_ui_overrides_what_was_found_and_orders_the_fields() -> None:
    class Note(BaseModel):
        text: Annotated[str, ui(label="Words", widget="textarea", help="Short", order=2)]
        tag: Annotated[str, ui(hidden_in="table")] = ""

    tag, text = fields_of(Note)

    assert (text.label, text.widget, text.help) == ("Words", "textarea", "Short")
    assert tag.hidden_in == {"table"}


def test_an_unknown_view_in_hidden_in_is_named() -> None:
    with pytest.raises(ValueError, match="'tabel'"):
        ui(hidden_in="tabel")


def test_the_arguments_of_a_method_are_fields() -> None:
    def restock(self: object, quantity: Annotated[int, Field(gt=0)], note: str = "") -> None: ...

    quantity, note = fields_of_signature(restock)

    assert (quantity.widget, quantity.required) == ("integer", True)
    assert (note.widget, note.required, note.default) == ("text", False, "")


def test_an_argument_that_no_form_can_fill_in_is_named() -> None:
    def tag(self: object, names: dict[str, int]) -> None: ...

    with pytest.raises(TypeError, match="'names'"):
        fields_of_signature(tag)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "Yes"),
        (2026, "2026"),
        (1234567, "1,234,567"),
        (1234567.5, "1,234,567.5"),
        (9.5, "9.5"),
        (Decimal("12345.60"), "12,345.60"),
        (Size.VERY_LARGE, "Very large"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02 03:04"),
        ("plain", "plain"),
    ],
)
def test_values_read_well(value: object, text: str) -> None:
    assert text_of(value) == text


def test_an_input_gets_the_raw_text() -> None:
    assert input_text(view("price"), "1234567.5") == "1234567.5"
    assert input_text(view("watts"), 1234567) == "1234567"
    assert input_text(view("lit"), True) == "true"
    assert input_text(view("watts"), None) == ""


def test_a_cell_escapes_shortens_and_names_emptiness() -> None:
    assert cell("<b>&") == "&lt;b&gt;&amp;"
    assert cell("Europe/<b>") == "Europe/<wbr>&lt;b&gt;"
    assert cell(None) == EMPTY_HTML
    assert cell("x" * 121) == f'<span title="{"x" * 121}">{"x" * 119}…</span>'


def test_a_number_box_keeps_what_is_no_number() -> None:
    html = html_of(view("watts"), "12abc")

    assert 'value="12abc"' in html
    assert 'type="text"' in html
    assert 'inputmode="numeric"' in html


def test_text_with_line_breaks_gets_a_box_that_keeps_them() -> None:
    assert html_of(view("name"), "a\nb").startswith("<textarea")
    assert ">a\nb</textarea>" in html_of(view("name"), "a\nb")
    assert ">\n\na</textarea>" in html_of(view("name"), "\na")  # a browser drops the first one


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("made_on", "2026-01-02", "date"),
        ("made_on", "tomorrow", "text"),
        ("sold_at", "2026-01-02T03:04:05", "datetime-local"),
        ("sold_at", "2026-01-02T03:04:05.123456", "text"),
        ("sold_at", "2026-01-02T03:04:05Z", "text"),
        ("wakes_at", "", "time"),
    ],
)
def test_a_date_box_is_native_only_for_what_it_can_hold(name: str, text: str, kind: str) -> None:
    html = html_of(view(name), text)

    assert f'type="{kind}"' in html
    assert f'value="{text}"' in html


def test_a_select_keeps_a_value_that_is_no_choice() -> None:
    assert '<option value="huge" selected>huge</option>' in html_of(view("size"), "huge")


def test_a_required_select_picks_nothing_by_itself() -> None:
    assert '<option value="" selected>Choose size</option>' in html_of(view("size"), "")


def test_a_widget_of_your_own_is_used() -> None:
    def stars(shown: Shown) -> Element:
        return Tag("input", void=True)(type="range", **shown.attributes)

    class Review(BaseModel):
        score: Annotated[int, ui(widget="stars")] = 3

    register_widget("stars", stars)

    assert 'type="range"' in html_of(fields_of(Review)[0], "3")


def test_an_unknown_widget_is_named_with_the_known_ones() -> None:
    class Review(BaseModel):
        score: Annotated[int, ui(widget="starz")] = 3

    with pytest.raises(LookupError, match=r"'starz'.*textarea"):
        html_of(fields_of(Review)[0], "3")


def test_a_choice_reads_in_a_table_as_it_does_in_a_form() -> None:
    mood = next(field for field in fields_of(Lamp) if field.name == "mood")

    assert mood.read_by_field
    assert field_text(mood, "bright") == "Bright"
    assert field_text(mood, "of old") == "of old"
