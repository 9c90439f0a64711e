from datetime import datetime
from urllib.parse import parse_qs

import pytest
from pydantic import BaseModel

from nitro_templates.fields.describe import fields_of
from nitro_templates.html import Fragment, Tag
from nitro_templates.sources import Asked
from nitro_templates.table import Column, Table
from nitro_templates.table.columns import bind
from support.tables import Cities, City, cities, context_of, key_of, links, many, table_of, written


def test_what_is_too_wide_scrolls_in_a_region_that_the_keyboard_reaches() -> None:
    html = written(table_of(cities("Ulm")).caption("Our <cities>"))

    region = (
        '<div class="nitro-scroll" role="region" tabindex="0" aria-labelledby="cities-caption"'
    )
    assert region in html
    assert '<caption id="cities-caption" class="nitro-hidden">Our &lt;cities&gt;</caption>' in html


def test_links_that_change_the_view_have_ids_so_that_a_patch_keeps_the_focus() -> None:
    made = table_of(many(30)).named("big")

    first, last = written(made), written(made, "big-after=20")

    assert '<a id="big-sort-name" href=' in first
    assert '<a id="big-next" rel="next" href=' in first
    assert '<a id="big-next" role="link" aria-disabled="true" tabindex="-1">Next</a>' in last
    assert '<a id="big-prev" rel="prev" href=' in last


def test_numbers_times_and_ids_are_kept_on_one_line() -> None:
    class Visit(BaseModel):
        city_id: str
        at: datetime
        people: int
        note: str

    classes = [column.css_class for column in bind(None, fields_of(Visit))]

    assert classes == [' class="whole"', ' class="whole"', ' class="number"', ""]


def test_called_directly_it_is_the_plain_tag() -> None:
    assert str(Table(Tag("tr")(), cls="x")) == '<table class="x"><tr></tr></table>'
    assert str(Table(id="t")(Tag("tr")())) == '<table id="t"><tr></tr></table>'


def test_rows_are_escaped_and_have_ids_and_a_heading_cell() -> None:
    html = written(table_of(cities("<Ulm>")))

    assert '<tr id="cities-c0"><th scope="row" data-label="Name">&lt;Ulm&gt;</th>' in html
    assert '<td class="number" data-label="People">0</td>' in html
    assert ">Cities</caption>" in html


def test_the_live_part_is_one_element_with_an_id() -> None:
    made = table_of(cities("Ulm")).with_search()
    (view,) = made.views(context_of())

    assert view.render().startswith('<div id="cities-view"')
    assert view.render() in written(made)
    assert view.topics == {"City"}


def test_the_search_box_is_outside_the_live_part() -> None:
    made = table_of(cities("Ulm")).with_search()

    assert 'type="search"' in written(made)
    assert 'type="search"' not in made.views(context_of())[0].render()


def test_a_table_that_is_not_reactive_has_no_views() -> None:
    assert table_of(cities("Ulm")).reactive(False).views(context_of()) == ()


def test_views_inside_a_page_are_found() -> None:
    page = Fragment(Tag("div")(table_of(cities("Ulm"))))

    assert len(page.views(context_of())) == 1


def test_sort_links_turn_around_and_say_the_order() -> None:
    made = table_of(cities("Ulm", "Bonn"))

    assert 'href="?sort=name" data-nitro-view>Name</a>' in written(made)
    html = written(made, "sort=name")
    heading = 'aria-sort="ascending" data-sorted="ascending"><a id="cities-sort-name" '
    assert heading + 'href="?sort=-name"' in html
    assert html.index("Bonn") < html.index("Ulm")
    assert 'aria-sort="descending"' in written(made, "sort=-name")


def test_a_forged_order_is_refused_in_words_and_never_reaches_the_store() -> None:
    source = cities("Ulm")

    html = written(table_of(source), "sort=password&after=5")

    assert "cannot be sorted that way" in html
    assert "Ulm" in html
    assert source.calls == ["slice   None None"]


def test_a_broken_place_shows_the_first_page_and_says_so() -> None:
    html = written(table_of(cities("Ulm")), "after=rubbish")

    assert "no longer there" in html
    assert "Ulm" in html


def test_pages_have_links_to_their_neighbours_that_keep_the_rest() -> None:
    made = table_of(many(50)).with_search().pages(20)

    first = written(made, "q=town&tab=2")
    following = links(first, "next")
    second = written(made, following.removeprefix("?"))

    assert parse_qs(following[1:]) == {"q": ["town"], "tab": ["2"], "after": ["20"]}
    assert "Town 20<" in second
    assert "Town 19<" not in second
    assert parse_qs(links(second, "prev")[1:])["before"] == ["20"]
    assert 'rel="prev"' not in first


def test_the_count_is_capped_and_one_page_needs_no_count() -> None:
    small, large = many(3), many(30)

    assert "3 cities" in written(table_of(small))
    assert [call for call in small.calls if call.startswith("count")] == []
    assert "30 cities" in written(table_of(large))
    assert large.calls[-1] == "count 10000"


