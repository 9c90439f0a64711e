"""What a person does in the atlas, in words of the page: roles, labels, names."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from support.server import Server


def row(page: Page, name: str) -> Locator:
    """The row of the city that is called exactly *name*."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def names(page: Page) -> list[str]:
    """The cities on this page, in order."""
    return page.locator("tbody th").all_inner_texts()


def search(page: Page, text: str) -> None:
    """Type *text* into the search box, key by key."""
    page.get_by_role("searchbox").fill("")
    page.get_by_role("searchbox").press_sequentially(text, delay=20)


def live(page: Page) -> None:
    """Wait until the page says that it is connected."""
    expect(page.locator("#nitro-live")).to_have_attribute("data-state", "live")


def dialog(page: Page) -> Locator:
    """The dialog that is open."""
    return page.get_by_role("dialog")


def press_save(form: Locator) -> None:
    """Send the form."""
    form.locator("button[type=submit]:not([name]):not(.nitro-undo > button):visible").click()


def edit(page: Page, city: str) -> Locator:
    """Open the edit form of *city* and return the dialog."""
    page.get_by_role("link", name=f"Edit {city}", exact=True).click()
    box = dialog(page)
    expect(box.get_by_label("Name")).to_have_value(city)
    return box


WRITE_DOWN = """
() => {
  const lines = [];
  // the reader's own: what is ticked and opened, who was told of what
  const own = ["aria-busy", "checked", "open", "selected", "value"];
  const ownData = ["timed", "some", "nitro-unsaved", "nitro-typed", "nitro-by", "nitro-running"];
  own.push(...ownData.map((name) => `data-${name}`));
  const skipped = ".nitro-cell, [id$='-rules'], [role=listbox], .nitro-selected, " +
    "[data-nitro-select-all]";
  const once = (name) => ["_nitro", "_token", "id"].includes(name); // another one in each answer
  const isOwn = (el, name) =>
    own.includes(name) || (name === "href" && el.matches("[data-nitro-export]")); // made when used
  const attributes = (el) =>
    [...el.attributes]
      .filter(({ name }) => !isOwn(el, name))
      .map(({ name, value }) => `${name}=${JSON.stringify(value)}`)
      .sort();
  const state = (el) => {
    if (!/^(input|select|textarea)$/.test(el.localName) || once(el.name)) return [];
    if (!/^(checkbox|radio)$/.test(el.type)) return [`is ${JSON.stringify(el.value)}`];
    const ticks = el.matches("[data-nitro-select], [data-nitro-select-page]");
    return ticks ? [] : [`is ${el.value} ${el.checked}`];
  };
  const write = (node, depth) => {
    const start = " ".repeat(depth);
    const text = node.nodeType === 3 && node.data.replace(/\\s+/g, " ").trim();
    if (text) lines.push(start + text);
    if (node.nodeType !== 1 || node.matches(skipped)) return;
    lines.push(`${start}<${[node.localName, ...attributes(node), ...state(node)].join(" ")}>`);
    for (const child of node.childNodes) write(child, depth + 1);
  };
  write(document.querySelector("#nitro-main"), 0);
  return lines;
}
"""


def written_down(page: Page) -> list[str]:
    """Every element of *page* with its attributes, texts and values, one a line."""
    lines: list[str] = page.evaluate(WRITE_DOWN)
    return lines


def same_as_a_fresh_load(page: Page, server: Server) -> None:
    """Without a reload *page* must be what its address gives to the same person who comes now.

    What is compared is structure, attributes, texts and values; what only the reader has made of
    it (ticked rows, an open panel) is not.
    """
    fresh = page.context.new_page()
    fresh.goto(page.url)
    shown, expected = written_down(page), written_down(fresh)
    for _ in range(20):  # a patch may still be on its way
        if shown == expected:
            break
        page.wait_for_timeout(100)
        shown, expected = written_down(page), written_down(fresh)
    fresh.close()
    page.bring_to_front()
    different = [*unified_diff(expected, shown, "fresh", "shown", n=1, lineterm="")]
    if different:
        pytest.fail("not what a fresh load shows:\n" + "\n".join(different[:60]), pytrace=False)
