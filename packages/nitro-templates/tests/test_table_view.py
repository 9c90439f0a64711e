"""What the URL of a table says: order, columns, size of pages, count; and what is refused."""

import html as html_text
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from nitro_templates.asking import Ask
from nitro_templates.context import rendering
from nitro_templates.html import Tag
from nitro_templates.page import Page
from nitro_templates.sources import Asked, Rows
from nitro_templates.table import Column, Table, TableView
from support.tables import Cities, cities, context_of, key_of, many, table_of, written


def names(html: str) -> list[str]:
    return re.findall(r'data-label="Name">([^<]*)<', html)


def href(html: str, id: str) -> str:
    found = re.search(rf'<a [^>]*id="{id}"[^>]* href="([^"]*)"', html)
    assert found is not None, html
    return html_text.unescape(found[1])


def added(html: str, id: str) -> str:
    found = re.search(rf'<a id="{id}"[^>]* data-nitro-add="([^"]*)"', html)
    assert found is not None, html
    return html_text.unescape(found[1])


def test_a_click_replaces_the_order_and_the_shift_key_adds_to_it() -> None:
    html = written(table_of(cities("Ulm", "Bonn")), "sort=people")

    assert href(html, "cities-sort-name") == "?sort=name"
    assert added(html, "cities-sort-name") == "?sort=people,name"
    assert added(html, "cities-sort-people") == "?sort=-people"


def test_the_shift_key_turns_a_field_round_and_then_takes_it_out() -> None:
    made = table_of(cities("Ulm", "Bonn"))

    assert added(written(made, "sort=people,name"), "cities-sort-name") == "?sort=people,-name"
    assert added(written(made, "sort=people,-name"), "cities-sort-name") == "?sort=people"


def test_only_the_first_of_several_has_aria_sort_and_all_say_their_place() -> None:
    html = written(table_of(cities("Ulm", "Bonn")), "sort=-people,name")

    assert html.count("aria-sort=") == 1
    assert 'aria-sort="descending" data-sorted="descending"><a id="cities-sort-people"' in html
    assert ">, first in the order, descending</span>" in html
    assert ">, second in the order, ascending</span>" in html
    assert '<span class="nitro-order" aria-hidden="true">2</span>' in html


def test_rows_come_in_the_order_of_several_fields() -> None:
    source = Cities((("a", "Ulm", 1), ("b", "Bonn", 2), ("c", "Aix", 1)))

    assert names(written(table_of(source), "sort=people,name")) == ["Aix", "Ulm", "Bonn"]


@pytest.mark.parametrize(
    "sort", ["password", "name,password", "name,name", "name,-name", "--name", ",", "-", "name,"]
)
def test_an_order_that_is_not_offered_is_a_message_and_nothing_else(sort: str) -> None:
    source = cities("Ulm")

    html = written(table_of(source), f"sort={sort}")

    assert "cannot be sorted that way" in html
    assert source.calls == ["slice   None None"]


def test_a_table_has_an_order_of_its_own_until_another_is_chosen() -> None:
    made = table_of(cities("Ulm", "Bonn")).sorted_by("-name")

    html = written(made)

    assert names(html) == ["Ulm", "Bonn"]
    assert 'aria-sort="descending"' in html
    assert href(html, "cities-sort-name") == "?sort=name"
    assert names(written(made, "sort=name")) == ["Bonn", "Ulm"]
    with pytest.raises(LookupError, match=r"'nam'.*name"):
        made.sorted_by("nam")
    with pytest.raises(ValueError, match="at most 4"):
        made.sorted_by("name", "people", "name", "people", "name")


def test_columns_are_chosen_in_the_url_in_their_own_order() -> None:
    made = table_of(cities("Ulm")).with_column_choice()

    html = written(made, "cols=people,name")
    one = written(made, "cols=people")

    assert html.index('data-label="Name"') < html.index('data-label="People"')
    assert 'data-label="Name"' not in one
    assert '<th scope="row" class="number" data-label="People">0</th>' in one
    assert "cols=people" in href(one, "cities-sort-people")


