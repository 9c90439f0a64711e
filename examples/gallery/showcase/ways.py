"""Breadcrumbs, pages, sidebar."""

from nitro.components import Breadcrumb, Pagination, ThemeSwitch
from nitro_templates.html import Child

from .section import Section

section = Section(
    "Ways", "signpost", "Where people are, and where they can go. The sidebar is around this page."
)


@section.shows("Breadcrumb")
def breadcrumb() -> Child:
    return Breadcrumb(("Shop", "#"), ("Lamps", "#"), ("Desk", "#"), "Lamp 7")


@section.shows("Pagination", "Links to this address with another page in it, or to your own.")
def pagination() -> Child:
    return Pagination(5, 24, link=lambda page: f"#{page}")


@section.shows("The first page")
def first_page() -> Child:
    return Pagination(1, 4, name="news", label="Pages of news")


@section.shows("Theme", "Remembered in a cookie, so the next page comes in it from the start.")
def theme() -> Child:
    return ThemeSwitch(name="theme-here")
