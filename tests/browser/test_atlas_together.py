"""Two people in the atlas at once: what one does, the other sees, and nothing gets lost."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.people import dialog, edit, live, names, press_save, row, same_as_a_fresh_load, search
from support.proof import some
from support.server import Server

Open = Callable[..., Page]


def grow(page: Page, city: str, people: int) -> None:
    page.get_by_role("link", name=f"Grow {city}", exact=True).click()
    dialog(page).get_by_label("People").fill(str(people))
    press_save(dialog(page))
    expect(dialog(page)).to_be_hidden()


def both_at(server: Server, open_page: Open, query: str = "") -> tuple[Page, Page]:
    a, b = open_page(server.url + query), open_page(server.url + query)
    live(a)
    live(b)
    return a, b


def test_a_change_of_one_is_seen_by_the_other(atlas: Server, open_page: Open) -> None:
    a, b = both_at(atlas, open_page, "/?q=andorra+la+vella")

    box = edit(a, "Andorra la Vella")
    box.get_by_role("textbox", name="Region").fill("NEW")
    press_save(box)

    expect(row(b, "Andorra la Vella")).to_contain_text("NEW")
    same_as_a_fresh_load(b, atlas)


def test_new_moved_and_deleted_rows_are_seen_by_the_other(atlas: Server, open_page: Open) -> None:
    a, b = both_at(atlas, open_page, "/?sort=-population")

    grow(a, "Istanbul", 100_000_000)
    expect(b.locator("tbody th").first).to_have_text("Istanbul")

    a.get_by_role("link", name="New city").click()
    for label, value in (("Name", "Bigtown"), ("Country", "XX"), ("Population", "900000000")):
        dialog(a).get_by_label(label).first.fill(value)
    dialog(a).get_by_label("Latitude").fill("0")
    dialog(a).get_by_label("Longitude").fill("0")
    press_save(dialog(a))
    expect(b.locator("tbody th").first).to_have_text("Bigtown")

    a.get_by_role("link", name="Delete Bigtown").click()
    press_save(dialog(a))
    expect(row(b, "Bigtown")).to_be_hidden()

    assert names(b)[0] == "Istanbul"
    same_as_a_fresh_load(b, atlas)


THROUGH_NITRO = """
import sys
sys.path.insert(0, sys.argv[1])
from cities import City
city = City.where(City.name == "Andorra la Vella").first()
city.region = "OTHER"
city.save()
"""


def test_a_change_by_another_process_through_nitro_is_seen(atlas: Server, open_page: Open) -> None:
    page = open_page(f"{atlas.url}/?q=andorra+la+vella")
    live(page)

    command = [sys.executable, "-c", THROUGH_NITRO, str(atlas.script.parent)]
    subprocess.run(command, cwd=atlas.folder, check=True, timeout=60)

    expect(row(page, "Andorra la Vella")).to_contain_text("OTHER")
    same_as_a_fresh_load(page, atlas)


def test_a_change_by_raw_sqlite_is_seen_and_survives_an_open_form(
    atlas: Server, open_page: Open, database: Path
) -> None:
    page = open_page(f"{atlas.url}/?q=andorra+la+vella")
    live(page)
    box = edit(page, "Andorra la Vella")

    with sqlite3.connect(database) as raw:
        raw.execute("update city set region = 'RAW' where name = 'Andorra la Vella'")
    raw.close()
    expect(row(page, "Andorra la Vella")).to_contain_text("RAW")
    box.get_by_label("Population").fill("77")
    press_save(box)

    expect(row(page, "Andorra la Vella")).to_contain_text("77")
    expect(row(page, "Andorra la Vella")).to_contain_text("RAW")
    same_as_a_fresh_load(page, atlas)


@pytest.mark.usefixtures("page_allows_network_errors")
@pytest.mark.parametrize("how", some(["kill", "stop"], 1))
def test_a_restart_keeps_what_is_typed_and_the_page_comes_back_to_life(
    atlas: Server, open_page: Open, database: Path, how: str
) -> None:
    a, b = both_at(atlas, open_page, "/?q=andorra+la+vella")
    box = edit(b, "Andorra la Vella")
    box.get_by_role("textbox", name="Region").fill("half typ")

    getattr(atlas, how)()
    time.sleep(1.5)
    with sqlite3.connect(database) as raw:
        raw.execute("update city set population = 47110 where name = 'Andorra la Vella'")
    raw.close()
    atlas.start()
    answered = time.monotonic()

    expect(row(b, "Andorra la Vella")).to_contain_text("47,110", timeout=5_000)
    live(b)
    assert time.monotonic() - answered < 5
    expect(box.get_by_role("textbox", name="Region")).to_have_value("half typ")
    a.reload()
    grow(a, "Andorra la Vella", 1)
    expect(row(b, "Andorra la Vella")).to_contain_text("47,111")
    press_save(box)
    expect(row(b, "Andorra la Vella")).to_contain_text("half typ")
    same_as_a_fresh_load(b, atlas)


def test_changes_of_different_fields_are_merged(atlas: Server, open_page: Open) -> None:
    a, b = both_at(atlas, open_page, "/?q=andorra+la+vella")
    of_a, of_b = edit(a, "Andorra la Vella"), edit(b, "Andorra la Vella")

    of_a.get_by_role("textbox", name="Region").fill("AAA")
    press_save(of_a)
    expect(of_a).to_be_hidden()
    of_b.get_by_label("Population").fill("123")
    press_save(of_b)
    expect(of_b).to_be_hidden()

    for page in (a, b):
        expect(row(page, "Andorra la Vella")).to_contain_text("AAA")
        expect(row(page, "Andorra la Vella")).to_contain_text("123")


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_the_same_field_is_never_overwritten_in_silence(
    atlas: Server, open_page: Open, choice: str
) -> None:
    a, b = both_at(atlas, open_page, "/?q=andorra+la+vella")
    of_a, of_b = edit(a, "Andorra la Vella"), edit(b, "Andorra la Vella")
    of_b.get_by_role("textbox", name="Region").fill("BBB")

    of_a.get_by_role("textbox", name="Region").fill("AAA")
    press_save(of_a)
    expect(of_a).to_be_hidden()
    expect(of_b.locator(".nitro-conflict")).to_contain_text("changed this to “AAA”")
    press_save(of_b)

    expect(of_b.locator(".nitro-conflict")).to_contain_text("You typed “BBB”")
    expect(of_b.get_by_role("textbox", name="Region")).to_have_value("BBB")
    expect(row(a, "Andorra la Vella")).to_contain_text("AAA")
    if choice == "theirs":
        of_b.get_by_role("button", name="Take theirs").first.click()
        expect(of_b.get_by_role("textbox", name="Region")).to_have_value("AAA")
    press_save(of_b)
    expect(of_b).to_be_hidden()
    wanted = "AAA" if choice == "theirs" else "BBB"
    expect(row(a, "Andorra la Vella")).to_contain_text(wanted)
    same_as_a_fresh_load(a, atlas)


def test_a_city_deleted_under_an_open_form_is_told(atlas: Server, open_page: Open) -> None:
    a, b = both_at(atlas, open_page, "/?q=andorra+la+vella")
    box = edit(b, "Andorra la Vella")

    a.get_by_role("link", name="Delete Andorra la Vella").click()
    press_save(dialog(a))
    expect(row(a, "Andorra la Vella")).to_be_hidden()
    box.get_by_role("textbox", name="Region").fill("LATE")
    press_save(box)

    expect(dialog(b)).to_contain_text("no longer")
    same_as_a_fresh_load(a, atlas)


def test_many_changes_leave_the_other_equal_to_a_fresh_load(
    atlas: Server, open_page: Open, database: Path
) -> None:
    page = open_page(f"{atlas.url}/?sort=-population")
    live(page)
    raw = sqlite3.connect(database, timeout=10)
    for turn in range(60):
        with raw:
            raw.execute(
                "update city set population = population + ? where name in"
                " ('Shanghai', 'Delhi', 'Istanbul', 'Lagos', 'Mumbai', 'Tokyo')",
                (turn * 37 % 11_000_000,),
            )
        time.sleep(0.01)
    raw.close()
    time.sleep(1)

    same_as_a_fresh_load(page, atlas)


def test_a_search_of_one_is_not_seen_by_the_other(atlas: Server, open_page: Open) -> None:
    a, b = both_at(atlas, open_page)
    before = names(b)

    search(a, "são paulo")
    expect(row(a, "São Paulo")).to_be_visible()

    assert names(b) == before
