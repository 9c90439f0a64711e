"""Names that would like to be markup or script stay names, wherever they are shown."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browser.people import dialog, edit, live, press_save, row, search
from support.proof import some
from support.server import Server

Open = Callable[..., Page]

HOSTILE = [
    "<script>window.__xss=1</script>",
    '"><img src=x onerror=window.__xss=1>',
    "'); window.__xss=1; ('",
    "{{7*7}}",
    "</title><script>window.__xss=1</script>",
    "${window.__xss=1}",
    "</td></tr></table><svg onload=window.__xss=1>",
    "\u2028data: x",
]


def create(page: Page, name: str) -> None:
    page.get_by_role("link", name="New city").click()
    values = (("Name", name), ("Country", "XX"), ("Latitude", "0"), ("Longitude", "0"))
    for label, value in values:
        dialog(page).get_by_label(label).first.fill(value)
    press_save(dialog(page))
    expect(dialog(page)).to_be_hidden()


@pytest.mark.parametrize("name", some(HOSTILE, 3))
def test_a_hostile_name_is_text_on_every_page_and_stream(
    atlas: Server, open_page: Open, name: str
) -> None:
    shown = " ".join(f"zzz{name}".split())
    author, reader = open_page(atlas.url), open_page(f"{atlas.url}/?q=zzz")
    live(author)
    live(reader)

    create(author, "zzz" + name)
    cell = reader.locator("tbody th")
    expect(cell).to_have_count(1)
    assert " ".join(cell.inner_text().split()) == shown

    search(author, "zzz")
    author.locator("tbody a").filter(has_text="Edit").first.click()
    box = dialog(author)
    expect(box.get_by_label("Name")).to_be_visible()
    box.get_by_label("Population").fill("x" + name)
    press_save(box)
    expect(box.get_by_label("Population")).to_have_attribute("aria-invalid", "true")
    box.get_by_label("Population").fill("1")
    press_save(box)
    expect(box).to_be_hidden()
    reader.reload()

    for page in (author, reader):
        assert page.evaluate("() => window.__xss") is None
        assert page.locator("main script, main img, main svg[onload]").count() == 0


def test_a_hostile_search_is_text(atlas: Server, open_page: Open) -> None:
    page = open_page(
        f"{atlas.url}/?q=%22%3E%3Cscript%3Ewindow.__xss%3D1%3C%2Fscript%3E&sort=%3Cb%3E"
    )

    expect(page.get_by_role("searchbox")).to_have_value('"><script>window.__xss=1</script>')
    assert page.evaluate("() => window.__xss") is None


def test_a_conflict_shows_a_hostile_value_as_text(atlas: Server, open_page: Open) -> None:
    a, b = (open_page(f"{atlas.url}/?q=andorra+la+vella") for _ in range(2))
    live(a)
    live(b)
    of_a, of_b = edit(a, "Andorra la Vella"), edit(b, "Andorra la Vella")
    of_b.get_by_label("Timezone").fill("UTC")
    of_a.get_by_label("Timezone").fill("<img src=x onerror=window.__xss=1>")
    press_save(of_a)
    expect(of_a).to_be_hidden()

    press_save(of_b)

    expect(of_b.locator(".nitro-conflict")).to_contain_text("<img src=x")
    assert b.evaluate("() => window.__xss") is None
    assert row(b, "Andorra la Vella").locator("img").count() == 0


THROUGH_PYTHON = """
import json, sys
sys.path.insert(0, sys.argv[1])
from cities import City
for name in json.loads(sys.argv[2]):
    City.create(name="zzz" + name, country="XX", latitude=0, longitude=0, timezone=name)
"""


def test_hostile_names_from_python_are_text_on_every_page(atlas: Server, open_page: Open) -> None:
    page = open_page(f"{atlas.url}/?q=zzz")
    live(page)
    names = some([name for name in HOSTILE if len(name) <= 40], 3)

    command = [sys.executable, "-c", THROUGH_PYTHON, str(atlas.script.parent), json.dumps(names)]
    subprocess.run(command, cwd=atlas.folder, check=True, timeout=60)

    expect(page.locator("tbody th")).to_have_count(len(names))
    links = [link.get_attribute("href") or "" for link in page.locator("tbody a").all()]
    assert len(links) == 3 * len(names)
    for link in links:
        page.goto(atlas.url + link)
        expect(page.locator("main form")).to_be_visible()
        assert page.evaluate("() => window.__xss") is None
        assert page.locator("main script, main img, main svg[onload]").count() == 0
