"""Building blocks for pages: buttons, dialogs, tabs, menus and what else an application needs.

Each is built like a tag, takes children and attributes, and says what it means to those who
cannot see it. Nothing is imported until a name is used.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what editors and type checkers read
    from nitro_templates.components.accordion import Accordion as Accordion
    from nitro_templates.components.accordion import Panel as Panel
    from nitro_templates.components.alert import Alert as Alert
    from nitro_templates.components.avatar import Avatar as Avatar
    from nitro_templates.components.badge import Badge as Badge
    from nitro_templates.components.breadcrumb import Breadcrumb as Breadcrumb
    from nitro_templates.components.button import Button as Button
    from nitro_templates.components.charts import AreaChart as AreaChart
    from nitro_templates.components.charts import BarChart as BarChart
    from nitro_templates.components.charts import DonutChart as DonutChart
    from nitro_templates.components.charts import LineChart as LineChart
    from nitro_templates.components.dialog import Dialog as Dialog
    from nitro_templates.components.dialog import Drawer as Drawer
    from nitro_templates.components.icon import Icon as Icon
    from nitro_templates.components.icon import icon_names as icon_names
    from nitro_templates.components.icon import register_icon as register_icon
    from nitro_templates.components.menu import Menu as Menu
    from nitro_templates.components.menu import MenuItem as MenuItem
    from nitro_templates.components.pagination import Pagination as Pagination
    from nitro_templates.components.progress import Progress as Progress
    from nitro_templates.components.sidebar import Sidebar as Sidebar
    from nitro_templates.components.skeleton import Skeleton as Skeleton
    from nitro_templates.components.stat import Stat as Stat
    from nitro_templates.components.tabs import Tab as Tab
    from nitro_templates.components.tabs import Tabs as Tabs
    from nitro_templates.components.theme_switch import ThemeSwitch as ThemeSwitch
    from nitro_templates.components.tooltip import Tooltip as Tooltip
    from nitro_templates.toasts import Toast as Toast
else:  # what runs; hidden from checkers, or every misspelt name would pass
    from importlib import import_module

    _HOME_OF = {
        "Accordion": "components.accordion",
        "Alert": "components.alert",
        "AreaChart": "components.charts",
        "Avatar": "components.avatar",
        "Badge": "components.badge",
        "BarChart": "components.charts",
        "Breadcrumb": "components.breadcrumb",
        "Button": "components.button",
        "Dialog": "components.dialog",
        "DonutChart": "components.charts",
        "Drawer": "components.dialog",
        "Icon": "components.icon",
        "LineChart": "components.charts",
        "Menu": "components.menu",
        "MenuItem": "components.menu",
        "Pagination": "components.pagination",
        "Panel": "components.accordion",
        "Progress": "components.progress",
        "Sidebar": "components.sidebar",
        "Skeleton": "components.skeleton",
        "Stat": "components.stat",
        "Tab": "components.tabs",
        "Tabs": "components.tabs",
        "ThemeSwitch": "components.theme_switch",
        "Toast": "toasts",
        "Tooltip": "components.tooltip",
        "icon_names": "components.icon",
        "register_icon": "components.icon",
    }
    __all__ = sorted(_HOME_OF)

    def __getattr__(name: str) -> object:
        home = _HOME_OF.get(name)
        if home is None:
            msg = f"module 'nitro_templates.components' has no attribute {name!r}"
            raise AttributeError(msg)
        value = globals()[name] = getattr(import_module(f"nitro_templates.{home}"), name)
        return value

    def __dir__() -> list[str]:
        return __all__
