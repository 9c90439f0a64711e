"""Filters by type and conditions in groups: what the URL says, and what is refused."""

import enum
import html as html_text
import random
import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import parse_qs, quote

import pytest
from pydantic import BaseModel

from nitro_templates.asking import Ask
from nitro_templates.fields.describe import fields_of
from nitro_templates.fields.ui import ui
from nitro_templates.sources import All, AnyOf, Test
from nitro_templates.table import Range
from nitro_templates.table.filtering import Filter, kind_of, offer_filters, read_filters
from nitro_templates.table.rules import Group, Rule, made_rule, read_rules, write_rules
from support.tables import cities, context_of, key_of, many, table_of, written


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


class Thing(BaseModel):
    name: str
    price: Decimal = Decimal(0)
    day: date | None = None
    active: bool = True
    size: Size | None = None
    tags: list[str] = []
    secret_note: Annotated[str, ui(hidden_in=("table",))] = ""


THINGS = fields_of(Thing)
FILTERS = offer_filters([], THINGS)


def read(query: str, filters: tuple[Filter, ...] = FILTERS) -> Any:
    return read_filters(filters, parse_qs(query), "", cities())


def names(html: str) -> list[str]:
    return re.findall(r'data-label="Name">([^<]*)<', html)


def test_fields_are_filtered_by_their_type_and_lists_are_not() -> None:
    assert {field.name: kind_of(field) for field in THINGS} == {
        "name": "text",
        "price": "range",
        "day": "range",
        "active": "bool",
        "size": "choice",
        "tags": None,
        "secret_note": "text",
    }


def test_by_default_what_the_table_may_show_is_offered() -> None:
    assert [filter.name for filter in FILTERS] == ["name", "price", "day", "active", "size"]
    assert [filter.name for filter in offer_filters(["secret_note"], THINGS)] == ["secret_note"]


def test_a_filter_that_cannot_be_is_refused_where_it_is_declared() -> None:
    with pytest.raises(LookupError, match=r"'nam'.*name, price"):
        offer_filters(["nam"], THINGS)
    with pytest.raises(ValueError, match="tags cannot be filtered"):
        offer_filters(["tags"], THINGS)
    with pytest.raises(ValueError, match="name cannot be filtered"):
        offer_filters([Range("name")], THINGS)
    assert offer_filters([Range("price")], THINGS)[0].kind == "range"


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("f-name=ul", Test("name", "contains", "ul")),
        ("f-name=ul&f-name-op=starts", Test("name", "startswith", "ul")),
        ("f-name=ul&f-name-op=is", Test("name", "eq", "ul")),
        ("f-price-min=5", Test("price", "ge", "5")),
        ("f-price-max=9", Test("price", "le", "9")),
        (
            "f-price-min=5&f-price-max=9",
            All((Test("price", "ge", "5"), Test("price", "le", "9"))),
        ),
        ("f-active=false", Test("active", "eq", "false")),
        ("f-size=l", Test("size", "eq", "l")),
        ("f-size=l&f-size=s", Test("size", "in", ("s", "l"))),
        ("f-size-op=empty", Test("size", "null", True)),
        ("f-day-op=filled", Test("day", "null", False)),
    ],
)
def test_a_url_asks_for_what_it_says(query: str, where: object) -> None:
    (active,), problems = read(query)

    assert active.where == where
    assert problems == []


@pytest.mark.parametrize(
    "query",
    [
        "f-secret_note=x",
        "f-password=x",
        "f-name-min=1",
        "f-price=1",
        "f-active=perhaps",
        "f-size=xl",
        "f-name=x&f-name-op=like",
        "f-price-min=1&f-price-op=gt",
        "f-=x",
        "f-name__class__=x",
    ],
)
def test_what_is_not_offered_is_a_message_and_left_out(query: str) -> None:
    active, problems = read(query)

    assert active == ()
    assert len(problems) == 1
    assert problems[0].endswith("left out.")


def test_empty_parameters_of_a_form_without_scripts_are_no_filters() -> None:
    assert read("f-name=&f-name-op=&f-price-min=&f-active=&f-day-op=") == ((), [])


def test_a_value_that_the_field_cannot_have_is_a_message() -> None:
    made = table_of(many(3)).with_filters()

    html = written(made, "f-people-min=many")

    assert "The filter for People cannot be read." in html
    assert len(names(html)) == 3
    assert "many" not in html.split("nitro-table-view")[1]


def test_filters_narrow_the_list_and_are_chips_with_links() -> None:
    made = table_of(many(30)).with_filters().with_search()

    html = written(made, "f-people-min=10&f-people-max=12&q=town&sort=-people")

    assert names(html) == ["Town 12", "Town 11", "Town 10"]
    chip = re.search(r'<li><span>([^<]*)</span><a id="cities-chip-0"[^>]*href="([^"]*)"', html)
    assert chip is not None
    assert chip[1] == "People: 10 to 12"
    assert parse_qs(html_text.unescape(chip[2])[1:]) == {"q": ["town"], "sort": ["-people"]}
    assert 'aria-label="Remove filter People: 10 to 12"' in html
    assert 'id="cities-clear" data-nitro-view data-nitro-chip href="?sort=-people"' in html


def test_nothing_that_matches_offers_to_clear_the_filters() -> None:
    html = written(table_of(many(3)).with_filters(), "f-people-min=99")

    assert "No cities match." in html
    assert "Clear filters</a>" in html


