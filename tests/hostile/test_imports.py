"""Files to import can be anything; who imported something takes it back, and nobody else."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import httpx
import pytest

from nitro_templates.export.values import defused
from nitro_templates.imports import Limits, Unreadable, Way, read
from nitro_templates.imports.csv_text import as_meant
from support.server import Server

Person = Callable[..., httpx.Client]
HTML = {"accept": "text/html"}
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
AT = "/_nitro/import/barrels"


def seal_in(text: str) -> str:
    found = re.search(r'name="_nitro" value="([^"]+)"', text)
    assert found, text
    return unescape(found[1])


def form_in(page: str, action: str) -> tuple[str, str]:
    """Answer where the form is sent that is for *action*, and its seal."""
    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        found = re.search(r'action="([^"]*)"', form)
        if found and action in found[1]:
            return unescape(found[1]), seal_in(form)
    raise AssertionError(page)


def sent(http: httpx.Client, content: str, page: str = "/barrel-table") -> str:
    url, seal = form_in(http.get(page).text, f"{AT}/upload")
    file = {"file": ("a.csv", content.encode(), "text/csv")}
    answer = http.post(url, data={"_nitro": seal}, files=file)
    assert answer.status_code == 200, answer.text
    return answer.text


def run(http: httpx.Client, page: str) -> httpx.Response:
    url, seal = form_in(page, f"{AT}/run")
    return http.post(url, data={"_nitro": seal}, headers=HTML)


def undo(http: httpx.Client, page: str) -> int:
    url, seal = form_in(page, "/_nitro/undo")
    return http.post(url, data={"_nitro": seal}, headers=HTML).status_code


def barrels(http: httpx.Client) -> dict[str, str]:
    return {one["name"]: one["note"] for one in http.get("/stored").json()["barrels"]}


@pytest.mark.parametrize("text", ["\n" * 120_000, "'" + " \t" * 60_000, ";" + "\r\n" * 60_000])
def test_blanks_without_end_are_gone_through_once(text: str) -> None:
    began = time.monotonic()
    defused(f"{text}x")
    as_meant(f"'{text}x")

    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a\n\n =1", "a\n\n '=1"),
        ("a; ;\t@x", "a; ;\t'@x"),
        ("a;\uff1d1;x", "a;'\uff1d1;x"),
        ("=1;=2", "'=1;'=2"),
        ("a = 1; b", "a = 1; b"),
    ],
)
def test_formulas_inside_of_texts_are_defused_and_come_back(text: str, safe: str) -> None:
    assert defused(text) == safe
    assert as_meant(safe) == text


def workbook(**parts: str) -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book, file, packed = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    sheet = book.worksheets[0]
    sheet.append(["name", "note"])
    sheet.append(["A", "b"])
    book.save(file)
    with (
        zipfile.ZipFile(file) as plain,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in plain.namelist():
            made.writestr(name, parts.pop(name, "") or plain.read(name))
    return packed.getvalue()


def many(tag: str, around: str, count: int = 600_000) -> str:
    opened, closed = around.split("|")
    return f"{opened}{tag * count}{closed}"


@pytest.mark.parametrize(
    ("part", "content"),
    [
        (
            "xl/styles.xml",
            many("<xf/>", f'<styleSheet xmlns="{MAIN}"><cellXfs>|</cellXfs></styleSheet>'),
        ),
        (
            "xl/worksheets/sheet1.xml",
            many("<c/>", f'<worksheet xmlns="{MAIN}"><row>|</row></worksheet>'),
        ),
        ("xl/workbook.xml", many("<a/>", f'<worksheet xmlns="{MAIN}">|</worksheet>')),
        ("docProps/core.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    ],
)
def test_a_small_workbook_does_not_become_a_large_one(part: str, content: str) -> None:
    file = workbook(**{part: content})
    assert len(file) < 100_000
    began = time.monotonic()
    with pytest.raises(Unreadable):
        read(file, Way(), Limits())

    assert time.monotonic() - began < 8


def test_a_workbook_as_people_have_them_is_read() -> None:
    assert read(workbook(), Way(), Limits()).rows == ((2, ("A", "b")),)


def test_an_import_is_of_who_sent_the_file(person: Person) -> None:
    ann, ben = person("ann"), person("ben")
    page = sent(ann, "name,note\nOf ann,<script>alert(1)</script>\n")
    assert "<script>alert(1)" not in page

    assert run(ben, page).status_code == run(person(), page).status_code == 400
    ann.post("/deny", json=["import:ann"])
    assert run(ann, page).status_code == 403
    assert "Of ann" not in barrels(ann)


def test_only_what_is_offered_is_imported(person: Person) -> None:
    ann = person("ann")
    page = sent(ann, "name,note\nForged,5\n")
    url, seal = form_in(page, f"{AT}/check")
    for name in ("price", "id", "owner", "__class__"):
        chosen = {"_nitro": seal, "_column_0": "name", "_column_1": name}
        assert ann.post(url, data=chosen).status_code == 422


@pytest.mark.parametrize("accept", ["text/html", "text/event-stream"])
def test_an_import_that_is_sent_many_times_at_once_is_done_once(
    person: Person, accept: str
) -> None:
    ann = person("ann")
    ann.headers["accept"] = accept
    ann.headers["datastar-request"] = "true" if "stream" in accept else "false"
    for turn in range(3):
        name = f"Racing {accept} {turn}"
        page = sent(ann, "name,note\n" + f"{name},n\n" * 30, "/barrel-many")
        url, seal = form_in(page, f"{AT}/run")
        with ThreadPoolExecutor(6) as pool:
            for _ in range(6):
                pool.submit(ann.post, url, data={"_nitro": seal})

        stored = [one["name"] for one in ann.get("/stored").json()["barrels"]]
        assert stored.count(name) == 30


def test_who_may_not_change_them_any_more_does_not_undo_the_import_of_rows(
    person: Person,
) -> None:
    ann = person("ann")
    ann.post("/barrels", json={"name": "Undone", "note": "before"})
    done = run(ann, sent(ann, "name,note\nUndone,after\n"))
    ann.post("/deny", json=["update"])
    assert (undo(ann, done.text), barrels(ann)["Undone"]) == (403, "after")

    ann.post("/deny", json=[])
    assert undo(person("ben"), done.text) == 400
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: undo(ann, done.text), range(5)))
    assert (answers.count(200), barrels(ann)["Undone"]) == (1, "before")


def test_a_server_that_is_killed_in_an_import_leaves_all_or_nothing(
    new_server: Callable[..., Server], connect: Callable[[Server], httpx.Client]
) -> None:
    server = new_server("killed")
    server.script = server.script.with_name("keeping_app.py")
    server.start()
    rows = "\n".join(f"Killed {number},n" for number in range(1500))
    with connect(server) as ann, ThreadPoolExecutor(1) as pool:
        ann.headers.update({"x-user": "ann", "sec-fetch-site": "same-origin"})
        page = sent(ann, f"name,note\n{rows}\n", "/barrel-many")
        answer = pool.submit(run, ann, page)
        time.sleep(0.25)
        server.kill()
        left = answer.exception()
        server.start()
        count = len(ann.get("/stored").json()["barrels"])
        assert count == 1500 if left is None else count in (0, 1500)
        if count == 0:
            assert run(ann, page).status_code == 200
