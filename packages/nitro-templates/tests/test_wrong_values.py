"""What an option cannot be is refused where it is given, and the error says what it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from nitro_templates import (
    Card,
    Form,
    Frame,
    Navigation,
    Page,
    Presence,
    Step,
    configure,
)
from nitro_templates.components import Sidebar
from nitro_templates.html import Element
from support.tables import cities, table_of


class Berth(BaseModel):
    name: str
    length: int = 0


SETTINGS: dict[str, list[Any]] = {
    "asset_base": [3],
    "csp_sources": ["img-src", ["img-src"]],
    "datastar": [3, ["datastar.js"]],
    "expressions": [3, [3]],
    "icon": [3],
    "lang": [3, ["de"], "Deutsch (de)"],
    "languages": [3, [3], ["?"]],
    "layout": [3, "yes", Sidebar, Frame, lambda content: content],
    "locale": ["de", lambda: "de"],
    "look": [3, {"accent": "#0b7285"}],
    "nonce": ["abc"],
    "presence": [3, "yes"],
    "stylesheets": [3, [3], "app.scss"],
    "theme": [3, "blue"],
    "translation_domain": [3],
    "translations": [3, [3]],
    "zone": [3, "Zurich"],
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_says_what_it_takes(name: str) -> None:
    wrong: Any
    for wrong in SETTINGS[name]:
        with pytest.raises(ValueError, match=r"takes|is no language|is 'light'|is the name of"):
            configure(**{name: wrong})


def test_one_language_for_all_readers_is_no_locale() -> None:
    with pytest.raises(ValueError, match="lang='de'"):
        configure(locale="de")  # type: ignore[arg-type]


def test_a_class_of_elements_is_a_layout() -> None:
    class Around(Element):
        def __init__(self, content: Element, context: object) -> None:
            raise NotImplementedError

    configure(layout=Around)


def table() -> Any:
    return table_of(cities("Ulm", "Bonn"))


def form() -> Any:
    return Form.from_entity(Berth)


def card() -> Any:
    return Card.from_entity(Berth(name="A"))


WRONG: dict[str, Callable[[], Any]] = {
    "Page(lang=…)": lambda: Page(lang="<b>"),
    "Page(theme=…)": lambda: Page(theme="blue"),  # type: ignore[arg-type]
    "Page(live=…)": lambda: Page(live="yes"),  # type: ignore[arg-type]
    "Page(heading=…)": lambda: Page(heading="Berths"),  # type: ignore[arg-type]
    "Page(icon=…)": lambda: Page(icon=3),  # type: ignore[arg-type]
    "Page(topics=…)": lambda: Page(topics=3),  # type: ignore[arg-type]
    "Page(head=…)": lambda: Page(head="<meta>"),
    "within()": lambda: Page().within(Frame),  # type: ignore[arg-type]
    "Presence()": lambda: Presence(3),
    "Presence(editing=…)": lambda: Presence(editing="yes"),  # type: ignore[arg-type]
    "Navigation()": lambda: Navigation("/"),  # type: ignore[arg-type]
    "Frame(navigation=…)": lambda: Frame("Port", ["/"]),  # type: ignore[list-item]
    "Sidebar(links=…)": lambda: Sidebar("Port", ["/"]),  # type: ignore[list-item]
    "with_actions()": lambda: card().with_actions("edit"),
    "columns()": lambda: card().columns(["name"]),
    "reactive()": lambda: card().reactive("5s"),
    "parts(title=…)": lambda: card().parts(title="Berth"),
    "steps()": lambda: form().steps("Who", "name"),
    "with_undo()": lambda: form().with_undo("no"),
    "named()": lambda: form().named(3),
    "keyed()": lambda: form().keyed(3),
    "on_saved()": lambda: form().on_saved(3),
}


OF_TABLES: dict[str, Callable[[], Any]] = {
    "columns()": lambda: table().columns(["name"]),
    "cell()": lambda: table().cell("name", "text"),
    "with_column_choice()": lambda: table().with_column_choice("name"),
    "with_actions()": lambda: table().with_actions("edit"),
    "with_bulk()": lambda: table().with_bulk("delete"),
    "with_export()": lambda: table().with_export(["csv"]),
    "with_export(bom=…)": lambda: table().with_export(bom="yes"),
    "with_export(separator=…)": lambda: table().with_export(separator=3),
    "editable()": lambda: table().editable(["name"]),
    "with_import()": lambda: table().with_import(["name"]),
    "with_import(rows=…)": lambda: table().with_import(rows="all"),
    "with_saved_views()": lambda: table().with_saved_views("mine"),
    "with_undo()": lambda: table().with_undo("no"),
    "with_search()": lambda: table().with_search(["name"]),
    "with_filters()": lambda: table().with_filters(["name"]),
    "sorted_by()": lambda: table().sorted_by(["name"]),
    "pages()": lambda: table().pages("20"),
    "pages(sizes=…)": lambda: table().pages(20, sizes=20),
    "reactive()": lambda: table().reactive("5s"),
    "reactive(every=…)": lambda: table().reactive(every=5),
    "rows_link()": lambda: table().rows_link("/cities"),
    "row_class()": lambda: table().row_class("urgent"),
    "named()": lambda: table().named(3),
    "when_empty()": lambda: table().when_empty(3),
}


@pytest.mark.parametrize("option", OF_TABLES)
def test_an_option_of_a_table_is_named_with_what_it_takes(option: str) -> None:
    with pytest.raises(TypeError) as caught:
        OF_TABLES[option]()

    assert str(caught.value).startswith(f"{option} takes ")


@pytest.mark.parametrize("option", WRONG)
def test_an_option_is_named_with_what_it_takes(option: str) -> None:
    with pytest.raises(TypeError) as caught:
        WRONG[option]()

    assert str(caught.value).startswith(f"{option} takes ")


@pytest.mark.parametrize("kind", [list, tuple, set, iter])
def test_actions_may_come_in_any_kind_of_list(kind: Callable[[Any], Any]) -> None:
    assert [item.name for item in card().with_actions(kind(["edit"]))._definition.actions] == [
        "edit"
    ]


def test_a_field_that_is_no_name_is_no_field() -> None:
    with pytest.raises(LookupError, match=r"No field \['name'\] in this form"):
        form().only(["name"])


def test_steps_say_how_one_is_written() -> None:
    with pytest.raises(TypeError, match=r"steps\(\) takes Step\('Who', 'name', 'mail'\)"):
        form().steps("Who", Step("Where", "length"))
