"""Charts that follow entities."""

from __future__ import annotations

from nitro_entities import Entity
from nitro_templates.components.charts import BarChart, LineChart
from nitro_templates.components.charts.data import Number
from nitro_templates.context import RenderContext


def test_a_chart_is_drawn_anew_from_what_is_stored() -> None:
    class Sold(Entity):
        """Something to count."""

    chart = BarChart(lambda: {"sold": Sold.count()}, title="Sold", follows=[Sold])
    [view] = chart.views(RenderContext())
    before = view.render()

    Sold.create()

    assert view.topics == {"Sold"}
    assert '<td class="number">0</td>' in before
    assert '<td class="number">1</td>' in view.render()


def test_live_charts_that_look_otherwise_have_keys_of_their_own() -> None:
    class Sale(Entity):
        """Something to follow."""

    def counted() -> dict[str, Number]:
        return {"Jan": 3}

    plain = BarChart(counted, title="Orders", follows=Sale, id="orders")
    others = (
        BarChart(counted, title="Orders of Ann", follows=Sale, id="orders"),
        BarChart(counted, title="Orders", follows=Sale, id="orders", lying=True),
        LineChart(counted, title="Orders", follows=Sale, id="orders"),
    )
    again = BarChart(counted, title="Orders", follows=Sale, id="orders")

    key = _key_of(plain)

    assert _key_of(again) == key
    assert key not in [_key_of(other) for other in others]


class Toll(Entity):
    """Something to follow."""


def page_of(name: str) -> BarChart:
    return BarChart(lambda: {name: 1}, title="Tolls", follows=Toll)


def page() -> BarChart:
    return BarChart(lambda: {"paid": Toll.count()}, title="Tolls", follows=Toll)


def test_viewers_share_a_live_chart_although_each_request_makes_its_function_anew() -> None:
    assert _key_of(page()) == _key_of(page())
    assert _key_of(page()) != _key_of(page_of("paid"))


def test_a_function_that_uses_names_of_its_handler_is_not_shared() -> None:
    assert _key_of(page_of("Ann")) != _key_of(page_of("Ben"))


def _key_of(chart: BarChart | LineChart) -> object:
    [view] = chart.views(RenderContext())
    return view.key
