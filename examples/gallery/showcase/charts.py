"""Charts: lines, bars, areas and donuts."""

from nitro.components import AreaChart, BarChart, DonutChart, LineChart
from nitro_templates.html import Child

from .lamps import DeskLamp
from .section import Section

section = Section(
    "Charts", "chart-line", "Drawn on the server, with a table for those who listen."
)


@section.shows("LineChart", "A gap where there is no number.", wide=True)
def lines() -> Child:
    return LineChart(
        {
            "Desk lamps": {"Jan": 31, "Feb": 38, "Mar": 35, "Apr": 52, "May": 61, "Jun": 58},
            "Floor lamps": {"Jan": 12, "Feb": 14, "Apr": 19, "May": 24, "Jun": 22},
        },
        title="Sold by month",
    )


@section.shows("BarChart")
def bars() -> Child:
    return BarChart({"Oslo": 34, "Lisbon": 21, "Rome": 17, "Bern": 9}, title="Orders by city")


@section.shows("BarChart, lying", "With room for long labels.")
def lying() -> Child:
    reasons = {"Wrong colour ordered": 14, "Arrived broken": 6, "Changed their mind": 11}
    return BarChart(reasons, title="Why lamps came back", lying=True)


@section.shows("AreaChart, stacked", "Each part on those before it.", wide=True)
def areas() -> Child:
    return AreaChart(
        {
            "Shop": {"Q1": 12_400, "Q2": 15_100, "Q3": 14_800, "Q4": 21_300},
            "Online": {"Q1": 8_200, "Q2": 11_700, "Q3": 16_900, "Q4": 24_600},
        },
        title="Revenue",
        stacked=True,
    )


@section.shows("DonutChart", "The parts of a whole.")
def donut() -> Child:
    return DonutChart({"Paid": 182, "Open": 41, "Late": 12}, title="Invoices")


@section.shows("Live", "A function, and what it follows: sell a lamp in Tables and look again.")
def live() -> Child:
    def stock_by_shade() -> dict[str, int]:
        counts: dict[str, int] = {}
        for lamp in DeskLamp.all():
            shade = lamp.shade.name.title()
            counts[shade] = counts.get(shade, 0) + lamp.stock
        return counts

    return BarChart(stock_by_shade, title="In stock", follows=DeskLamp)