def test_the_usual_columns_are_no_choice_so_that_one_view_has_one_key() -> None:
    made = table_of(cities("Ulm")).with_column_choice()

    assert key_of(made, "cols=people,name") == key_of(made)
    assert key_of(made, "cols=name&cols=people") == key_of(made)
    assert key_of(made, "cols=name") != key_of(made)


def test_a_hidden_column_waits_until_it_is_chosen() -> None:
    made = (
        table_of(cities("Ulm")).columns("name", Column("people", hidden=True)).with_column_choice()
    )

    assert 'data-label="People"' not in written(made)
    assert 'data-label="People"' in written(made, "cols=name,people")
    assert re.search(r'value="people"(?! checked)', written(made))


def test_only_declared_columns_can_be_chosen() -> None:
    made = table_of(cities("Ulm")).columns("name").with_column_choice()

    html = written(made, "cols=name,people,password")

    assert "not offered here" in html
    assert 'data-label="People"' not in html
    assert "not offered here" in written(table_of(cities("Ulm")), "cols=name")


def test_the_size_of_a_page_can_be_chosen_from_what_is_offered() -> None:
    made = table_of(many(60)).pages(10, sizes=(10, 50))

    html = written(made, "size=50")

    assert len(names(html)) == 50
    assert href(html, "cities-size-10") == "?"
    assert 'aria-label="50 rows on a page" aria-current="true">50</a>' in html
    assert len(names(written(made, "size=10"))) == 10
    assert key_of(made, "size=10") == key_of(made)
    for wrong in ("49", "x", "-1", "500"):
        html = written(made, f"size={wrong}")
        assert "not offered here" in html
        assert len(names(html)) == 10


def test_no_other_size_need_be_offered() -> None:
    assert "nitro-sizes" not in written(table_of(many(60)).pages(20, sizes=()))


class Endless(Cities):
    def count(self, asked: Asked, *, cap: int | None) -> int:
        self.calls.append(f"count {cap}")
        return 1_234_567 if cap is None else cap + 1


def endless() -> Endless:
    return Endless(many(30).rows)


def test_the_exact_count_is_a_link_and_a_question() -> None:
    made = table_of(endless())

    html = written(made, "sort=name")

    assert "10,000+ cities" in html
    assert parse_qs(href(html, "cities-exactly")[1:]) == {"sort": ["name"], "count": ["exact"]}
    assert "1,234,567 cities" in written(made, "count=exact")
    answer = made.answer(Ask("count", "cities"), context_of("sort=name"))
    assert str(answer) == (
        '<div id="cities-status" class="nitro-status">'
        '<p class="nitro-count">1,234,567 cities</p></div>'
    )


def test_the_count_can_be_exact_or_left_out() -> None:
    exact, none = endless(), endless()

    assert "1,234,567 cities" in written(table_of(exact).pages(20, count="exact"))
    html = written(table_of(none).pages(20, count="none"))
    assert "20 cities on this page" in html
    assert [call for call in none.calls if call.startswith("count")] == []
    assert table_of(none).pages(20, count="none").answer(Ask("count", "c"), context_of()) is None
    with pytest.raises(ValueError, match="capped, exact, none"):
        table_of(none).pages(20, count="roughly")


def test_parameters_of_the_transport_are_no_part_of_the_view() -> None:
    made = table_of(cities("Ulm"))

    assert key_of(made, "_ask=count:cities&_q=x&datastar={}") == key_of(made)


def test_a_cell_of_its_own_keeps_label_and_order() -> None:
    made = table_of(cities("Ulm")).cell("name", lambda city: Tag("b")(city.name))

    html = written(made)

    assert 'data-label="Name"><b>Ulm</b></th>' in html
    assert href(html, "cities-sort-name") == "?sort=name"
    with pytest.raises(LookupError, match=r"'nam'.*name, people"):
        made.cell("nam", str)


def test_rows_can_lead_somewhere_and_never_to_a_script() -> None:
    html = written(table_of(cities("<Ulm>")).rows_link(lambda city: f"/cities/{city.id}?a&b"))

    assert '<a href="/cities/c0?a&amp;b">&lt;Ulm&gt;</a></th>' in html
    assert 'href="#">&lt;Ulm' in written(
        table_of(cities("<Ulm>")).rows_link(lambda city: "javascript:alert(1)")
    )


