"""Charts: SVG that is written on the server, with the numbers in a table beside it."""

from .bar import BarChart
from .donut import DonutChart
from .line import AreaChart, LineChart

__all__ = ["AreaChart", "BarChart", "DonutChart", "LineChart"]
