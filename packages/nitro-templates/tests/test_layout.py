"""What the stylesheet promises, measured in a real browser."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from pydantic import BaseModel

from nitro_templates import shell
from nitro_templates.context import FormState, RenderContext, rendering
from nitro_templates.fields.describe import FieldView, fields_of
from nitro_templates.form import Form
from nitro_templates.page import Page
from nitro_templates.sources import ActionView
from nitro_templates.table import Table
from nitro_templates.table.columns import bind
from nitro_templates.table.definition import Definition
from nitro_templates.tags import Div, P

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

    from nitro_templates.html import Child

WIDTHS = (320, 390, 639, 640, 768, 1023, 1024, 1440, 1920)


class City(BaseModel):
    name: str
    country: str
    country_id: str
    population: int
    latitude: float
    longitude: float
    timezone: str
    seen: datetime


MANY = [
    City(
        name="Llanfairpwllgwyngyllgogerychwyrndrobwll" if n == 3 else f"Saint Town {n}",
        country="GB",
        country_id="01a1fc1a-389c-009c-9363-1b9c9de4d1f3",
        population=10_000_000 + n,
        latitude=-53.22123,
        longitude=-104.20123,
        timezone="America/Argentina/Buenos_Aires",
        seen=datetime(2026, 5, 1, 12, 30, tzinfo=UTC),
    )
    for n in range(20)
]


@dataclass(frozen=True, slots=True)
class Rows:
    items: Sequence[City]
    next: str | None = "20"
    previous: str | None = "0"


@dataclass(frozen=True)
class Cities:
    """The middle page of a list that does not end."""

    model: ClassVar[type[City]] = City
    slug: ClassVar[str] = "cities"
    label: ClassVar[str] = "City"
    plural: ClassVar[str] = "Cities"
    topics: ClassVar[frozenset[str]] = frozenset({"City"})
    key: ClassVar[Hashable] = "cities"
    fields: ClassVar[tuple[FieldView, ...]] = fields_of(City)
    actions: ClassVar[Mapping[str, ActionView]] = {}

    def new_id(self) -> str | None:
        return None

    def id_of(self, thing: Any) -> str:
        return str(thing.name)

    def title_of(self, thing: Any) -> str:
        return str(thing.name)

    def values_of(self, thing: Any) -> Mapping[str, object]:
        return {}

    def slice(self, asked: object, **where: object) -> Rows:
        return Rows(MANY)

    def count(self, asked: object, *, cap: int | None) -> int:
        return 50


def cities() -> Table:
    source: Any = Cities()
    made = Table()
    made._definition = Definition(source, bind(None, source.fields))
    return made.with_actions(["create", "edit", "delete"]).with_search()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def show(tab: Tab, *content: Child, width: int = 1024, **context: Any) -> None:
    tab.set_viewport_size({"width": width, "height": 800})
    with rendering(RenderContext(**context)):
        # without an adapter the stylesheet stands in the page
        tab.set_content(str(Page(*content, title="Cities of the world")))


def sticks_out(tab: Tab) -> int:
    found: int = tab.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return found


def test_no_page_scrolls_sideways_at_any_width(tab: Tab) -> None:
    form = Form.from_entity(City)
    word = "x" * 300
    refused = FormState(values={"name": word}, errors={"name": word, "population": "No number"})
    found: dict[tuple[str, int], int] = {}

    for name, content in (("table", cities()), ("form", form)):
        show(tab, content, forms={form.key: refused})
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 800})
            found[name, width] = sticks_out(tab)

    assert {where: by for where, by in found.items() if by > 0} == {}


def test_a_table_is_named_by_a_caption_that_is_not_seen(tab: Tab) -> None:
    show(tab, cities())
    box = tab.locator("caption").bounding_box()

    assert tab.get_by_role("table", name="Cities").count() == 1
    assert tab.get_by_role("region", name="Cities").count() == 1
    assert box is not None
    assert max(box["width"], box["height"]) <= 1


LINES = """
cell => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size;
}
"""


@pytest.mark.parametrize("width", [640, 768, 1024])
def test_numbers_ids_and_times_stay_on_one_line(tab: Tab, width: int) -> None:
    show(tab, cities(), width=width)
    cells = tab.locator("tbody tr").first.locator(".number, .whole").all()

    assert [cell.evaluate(LINES) for cell in cells] == [1] * 5


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_every_link_and_button_is_large_enough_to_hit(tab: Tab, width: int) -> None:
    show(tab, cities(), width=width)
    links = tab.locator("tbody a, thead a, .nitro-pager a, button, .nitro-toolbar a").all()
    heights = [(box := link.bounding_box()) and box["height"] for link in links]

    assert len(heights) > 40
    assert min(height for height in heights if height is not None) >= 24


def test_the_actions_of_a_row_are_in_sight_when_it_is_too_wide(tab: Tab) -> None:
    show(tab, cities(), width=700)
    scrolls = tab.evaluate(
        "() => { const box = document.querySelector('.nitro-scroll');"
        " return box.scrollWidth > box.clientWidth }"
    )
    box = tab.get_by_role("link", name="Delete Saint Town 1", exact=True).bounding_box()

    assert scrolls
    assert box is not None
    assert box["x"] + box["width"] <= 700


def test_on_a_phone_rows_are_cards_that_can_be_sorted(tab: Tab) -> None:
    show(tab, cities(), width=320)
    card = tab.locator("tbody tr").first
    heading = card.locator("th").bounding_box()
    value = card.locator("td").first.bounding_box()

    assert heading is not None
    assert value is not None
    assert value["y"] >= heading["y"] + heading["height"]
    assert tab.get_by_role("link", name="Population", exact=True).is_visible()
    assert tab.get_by_text("Actions", exact=True).is_hidden()


@pytest.mark.parametrize("width", [320, 1024])
def test_messages_let_clicks_through_beside_them_and_spare_the_pager(tab: Tab, width: int) -> None:
    show(tab, cities(), width=width)
    toasts = Div(shell.toast("Saved"), shell.toast("One more"), id="nitro-toasts")
    tab.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", str(toasts))
    tab.evaluate("() => scrollTo(0, document.body.scrollHeight)")

    # both fail when something lies over the link
    tab.get_by_role("link", name="Next").click(trial=True, timeout=2000)
    tab.get_by_role("link", name="Previous").click(trial=True, timeout=2000)
    styles = "el => getComputedStyle(el).pointerEvents"
    assert tab.locator("#nitro-toasts").evaluate(styles) == "none"
    assert tab.locator(".nitro-toast").first.evaluate(styles) == "auto"


def test_a_long_dialog_keeps_its_close_button_in_sight(tab: Tab) -> None:
    show(tab, shell.dialog(), width=320)
    long = shell.dialog_content([P(f"Line {n}") for n in range(100)], title="Long")
    tab.evaluate(
        "html => { const box = document.getElementById('nitro-dialog-content');"
        " box.outerHTML = html; document.getElementById('nitro-dialog').showModal() }",
        str(long),
    )
    tab.get_by_text("Line 99").scroll_into_view_if_needed()

    box = tab.get_by_role("button", name="Close").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 100