def test_more_than_the_cap_is_written_with_a_plus() -> None:
    class Endless(Cities):
        def count(self, asked: Asked, *, cap: int | None) -> int:
            return 1_234_567 if cap is None else cap + 1

    assert "10,000+ cities" in written(table_of(Endless(many(30).rows)))


def test_search_shows_what_it_found_and_what_it_did_not() -> None:
    made = table_of(cities("Ulm", "Bonn")).with_search()

    assert "1 city found for “ulm”" in written(made, "q=ulm")
    html = written(made, "q=<x>")
    assert "No cities match “&lt;x&gt;”." in html
    assert 'value="&lt;x&gt;"' in html


def test_an_empty_table_says_so() -> None:
    assert "No cities yet." in written(table_of(cities()))
    assert "Nothing here" in written(table_of(cities()).when_empty("Nothing here"))


def test_actions_are_links_whose_names_include_the_row() -> None:
    html = written(table_of(cities("Paris")).with_actions(["create", "edit", "delete", City.grow]))

    assert '<a href="/cities/new" data-nitro-dialog' in html
    assert (
        '<a href="/cities/c0/edit" data-nitro-dialog id="cities-c0-edit" '
        'aria-label="Edit Paris">Edit</a>'
    ) in html
    assert (
        'href="/cities/c0/delete" data-nitro-dialog id="cities-c0-delete" '
        'aria-label="Delete Paris" class="danger"' in html
    )
    assert 'href="/cities/c0/grow"' in html
    assert '<th scope="col" class="nitro-actions">Actions</th><' in html


def test_only_what_the_caller_may_do_is_shown_and_asked_once() -> None:
    asked: list[str] = []

    def can(operation: str, target: object) -> bool:
        asked.append(operation)
        return operation == "update"

    made = table_of(many(5)).with_actions(["create", "edit", "delete"])
    html = written(made, can=can)

    assert "/edit" in html
    assert "/delete" not in html
    assert "/new" not in html
    assert sorted(asked) == ["create", "delete", "update"]


def test_an_unknown_action_is_named_with_the_known_ones() -> None:
    with pytest.raises(LookupError, match=r"'shrink'.*grow"):
        table_of(cities()).with_actions(["shrink"])


def test_columns_choose_compute_and_name_what_is_unknown() -> None:
    made = table_of(cities("Ulm")).columns("people", Column("shout", lambda city: city.name + "!"))

    html = written(made)

    assert "Ulm!" in html
    assert ">Name<" not in html
    assert "sort=shout" not in html
    with pytest.raises(LookupError, match=r"'nam'.*name"):
        made.columns("nam")


def test_a_column_may_answer_an_element() -> None:
    made = table_of(cities("Ulm")).columns(Column("name", lambda city: Tag("b")(city.name)))

    assert "<b>Ulm</b>" in written(made)


def test_equal_definitions_have_equal_keys_in_every_request() -> None:
    def make() -> Table:
        return (
            table_of(cities("Ulm"))
            .columns("name", Column("x", lambda city: city.people))
            .with_actions(["edit"])
            .with_search()
        )

    assert key_of(make(), "q=u&sort=name") == key_of(make(), "q=u&sort=name")
    assert hash(key_of(make())) == hash(key_of(make()))


def test_what_makes_a_difference_is_in_the_key() -> None:
    made = table_of(cities("Ulm")).with_actions(["edit"]).with_search()
    keys = [
        key_of(made),
        key_of(made, "q=u"),
        key_of(made, "sort=name"),
        key_of(made, "after=1"),
        key_of(made, "tab=2"),
        key_of(made.pages(5)),
        key_of(made.columns("name")),
        key_of(made, can=lambda operation, target: False),
    ]

    assert len(set(keys)) == len(keys)


def test_functions_with_a_closure_are_not_shared() -> None:
    def make(factor: int) -> Table:
        return table_of(cities("Ulm")).columns(Column("x", lambda city: city.people * factor))

    assert key_of(make(2)) != key_of(make(3))


def test_what_datastar_adds_to_the_query_is_not_kept() -> None:
    html = written(table_of(cities("Ulm")), "datastar=%7B%7D")

    assert 'href="?sort=name"' in html


def test_two_tables_on_a_page_keep_apart() -> None:
    made = table_of(many(30)).named("big").with_search()

    html = written(made, "big-q=town&q=ulm")

    assert 'id="big-view"' in html
    assert 'name="big-q" value="town"' in html
    assert parse_qs(links(html, "next")[1:]) == {
        "big-q": ["town"],
        "q": ["ulm"],
        "big-after": ["20"],
    }


@pytest.mark.parametrize("size", [0, 501])
def test_a_page_has_a_sensible_size(size: int) -> None:
    with pytest.raises(ValueError, match="500"):
        table_of(cities()).pages(size)


def test_the_id_can_be_a_column_too() -> None:
    bound = bind(["id"], ())

    assert [(column.name, column.label, column.sortable) for column in bound] == [
        ("id", "Id", False)
    ]


def test_columns_of_the_same_names_are_equal_so_their_rows_are_compiled_once() -> None:
    fields = fields_of(City)

    assert bind(["name", "id"], fields) == bind(["name", "id"], fields)