def test_rows_can_have_classes() -> None:
    made = table_of(cities("Ulm", "Bonn")).row_class(
        lambda city: 'big "x"' if city.name == "Ulm" else None
    )

    html = written(made)

    assert '<tr id="cities-c0" class="big &#34;x&#34;"><th' in html
    assert '<tr id="cities-c1"><th' in html


def test_slots_take_what_is_put_into_them() -> None:
    made = (
        table_of(cities())
        .slot("toolbar", Tag("b")("<tools>"))
        .slot("above", "over")
        .slot("below", "under")
        .slot("empty", Tag("p")("Add the first city"))
    )

    html = written(made)

    assert '<div class="nitro-toolbar"><b>&lt;tools&gt;</b></div>over<div id="cities-view"' in html
    assert "<p>Add the first city</p></div>under" in html
    assert key_of(made) != key_of(made.slot("empty", "Nothing"))
    with pytest.raises(LookupError, match="toolbar, above, below, empty"):
        made.slot("left", "x")


def test_a_table_can_be_looked_at_again_and_again() -> None:
    made = table_of(cities("Ulm")).reactive(False, every="5s")
    (view,) = made.views(context_of())

    assert 'data-nitro-every="5000"' in written(made)
    assert view.topics == frozenset()
    assert table_of(cities()).reactive(every="2m").views(context_of())[0].topics == {"City"}
    for wrong in ("5", "100ms", "soon", "-1s"):
        with pytest.raises(ValueError, match="'5s'"):
            made.reactive(every=wrong)


class Shouting(TableView):
    def write_nothing(self) -> str:
        return "<p>NOTHING</p>"


class Shouts(Table):
    view_class = Shouting

    def toolbar(self, context: Any, view: TableView) -> Any:
        return Tag("header")(super().toolbar(context, view), "mine")


def test_a_subclass_overrides_one_part() -> None:
    made = Shouts()
    made._definition = table_of(cities())._definition

    html = written(made.with_search())

    assert "<p>NOTHING</p>" in html
    assert html.index("<header>") < html.index('type="search"') < html.index("mine</header>")
    assert key_of(made) != key_of(table_of(cities()))


class Down(Cities):
    def slice(self, asked: Asked, *, size: int, after: str | None, before: str | None) -> Rows:
        msg = "connection refused"
        raise ConnectionError(msg)


def test_a_store_that_is_down_is_a_message_with_a_way_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    html = written(table_of(Down(many(3).rows)).with_search(), "q=x&sort=name")

    assert "The cities cannot be read at the moment." in html
    assert '<a href="?q=x&amp;sort=name" data-nitro-view>Try again</a>' in html
    assert 'data-on-interval__duration.3s="nitro.again()"' in html
    assert "connection refused" not in html
    assert 'type="search"' in html
    assert "cannot be read" in caplog.text


class Broken(Cities):
    def stream(self, asked: Asked, *, batch: int = 500) -> Iterator[list[Any]]:
        raise NotImplementedError

    def slice(self, asked: Asked, *, size: int, after: str | None, before: str | None) -> Rows:
        msg = "a mistake"
        raise ZeroDivisionError(msg)


def test_a_mistake_of_the_program_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        written(table_of(Broken()))


def test_only_the_first_table_of_a_page_has_url_parameters_without_a_prefix() -> None:
    first, second = (
        table_of(cities("Ulm")).with_search(),
        table_of(Cities(slug="towns")).with_search(),
    )
    named = table_of(cities("Aix")).named("third").with_search()
    page = Page(named, first, second, title="Three")

    with rendering(context_of("q=Ann&towns-q=Ben")):
        html = str(page)

    boxes = re.findall(r'type="search" name="([^"]*)" value="([^"]*)"', html)
    assert boxes == [
        ("third-q", ""),
        ("q", "Ann"),
        ("towns-q", "Ben"),
    ]