def test_the_panel_shows_what_is_on_and_works_as_a_form() -> None:
    html = written(table_of(many(30)).with_filters(), "f-people-min=10&tab=2&sort=name")

    assert 'name="f-people-min" id="cities-f-people-min" aria-label="People, from"' in html
    assert 'value="10"' in html
    assert '<input type="hidden" form="cities-search" name="sort" value="name">' in html
    assert '<input type="hidden" form="cities-search" name="tab" value="2">' in html
    assert '<summary class="nitro-button">Filters</summary>' in html


def test_values_are_escaped_wherever_they_stand() -> None:
    html = written(table_of(many(3)).with_filters(), "f-name=" + quote('<b>"x'))

    assert "<b>" not in html
    assert html.count("&lt;b&gt;&#34;x") >= 3


def test_equal_filters_have_equal_keys() -> None:
    made = table_of(many(3)).with_filters()

    assert key_of(made, "f-name=a&f-people-min=1") == key_of(made, "f-people-min=1&f-name=+a+")
    assert key_of(made, "f-name=a") != key_of(made, "f-name=b")
    assert key_of(made, "f-name=") == key_of(made)


def rules(text: str) -> Group | None:
    return read_rules(text, FILTERS, cities())


def test_conditions_are_read_from_readable_text() -> None:
    text = 'all(price.ge.10,any(name.has."St. (a, \\"b\\")",day.empty),size.not.l)'
    found = rules(text)

    assert found is not None
    assert found.where == All(
        (
            Test("price", "ge", "10"),
            AnyOf((Test("name", "contains", 'St. (a, "b")'), Test("day", "null", True))),
            Test("size", "ne", "l"),
        )
    )
    assert write_rules(found) == text
    assert found.text == (
        'Price is at least 10 and (Name contains St. (a, "b") or Day is empty) '
        "and Size is not Large"
    )


@pytest.mark.parametrize(
    "text",
    [
        "all",
        "all(",
        "all(price.ge.1",
        "all(price.ge.1))",
        "all(price.ge.1,)",
        "all(,price.ge.1)",
        "all(price.ge.1 price.le.2)x",
        "none(price.ge.1)",
        "price.ge.1",
        "all(any())",
        "all(price.like.1)",
        "all(price.ge)",
        "all(price.ge.)",
        "all(secret_note.has.x)",
        "all(password.has.x)",
        "all(__class__.is.x)",
        "all(size.is.xl)",
        "all(active.is.perhaps)",
        'all(name.has."x)',
        'all(name.has."x\\y")',
        "all(name.has.a\\b)",
        "all(all(all(all(price.ge.1))))",
        "all(" + ",".join(["price.ge.1"] * 31) + ")",
        "all(name.has." + "x" * 2000 + ")",
        "(" * 1999,
        "all(" * 499,
    ],
    ids=range(26),
)
def test_conditions_that_cannot_be_read_are_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is for nobody
        rules(text)


def test_unreadable_conditions_are_a_message_on_the_page() -> None:
    html = written(table_of(many(3)).with_filters(), "where=all(people.ge.many)")

    assert "cannot be read. They were left out." in html
    assert len(names(html)) == 3


def test_conditions_are_chips_that_can_be_removed_one_by_one() -> None:
    made = table_of(many(30)).with_filters()

    html = written(made, "where=any(people.is.3,all(people.ge.5,people.le.6))")

    assert names(html) == ["Town 3", "Town 5", "Town 6"]
    assert "<span>People is 3</span>" in html
    assert "<span>or (People is at least 5 and People is at most 6)</span>" in html
    assert 'href="?where=any(all(people.ge.5,people.le.6))"' in html
    assert 'href="?where=any(people.is.3)"' in html


def test_all_that_the_builder_can_say_is_read_back() -> None:
    chosen = random.Random(7)
    texts = ["x", "a.b", 'q"q', "back\\slash", "(p)", "a,b", "é ü", "all(", "%41&=+#", "."]

    def part(depth: int) -> Rule | Group:
        if depth < 3 and chosen.random() < 0.4:
            parts = tuple(part(depth + 1) for _ in range(chosen.randint(1, 3)))
            return Group(chosen.random() < 0.5, parts)
        op = chosen.choice(["has", "starts", "is", "not"])
        return made_rule(FILTERS[0], op, chosen.choice(texts))

    for _ in range(300):
        group = Group(chosen.random() < 0.5, tuple(part(2) for _ in range(2)))
        assert rules(write_rules(group)) == group


def test_garbage_is_refused_and_never_breaks_the_reader() -> None:
    chosen = random.Random(8)
    for _ in range(3000):
        pieces = ["all(", "any(", ")", ",", "name", ".", "has", '"', "\\", "x", "price.ge.1", "\0"]
        text = "".join(chosen.choices(pieces, k=chosen.randint(1, 12)))
        try:
            found = rules(text)
        except ValueError:
            continue
        assert found is None or rules(write_rules(found)) == found


def test_the_builder_is_asked_for_alone_and_shows_what_is_on() -> None:
    made = table_of(many(3)).with_filters()

    answer = str(
        made.answer(Ask("rules", "cities"), context_of("where=all(people.ge.2,any(name.has.x))"))
    )

    assert answer.startswith('<div id="cities-rules" data-nitro-rules="where"')
    assert answer.count(" data-nitro-rule>") == 2 + 2
    assert 'data-nitro-new="people"' in answer
    assert 'value="2"' in answer
    assert table_of(many(3)).answer(Ask("rules", "cities"), context_of()) is None
