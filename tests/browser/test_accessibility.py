"""What axe-core finds on our pages: nothing, in either theme, on a phone and on a desk.

To have another page looked at, add a `State` to ``looks.py``: an application, a path, and what to
do there. One is looked at in the light on a desk, the next one in the dark on a phone; with
NITRO_PROOF=1 each in both themes at both widths.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from playwright.sync_api import Page

from browser.looks import STATES, State
from support.axe import violations
from support.proof import PROOF, some
from support.server import Server

OpenPage = Callable[..., Page]

EVERY = list(product(("light", "dark"), (1280, 320)))
TWO = [("light", 1280), ("dark", 320)]
SEEN = some([state for state in STATES if PROOF or not state.on_the_way], 16)


def sideways(page: Page, width: int) -> list[str]:
    """What axe-core does not look for: WCAG 1.4.10, no scrolling in two directions."""
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    return [f"reflow: the page is {wide} px wide"] if wide > width else []


@pytest.mark.parametrize("state", SEEN, ids=[state.name for state in SEEN])
@pytest.mark.usefixtures("page_allows_network_errors")  # an error page is answered with its status
def test_axe_finds_nothing(
    state: State, request: pytest.FixtureRequest, open_page: OpenPage
) -> None:
    server: Server = request.getfixturevalue(state.app)
    page = open_page(server.url + state.path)
    state.reach(page)
    found: dict[tuple[str, int], list[str]] = {}

    for theme, width in EVERY if PROOF else [TWO[SEEN.index(state) % 2]]:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 800})
        wrong = violations(page, covered=state.covered)
        found[theme, width] = wrong + sideways(page, width)
    state.leave(page)

    told = [f"{theme}, {width} px\n{one}" for (theme, width), all in found.items() for one in all]
    assert not told, "\n\n".join(told)
