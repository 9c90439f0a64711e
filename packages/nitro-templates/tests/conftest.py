from __future__ import annotations

import os
import random
import shutil
from typing import TYPE_CHECKING

import pytest

from nitro_templates.state import state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(autouse=True)
def _fresh_state() -> Iterator[None]:
    state.reset()
    yield
    state.reset()


MARKS = ["<", ">", "'", '"', "&", "`", "\\", "/", "=", " ", "\n", "\t", ";", "{", "}", "(", ")"]
MARKS += ["$", "@", "<!--", "-->", "]]>", "&lt;", "&#x27;", "%3C", "\x01", "\u2028", "\u202e", "é"]
WORDS = ["script", "img src=x onerror=alert(1)", "javascript:alert(1)", "svg/onload=alert(1)"]
WORDS += ["/title", "/textarea", "/style", "style", "{{7*7}}", "${alert(1)}", "@get('/x')", "x"]
WORDS += ["url(//evil)", "expression(alert(1))", "data:text/html,x", "on click", "\U0001f595JS_"]
WRITTEN = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'); alert(1); ('",
    "{{7*7}}",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<svg><script>alert(1)</script></svg>",
    "javascript:alert(1)",
    "jav&#x09;ascript:alert(1)",
    "java\nscript:alert(1)",
    " \x01 javascript:alert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "x onmouseover=alert(1) y=",
    "red; background: url(javascript:alert(1))",
    "red}</style><script>alert(1)</script>",
    "@in(x) @instanceof(y)",
    "\U0001f595JS_$'DS\U0001f680);alert(1);//",
    "<!--><script>alert(1)</script>-->",
    "&lt;script&gt;",
    "\u2028alert(1)\u2029",
    "O'Brien & Söhne <GmbH>",
]


def hostile_values() -> list[str]:
    """200 values put together by a small grammar, always the same, and the written ones."""
    chance = random.Random(7)
    made: set[str] = set()
    while len(made) < 200:
        parts = [chance.choice(chance.choice([MARKS, WORDS])) for _ in range(chance.randint(1, 7))]
        made.add("".join(parts))
    return [*WRITTEN, *sorted(made)]


@pytest.fixture(params=hostile_values(), ids=ascii)
def hostile(request: pytest.FixtureRequest) -> str:
    value: str = request.param
    return value


def _unavailable(what: str) -> None:
    message = f"{what} is needed by the browser tests"
    if os.environ.get("NITRO_REQUIRE_SERVICES") == "1":
        pytest.fail(message)
    pytest.skip(message)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests with this browser behind those without, and before those with another.

    A thread can have one Playwright at a time. The other one lasts to the end of the run.
    """
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    names = getattr(item, "fixturenames", ())
    return 2 if "chromium" in names else 1 if "browser" in names else 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of one file of tests, gone after its last test."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _unavailable("playwright (pip install playwright)")
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("NITRO_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        _unavailable("chromium (apt-get install chromium)")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=["--disable-dev-shm-usage"])
        yield found
        found.close()


@pytest.fixture
def hostile_list() -> list[str]:
    """All hostile values, for tests that put them on one page."""
    return hostile_values()
