"""Hostile values in every place of a page, in a real browser: nothing runs, nothing breaks.

Tables, cards and long forms show 200 of them; pages for one of them each are opened for a few, and
for all with NITRO_PROOF=1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, Request, expect

from browser.people import dialog, live, press_save, same_as_a_fresh_load
from support.hostile_values import TEXTS, VALUES
from support.proof import some
from support.server import Server

PAGES = Path(__file__).parents[1] / "hostile" / "pages.py"
COUNT = len(TEXTS)
Open = Callable[..., Page]
# long words get places to break, long texts a title, lines a box of several
MORE = {"wbr", "span title", "textarea id name rows"}
# the browser reads each page as it would show it, without running it
READ = """async (paths) => {
  const found = { shapes: new Set(), dangers: [], failed: [] };
  for (const path of paths) {
    const answer = await fetch(path, { headers: { accept: "text/html" } });
    if (answer.status >= 500) found.failed.push(path);
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    const all = [...parsed.querySelectorAll("*")];
    for (const box of parsed.querySelectorAll("template")) {
      all.push(...box.content.querySelectorAll("*"));
    }
    for (const node of all) {
      const names = node.getAttributeNames().sort();
      found.shapes.add([node.localName, ...names].join(" "));
      if (names.some((name) => /^on|^srcdoc$/.test(name))) found.dangers.push(node.outerHTML);
      for (const place of ["href", "src", "action", "formAction"]) {
        if (/^(javascript|vbscript|data):/i.test(node[place])) found.dangers.push(node.outerHTML);
      }
      const code = /^(script|style)$/.test(node.localName);
      if (code && node.textContent.includes("__xss=1")) found.dangers.push(node.outerHTML);
    }
  }
  return { shapes: [...found.shapes], dangers: found.dangers.slice(0, 5), failed: found.failed };
}"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """The pages with hostile values, and with tame ones."""
    servers = [
        Server(PAGES, env, tmp_path_factory.mktemp("values")) for env in ({}, {"TAME": "1"})
    ]
    for server in servers:
        server.spawn()
    for server in servers:
        server.wait()
    yield servers[0], servers[1]
    logs = "".join(server.log for server in servers)
    for server in servers:
        server.kill()
    assert "Traceback" not in logs


@pytest.fixture
def hostile(filled: tuple[Server, Server]) -> Server:
    return filled[0]


@pytest.fixture
def visit(open_page: Open, hostile: Server) -> Iterator[Open]:
    """Open a page that may ask nobody but its own server, open no dialog, and run nothing."""
    pages: list[Page] = []
    trouble: list[str] = []

    def asked(request: Request) -> None:
        if not request.url.startswith((hostile.url, "data:image")):
            trouble.append(f"asked {request.url}")

    def opened(box: Any) -> None:
        trouble.append(f"a dialog: {box.message}")
        box.dismiss()

    def visit(path: str) -> Page:
        page = open_page()
        pages.append(page)
        page.on("request", asked)
        page.on("dialog", opened)
        page.on("popup", lambda other: trouble.append(f"a window: {other.url}"))
        page.goto(hostile.url + path)
        return page

    yield visit
    for page in pages:
        whole(page)
    assert trouble == []


def whole(page: Page) -> None:
    """Nothing has run, and the page is still made of its own parts."""
    said = page.evaluate("""() => {
      const count = (selector) => document.querySelectorAll(selector).length;
      const names = [...document.querySelectorAll("*")].flatMap((one) => one.getAttributeNames());
      return [
        window.__xss,
        ["#nitro-main", "#nitro-dialog", "#nitro-toasts"].map(count),
        count("body :is(img, svg:not(.nitro-icon), script, meta, link), iframe, object, base"),
        names.filter((name) => name.startsWith("on")).length,
        ({}).x,
      ];
    }""")
    assert said == [None, [1, 1, 1], 0, 0, None], page.url


def paths_of(kind: str) -> list[str]:
    every, numbers = some(range(COUNT), 16), some(range(len(VALUES)), 16)
    return {
        "tables": ["/", "/few", "/wide", "/little"],
        "cards": ["/cards", "/detail/0", "/detail/150"],
        "forms": [f"/things/t{n}/edit" for n in every] + ["/wide-form", "/sections"],
        "actions": [f"/things/t{n}/{name}" for n in every for name in ("choose", "delete")],
        "pages": [f"/name/{n}" for n in numbers] + ["/tags", "/jinja", "/toasts"],
        "failures": [f"/fails/{n}" for n in numbers],
        "addresses": [
            f"/little?q={text}&f-name={text}&where=all(name.is.{text})&sort={text}&{text}={text}"
            for text in (quote(value.encode("utf-8", "ignore")) for value in some(VALUES, 16))
        ] + ["/little?q=zzz", "/little?f-name=1", "/little?where=all(name.is.1)"],
    }[kind]  # fmt: skip


@pytest.mark.parametrize(
    "kind", some(["tables", "cards", "forms", "actions", "pages", "failures", "addresses"], 3)
)
def test_what_the_browser_reads_has_no_other_elements_than_with_tame_values(
    filled: tuple[Server, Server], visit: Open, open_page: Open,
    page_allows_network_errors: None, kind: str,
) -> None:  # fmt: skip
    paths = paths_of(kind)
    usual = open_page(f"{filled[1].url}/toasts").evaluate(READ, paths[:1] + paths[-30:])

    found = visit("/toasts").evaluate(READ, paths)

    assert found["dangers"] == []
    assert found["failed"] == []
    new = set(found["shapes"]) - set(usual["shapes"]) - MORE
    # a text of several lines is edited in a box of several lines
    assert {one for one in new if not one.startswith("textarea ")} <= LINKS, new


LINKS = {"a href", "a class href rel", "a class href", "a href rel"}


@pytest.mark.parametrize(
    "path", ["/", "/wide", "/cards", "/sections", "/jinja", "/toasts", "/wide-form", "/detail/1"]
)
def test_a_page_full_of_hostile_values_is_shown_and_stays_live(visit: Open, path: str) -> None:
    page = visit(path)
    if page.locator("#nitro-live").count():
        live(page)
    whole(page)


CLICK = """([from, to]) => {
  const buttons = [...document.querySelectorAll("#nitro-main button")];
  buttons.slice(from, to).forEach((button) => button.click());
}"""


def test_values_inside_signals_and_calls_are_data(visit: Open) -> None:
    page = visit("/tags")
    toasts = page.locator("#nitro-toasts .nitro-toast")

    page.evaluate(CLICK, [0, 30])

    expect(toasts).to_have_count(30, timeout=20_000)
    page.evaluate(CLICK, [70, 110])
    expect(toasts).to_have_count(70, timeout=20_000)
    assert any("${window.__xss=1}" in text for text in toasts.all_inner_texts())


def test_live_changes_to_every_value_arrive_as_text(hostile: Server, visit: Open) -> None:
    page = visit("/live")
    live(page)

    for _ in range(2):
        assert httpx.post(f"{hostile.url}/turn", timeout=60).status_code == 200
    with httpx.Client(base_url=hostile.url) as http:
        stored = [one["name"] for one in http.get("/stored").json()["Thing"].values()]
        http.patch("/things/t5", json={"name": "the last change"})

    for name in ("#whole", "article"):
        place = page.locator(name).filter(has_text="the last change")
        expect(place.first).to_be_visible(timeout=30_000)
    assert len(stored) == COUNT
    same_as_a_fresh_load(page, hostile)


FILL = """(values) => {
  const fields = [...document.querySelectorAll("#nitro-main form [name^=f]")];
  fields.forEach((field, index) => {
    field.value = values[index % values.length];
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}"""


@pytest.mark.proof
def test_what_two_people_typed_into_200_fields_is_shown_to_both(
    hostile: Server, visit: Open
) -> None:
    ann, bob = visit("/wide-form"), visit("/wide-form")
    live(ann)
    live(bob)
    ann.evaluate(FILL, TEXTS)
    bob.evaluate(FILL, [*TEXTS[3:], "own"])

    press_save(ann.locator("#nitro-main form"))
    expect(ann.locator("#nitro-toasts")).to_contain_text("saved", timeout=20_000)

    theirs = bob.locator("[data-nitro-theirs]")
    expect(theirs.first).to_be_visible(timeout=20_000)
    assert theirs.count() > 150
    whole(bob)
    press_save(bob.locator("#nitro-main form"))
    expect(bob.locator(".nitro-conflict").first).to_be_visible(timeout=20_000)
    whole(bob)
    with httpx.Client(base_url=hostile.url) as http:
        assert http.patch("/wides/w", json={"f0": "the last change"}).status_code == 200
    expect(bob.locator("#nitro-main")).to_contain_text("the last change", timeout=20_000)


@pytest.mark.proof
def test_refusals_of_200_fields_are_text(visit: Open) -> None:
    page = visit("/wide-form")
    live(page)
    page.evaluate(FILL, [f"refuse x{value}" for value in TEXTS])

    press_save(page.locator("#nitro-main form"))

    expect(page.locator("[aria-invalid=true]").first).to_be_visible(timeout=20_000)
    assert page.locator("[aria-invalid=true]").count() > 190
    whole(page)


PICKED = some(range(1, 10, 2), 2)


def test_dialogs_editors_and_messages_show_values_as_text(visit: Open) -> None:
    page = visit("/few")
    live(page)
    for number in PICKED:
        row = page.locator(f"#nitro-main tbody tr[id$='t{number}']")
        row.locator(f"a[href='/things/t{number}/edit']:not(.nitro-edit)").first.click()
        expect(dialog(page)).to_be_visible()
        expect(dialog(page).locator("form")).to_have_count(1)
        page.keyboard.press("Escape")
        expect(dialog(page)).to_be_hidden()
        cell = row.locator("a.nitro-edit[data-nitro-cell^='name:']")
        cell.click()
        expect(page.locator("#things-cell form")).to_be_visible()
        whole(page)
        page.keyboard.press("Escape")
        expect(page.locator("#things-cell form")).to_have_count(0)
    whole(page)


@pytest.mark.proof
def test_the_report_of_many_refusals_is_text(visit: Open) -> None:
    page = visit("/few")
    live(page)
    page.get_by_role("checkbox", name="Select all on this page").check()
    page.locator(".nitro-bulk").get_by_role("button", name="Refuse").click()
    dialog(page).locator("button[type=submit]").first.click()

    expect(page.locator("#things-doing li").first).to_be_visible()
    assert page.locator("#things-doing li").count() > 5
    whole(page)


def test_a_search_and_a_filter_are_text_while_they_are_typed(visit: Open) -> None:
    page = visit("/little")
    live(page)
    box = page.get_by_role("searchbox")
    for value in some([text for text in TEXTS[::12] if len(text) < 200], 6):
        box.fill(value)
        box.press("Enter")
        expect(page.locator("#nitro-live")).to_have_attribute("data-state", "live")
    box.fill("")
    box.press("Enter")
    expect(page.locator("#nitro-main tbody tr")).to_have_count(3)
