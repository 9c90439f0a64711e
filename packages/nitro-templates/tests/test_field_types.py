"""Which widget a type gets, what `ui` says about it, and how its values read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.metadata import EntryPoint
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import AnyUrl, AwareDatetime, Base64Bytes, BaseModel, ConfigDict, Field, SecretStr

from nitro_templates.fields import FieldView, Shown, fields_of, register_widget, registry, ui
from nitro_templates.fields.formats import field_text, read_text
from nitro_templates.fields.inputs import input_of
from nitro_templates.html import Element, Tag


class Part(BaseModel):
    name: str
    price: Annotated[Decimal, ui(currency="EUR")] = Decimal(1)


class Secretive(BaseModel):
    name: str
    token: SecretStr


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


class Endless(BaseModel):
    name: str
    children: list[Endless] = []


class Money:
    """A type that pydantic does not know."""


def view_for(annotation: Any, default: Any = ...) -> FieldView | None:
    model = type("Thing", (BaseModel,), {
        "__annotations__": {"value": annotation},
        "model_config": ConfigDict(arbitrary_types_allowed=True),
        **({} if default is ... else {"value": default}),
    })  # fmt: skip
    return next(iter(fields_of(model)), None)


def view_of(annotation: Any, default: Any = ...) -> FieldView:
    view = view_for(annotation, default)
    assert view is not None
    return view


def html_of(annotation: Any, text: str = "") -> str:
    return str(input_of(Shown(view_of(annotation), "f", text)))


@pytest.mark.parametrize(
    ("annotation", "widget"),
    [
        (Annotated[Decimal, ui(currency="EUR")], "money"),
        (Annotated[str, ui(rows=3)], "textarea"),
        (AwareDatetime, "moment"),
        (ZoneInfo, "timezone"),
        (AnyUrl, "url"),
        (list[int], "list"),
        (Part, "nested"),
        (Part | None, "nested"),
        (list[Part], "list"),
        (Annotated[str, ui(widget="phone")], "phone"),
        (bytes | None, "file"),
        (Annotated[bytes, ui(widget="file")], "file"),
        (Annotated[SecretStr, ui(widget="secret")], "secret"),
    ],
    ids=str,
)
def test_a_type_has_its_widget(annotation: Any, widget: str) -> None:
    assert view_of(annotation).widget == widget


@pytest.mark.parametrize(
    "annotation",
    [
        int | str,
        dict[str, int],
        tuple[int, str],
        Base64Bytes,
        list[bytes],
        SecretStr,
        Secretive,
        list[Secretive],
        Open,
        Endless,
        list[dict[str, int]],
        Money,
    ],
    ids=str,
)
def test_what_a_form_cannot_show_completely_is_left_out(annotation: Any) -> None:
    assert view_for(annotation) is None


def test_lists_and_nested_models_know_what_is_inside() -> None:
    view = view_of(Annotated[list[Part], Field(min_length=1, max_length=3)])

    assert (view.kind, view.many, view.required) == (Part, True, True)
    assert [field.name for field in view.fields] == ["name", "price"]
    assert view.limits == {"minitems": "1", "maxitems": "3"}
    assert not view.sortable
    assert not view.filterable


def test_a_default_list_is_shown_in_the_form() -> None:
    assert view_of(list[int], [1, 2]).default == [1, 2]


def test_ui_says_everything_else() -> None:
    said = ui(
        unit="kg",
        editable=False,
        filterable=False,
        sortable=False,
        show_if={"kind": "box"},
        autocomplete="off",
        placeholder="70",
    )
    view = view_of(Annotated[int, said])

    assert (view.unit, view.editable, view.filterable, view.sortable) == (
        "kg",
        False,
        False,
        False,
    )
    assert (view.show_if, view.autocomplete, view.placeholder) == ({"kind": "box"}, "off", "70")


def test_rows_less_than_one_are_refused() -> None:
    with pytest.raises(ValueError, match="rows=0"):
        ui(rows=0)


def test_a_unit_stands_beside_the_number_and_is_read_with_it() -> None:
    html = html_of(Annotated[float, ui(unit="kg")], "70")

    assert 'aria-describedby="f-unit"' in html
    assert '<span id="f-unit" class="nitro-unit">kg</span>' in html


def test_limits_become_attributes_where_the_browser_can_use_them() -> None:
    text = html_of(Annotated[str, Field(min_length=2, max_length=9, pattern="^[a-z]{2}$")])
    odd = html_of(Annotated[str, Field(pattern=r"^\p{Lu}+$")])
    day = html_of(Annotated[date, Field(ge=date(2026, 1, 2))])

    assert 'minlength="2" maxlength="9" pattern="[a-z]{2}"' in text
    assert "pattern" not in odd
    assert 'min="2026-01-02"' in day


def test_a_moment_is_shown_in_utc_and_another_offset_as_text() -> None:
    assert 'value="2026-01-02T03:04:05" ' in html_of(AwareDatetime, "2026-01-02T03:04:05Z")
    assert 'type="text"' in html_of(AwareDatetime, "2026-01-02T03:04:05+01:00")


@pytest.mark.parametrize("widget", ["url", "email", "phone"])
def test_what_a_browser_would_strip_stays_plain_text(widget: str) -> None:
    assert 'type="text"' in html_of(Annotated[str, ui(widget=widget)], " x ")
    assert 'type="text"' not in html_of(Annotated[str, ui(widget=widget)], "x")


def test_a_secret_is_never_written() -> None:
    html = html_of(Annotated[SecretStr, ui(widget="secret")], "hush")

    assert "hush" not in html
    assert 'autocomplete="new-password"' in html


def slider(shown: Shown) -> Element:
    return Tag("input", void=True)(type="range", **shown.attributes)


def test_a_widget_for_a_type_is_used_for_it_and_what_comes_from_it() -> None:
    register_widget(int, slider)

    assert 'type="range"' in html_of(int, "3")
    assert 'type="range"' not in html_of(Annotated[int, ui(widget="integer")], "3")


def test_a_type_without_a_widget_gets_one_by_registering() -> None:
    register_widget(Money, slider)

    assert 'type="range"' in html_of(Money, "3")


def test_a_built_in_widget_can_be_replaced_by_name() -> None:
    register_widget("integer", slider)

    assert 'type="range"' in html_of(int, "3")


def test_a_package_can_offer_widgets(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = EntryPoint("dial", f"{__name__}:slider", registry.GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda self: slider)
    found: Callable[..., list[EntryPoint]] = lambda **asked: (  # noqa: E731
        [offered] if asked == {"group": "nitro.widgets", "name": "dial"} else []
    )
    monkeypatch.setattr(registry, "entry_points", found)

    assert 'type="range"' in html_of(Annotated[int, ui(widget="dial")], "3")


@pytest.mark.parametrize(
    ("annotation", "value", "text"),
    [
        (Annotated[Decimal, ui(currency="EUR")], Decimal("1234.5"), "1,234.50\xa0EUR"),
        (Annotated[Decimal, ui(currency="JPY")], Decimal(1234), "1,234\xa0JPY"),
        (Annotated[Decimal, ui(currency="EUR")], Decimal("0.125"), "0.125\xa0EUR"),
        (Annotated[int, ui(unit="kg")], 7, "7\xa0kg"),
        (list[str], ["a", "b"], "a, b"),
        (list[str], ["a, b", "c"], "a, b; c"),
        (set[int], {2, 1}, "1, 2"),
        (Part, Part(name="Bolt", price=Decimal(2)), "Bolt, 2.00\xa0EUR"),
        (list[Part], [Part(name="Bolt")], "Bolt, 1.00\xa0EUR"),
        (AwareDatetime, datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02 03:04 UTC"),
        (Part | None, None, ""),
    ],
    ids=str,
)
def test_values_read_as_their_field_says(annotation: Any, value: object, text: str) -> None:
    assert field_text(view_of(annotation), value) == text


def test_what_stands_in_inputs_reads_for_people() -> None:
    assert read_text(view_of(list[Part]), '[{"name": "Bolt", "price": "2"}]') == "Bolt, 2"
    assert read_text(view_of(bool), "true") == "Yes"
    assert read_text(view_of(list[int]), "no json") == ""
