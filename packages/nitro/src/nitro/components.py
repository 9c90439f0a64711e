"""The building blocks of pages: ``from nitro.components import Button, Dialog, Tabs``.

They live in nitro-templates; nothing is imported until a name is used.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what editors and type checkers read
    from nitro_templates.components import Accordion as Accordion
    from nitro_templates.components import Alert as Alert
    from nitro_templates.components import AreaChart as AreaChart
    from nitro_templates.components import Avatar as Avatar
    from nitro_templates.components import Badge as Badge
    from nitro_templates.components import BarChart as BarChart
    from nitro_templates.components import Breadcrumb as Breadcrumb
    from nitro_templates.components import Button as Button
    from nitro_templates.components import Dialog as Dialog
    from nitro_templates.components import DonutChart as DonutChart
    from nitro_templates.components import Drawer as Drawer
    from nitro_templates.components import Icon as Icon
    from nitro_templates.components import LineChart as LineChart
    from nitro_templates.components import Menu as Menu
    from nitro_templates.components import MenuItem as MenuItem
    from nitro_templates.components import Pagination as Pagination
    from nitro_templates.components import Panel as Panel
    from nitro_templates.components import Progress as Progress
    from nitro_templates.components import Sidebar as Sidebar
    from nitro_templates.components import Skeleton as Skeleton
    from nitro_templates.components import Stat as Stat
    from nitro_templates.components import Tab as Tab
    from nitro_templates.components import Tabs as Tabs
    from nitro_templates.components import ThemeSwitch as ThemeSwitch
    from nitro_templates.components import Toast as Toast
    from nitro_templates.components import Tooltip as Tooltip
    from nitro_templates.components import icon_names as icon_names
    from nitro_templates.components import register_icon as register_icon
else:  # what runs; hidden from checkers, or every misspelt name would pass
    from importlib.util import find_spec

    if find_spec("nitro_templates") is None:
        msg = (
            "nitro.components lives in nitro-templates, which is not installed. "
            "Run: pip install nitro-templates"
        )
        raise ImportError(msg, name="nitro_templates")

    from nitro_templates import components as _home

    __all__ = _home.__all__

    def __getattr__(name: str) -> object:
        if name not in __all__:
            msg = f"module 'nitro.components' has no attribute {name!r}"
            raise AttributeError(msg)
        value = globals()[name] = getattr(_home, name)
        return value

    def __dir__() -> list[str]:
        return __all__
