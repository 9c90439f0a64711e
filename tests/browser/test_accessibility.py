"""What axe-core finds on our pages: nothing, in either theme, on a phone and on a desk.

To have another page looked at, add a `State`: an application, a path, and what to do there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import pytest
from browser.people import dialog, edit, live, press_save
from playwright.sync_api import Page, expect

from support.axe import violations
from support.server import Server

OpenPage = Callable[..., Page]

THEMES = ("light", "dark")
WIDTHS = (1280, 320)


def nothing(page: Page) -> None:
    """The page as it opens."""


@dataclass(frozen=True)
class State:
    """A page in some state: where it is, and how it gets there."""

    name: str
    app: str
    """The fixture that serves it."""
    path: str = "/"
    reach: Callable[[Page], None] = nothing


def with_an_edit_dialog(page: Page) -> None:
    live(page)
    edit(page, page.locator("tbody th").first.inner_text())


def with_errors(page: Page) -> None:
    form = page.locator("form.nitro-form")
    form.evaluate("form => form.noValidate = true")
    press_save(form)
    expect(page.locator(".nitro-error").first).to_be_visible()


def with_a_dialog_with_errors(page: Page) -> None:
    with_an_edit_dialog(page)
    box = dialog(page)
    box.get_by_label("Name").fill("")
    box.locator("form").evaluate("form => form.noValidate = true")
    press_save(box)
    expect(box.locator(".nitro-error").first).to_be_visible()


def with_a_question(page: Page) -> None:
    live(page)
    page.get_by_role("link", name="Delete ").first.click()
    expect(dialog(page)).to_be_visible()


def with_nothing_found(page: Page) -> None:
    live(page)
    page.get_by_role("searchbox").fill("no such city anywhere")
    expect(page.locator(".nitro-empty")).to_be_visible()


def with_messages(page: Page) -> None:
    for kind in ("warning", "error", "info", "success"):
        page.get_by_role("button", name=kind, exact=True).click()
        expect(page.locator(f".nitro-toast.{kind}")).to_be_visible()


def with_the_skip_link(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()


def sideways(page: Page, width: int) -> list[str]:
    """What axe-core does not look for: WCAG 1.4.10, no scrolling in two directions."""
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    return [f"reflow: the page is {wide} px wide"] if wide > width else []


STATES = [
    State("list", "read_atlas"),
    State("list without result", "read_atlas", "/", with_nothing_found),
    State("dialog", "read_atlas", "/", with_an_edit_dialog),
    State("dialog with errors", "read_atlas", "/", with_a_dialog_with_errors),
    State("question before deleting", "read_atlas", "/", with_a_question),
    State("form", "read_atlas", "/new"),
    State("form with errors", "read_atlas", "/new", with_errors),
    State("error page", "read_atlas", "/cities/nowhere/edit"),
    State("frame", "places", "/", with_the_skip_link),
    State("messages", "places", "/", with_messages),
    State("list in a frame", "places", "/towns"),
    State("cards", "places", "/cards"),
    State("many cards", "places", "/grid"),
    State("detail", "places", "/towns/t1/show"),
    State("template", "places", "/template"),
    State("error page in a frame", "places", "/towns/nowhere/edit"),
    State("error page of the application", "places", "/secret"),
]


@pytest.mark.parametrize("state", STATES, ids=[state.name for state in STATES])
@pytest.mark.usefixtures("page_allows_network_errors")  # an error page is answered with its status
def test_axe_finds_nothing(
    state: State, request: pytest.FixtureRequest, open_page: OpenPage
) -> None:
    server: Server = request.getfixturevalue(state.app)
    page = open_page(server.url + state.path)
    state.reach(page)
    found: dict[tuple[str, int], list[str]] = {}

    for theme, width in product(THEMES, WIDTHS):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 800})
        found[theme, width] = violations(page) + sideways(page, width)

    told = [f"{theme}, {width} px\n{one}" for (theme, width), all in found.items() for one in all]
    assert not told, "\n\n".join(told)
