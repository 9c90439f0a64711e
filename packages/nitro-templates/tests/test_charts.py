"""Charts: what they are given, and the picture that comes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nitro_templates.components.charts import AreaChart, BarChart, DonutChart, LineChart
from nitro_templates.components.charts.data import MOST, Number, read_data
from nitro_templates.components.charts.scale import percent, scale_for
from nitro_templates.components.charts.stacking import stacked
from nitro_templates.context import RenderContext

CHARTS = [AreaChart, BarChart, DonutChart, LineChart]
Chart = type[AreaChart] | type[BarChart] | type[DonutChart] | type[LineChart]
numbers = st.floats(-1e12, 1e12)


@pytest.mark.parametrize("chart", CHARTS)
def test_every_number_is_in_the_table(chart: Chart) -> None:
    orders: dict[str, Number] = {"Jan": 3, "Feb": Decimal("5.5")}

    html = str(chart(orders, title="Orders"))

    assert re.search(r'<th scope="row">Jan</th><td class="number">3</td>', html)
    assert re.search(r'<th scope="row">Feb</th><td class="number">5.5</td>', html)


@pytest.mark.parametrize("chart", CHARTS)
def test_the_picture_says_in_words_what_it_shows(chart: Chart) -> None:
    html = str(chart({"Jan": 3, "Feb": 5}, title="Orders"))

    assert 'role="img" aria-label="Orders: 2 values from 3 to 5"' in html


@pytest.mark.parametrize("chart", CHARTS)
def test_labels_and_titles_are_escaped(chart: Chart) -> None:
    html = str(chart({"<b>&\"'": 3, "two": 5}, title="<script>"))

    assert "<b>" not in html
    assert "<script>" not in html


@pytest.mark.parametrize("chart", CHARTS)
def test_nothing_to_show_is_said(chart: Chart) -> None:
    assert "There are no numbers yet." in str(chart({}, title="Orders"))
    assert "There are no numbers yet." in str(chart({"Jan": None}, title="Orders"))


@pytest.mark.parametrize("chart", CHARTS)
def test_no_style_stands_in_an_attribute(chart: Chart) -> None:
    assert "style=" not in str(chart({"Jan": 3, "Feb": 5}, title="Orders"))


def test_numbers_may_come_as_pairs() -> None:
    data = read_data(((day, 1) for day in ("Mon", "Tue")), "Orders")

    assert data.labels == ("Mon", "Tue")


def test_series_share_their_labels_and_have_gaps_where_they_have_none() -> None:
    data = read_data({"one": {"a": 1, "b": 2}, "two": {"b": 3, "c": 4}}, "")

    assert data.labels == ("a", "b", "c")
    assert [one.values for one in data.series] == [(1, 2, None), (None, 3, 4)]


def test_days_of_several_series_are_sorted() -> None:
    first, second = date(2026, 1, 1), date(2026, 1, 2)

    assert read_data({"one": {second: 1}, "two": {first: 2}}, "").labels == (first, second)


@pytest.mark.parametrize("wrong", ["3", True, [1]])
def test_what_is_no_number_is_named(wrong: object) -> None:
    with pytest.raises(TypeError, match="The value of 'Jan' in a chart is"):
        read_data({"Jan": wrong}, "")


def test_a_number_without_end_is_no_number() -> None:
    with pytest.raises(ValueError, match="Use None for a gap"):
        read_data({"Jan": float("nan")}, "")


def test_a_list_of_bare_numbers_says_what_a_chart_takes() -> None:
    with pytest.raises(TypeError, match="numbers by label"):
        read_data([1, 2, 3], "")


def test_more_points_than_a_screen_has_room_for_are_refused() -> None:
    with pytest.raises(ValueError, match=f"{MOST} points at most"):
        read_data({number: number for number in range(MOST + 1)}, "")


@given(st.lists(numbers, min_size=1), st.booleans())
def test_every_value_lies_between_the_ends_of_its_scale(
    values: list[float], from_zero: bool
) -> None:
    scale = scale_for(values, from_zero=from_zero)

    assert all(-1e-9 <= scale.share(value) <= 1 + 1e-9 for value in values)
    assert 2 <= len(scale.ticks) <= 8


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0, 97], (0, 50, 100)),
        ([3, 4], (3, 4)),  # nobody counts half a thing
        ([5e-324], (0, 0.5, 1)),  # too small to be divided
        ([3, 4.5], (3, 4, 5)),
        ([-7, 12], (-10, 0, 10, 20)),
        ([0.02, 0.05], (0.02, 0.04, 0.06)),
    ],
)
def test_ticks_are_round(values: list[float], ticks: tuple[float, ...]) -> None:
    assert scale_for(values, from_zero=False, about=2).ticks == ticks


def test_labels_in_days_stand_as_far_apart_as_they_are() -> None:
    days = {date(2026, 1, 1): 1, date(2026, 1, 2): 2, date(2026, 1, 5): 3}

    html = str(LineChart(days, title="Orders"))

    assert re.findall(r'cx="([\d.]+%)"', html) == ["0%", "25%", "100%"]


def test_a_line_is_broken_where_there_is_a_gap() -> None:
    html = str(LineChart({"a": 1, "b": 2, "c": None, "d": 4, "e": 5}, title="Orders"))

    assert html.count('class="nitro-line series-0"') == 2


def test_a_bar_below_zero_hangs_from_zero() -> None:
    html = str(BarChart({"up": 10, "down": -10}, title="Change"))

    up, down = re.findall(r'<rect y="([\d.]+%)" height="([\d.]+%)"', html)
    assert up == ("0%", "50%")
    assert down == ("50%", "50%")


def test_lying_bars_go_from_left_to_right() -> None:
    html = str(BarChart({"one": 10, "two": 5}, title="Orders", lying=True))

    assert re.findall(r'<rect x="([\d.]+%)" width="([\d.]+%)"', html) == [
        ("0%", "100%"),
        ("0%", "50%"),
    ]


@given(st.lists(st.tuples(*[st.none() | st.integers(0, 10**9)] * 3), min_size=1, max_size=5))
def test_layers_stand_on_each_other_and_end_at_the_sum(rows: list[tuple[int | None, ...]]) -> None:
    data = read_data(
        {f"s{n}": dict(zip("abc", row, strict=True)) for n, row in enumerate(rows)}, ""
    )
    if not data.known:
        return

    layers = stacked(data)

    for (_, below), (above, _top) in pairwise(layers):
        assert below.values == above.values
    assert layers[-1][1].values == tuple(sum(row[at] or 0 for row in rows) for at in range(3))


@pytest.mark.parametrize("draw", [
    lambda values: BarChart(values, title="Orders", stacked=True),
    lambda values: AreaChart(values, title="Orders", stacked=True),
    lambda values: DonutChart(values, title="Orders"),
])  # fmt: skip
def test_parts_below_zero_are_refused(draw: Callable[[dict[str, int]], object]) -> None:
    with pytest.raises(ValueError, match="below zero"):
        str(draw({"a": -1, "b": 2}))


def test_a_donut_tells_shares_and_the_sum() -> None:
    html = str(DonutChart({"Paid": 30, "Open": 10}, title="Invoices"))

    assert "75 %" in html
    assert ">40</text>" in html
    assert re.findall(r'stroke-dasharray="([\d. ]+)"', html) == ["75 25", "25 75"]


def test_many_parts_of_a_donut_become_others() -> None:
    html = str(DonutChart({f"Part {n}": 1 for n in range(8)}, title="Parts"))

    assert "Others" in html
    assert html.count('class="nitro-slice') == 6


def test_numbers_are_written_as_said() -> None:
    html = str(BarChart({"Jan": 3}, title="Costs", format=lambda number: f"{number:.2f} €"))

    assert "3.00 €" in html


def test_a_function_is_asked_each_time_it_is_drawn() -> None:
    values = {"Jan": 3}
    chart = BarChart(lambda: values, title="Orders")

    values["Jan"] = 7

    assert '<td class="number">7</td>' in str(chart)


def test_a_chart_that_follows_needs_a_function() -> None:
    with pytest.raises(TypeError, match="needs a function"):
        BarChart({"Jan": 3}, title="Orders", follows=object)


def test_a_chart_of_numbers_alone_is_not_live() -> None:
    assert BarChart({"Jan": 3}, title="Orders").views(RenderContext()) == ()


def test_percent_is_short() -> None:
    assert [percent(share) for share in (0, 0.125, 1 / 3, 1)] == ["0%", "12.5%", "33.333%", "100%"]
