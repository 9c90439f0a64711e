"""200 hostile values in every place of every page: what a browser reads is what tame ones make."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlencode
from xml.etree import ElementTree

import html5lib
import httpx
import pytest

from support.form_html import body_of, sent_by
from support.hostile_values import MARKUP, TEXTS, VALUES, shape
from support.server import Server

PAGES = Path(__file__).with_name("pages.py")
HTML = {"accept": "text/html", "sec-fetch-site": "same-origin"}
FORM = HTML | {"content-type": "application/x-www-form-urlencoded"}
DATASTAR = HTML | {"datastar-request": "true"}
# long words get places to break, long texts a title, lines a box of several
MORE = {
    ("wbr", ()), ("span", ("title",)), ("textarea", ("id", "name", "rows")),
    ("textarea", ("aria-describedby", "id", "name", "rows")),
}  # fmt: skip


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """The same pages with hostile and with tame values."""
    servers = [
        Server(PAGES, env, tmp_path_factory.mktemp("values"))
        for env in ({}, {"TAME": "1"})
    ]  # fmt: skip
    for server in servers:
        server.spawn()
    for server in servers:
        server.wait()
    clients = [httpx.Client(base_url=one.url, timeout=60, trust_env=False) for one in servers]
    yield clients[0], clients[1]
    for client in clients:
        client.close()
    logs = [server.log for server in servers]
    for server in servers:
        server.kill()
    assert "Traceback" not in "".join(logs)


def count(html: str) -> Counter[tuple[str, tuple[str, ...]]]:
    return Counter(map(one_line, (one for one in shape(html) if one not in MORE)))


def one_line(one: tuple[str, tuple[str, ...]]) -> tuple[str, tuple[str, ...]]:
    tag, names = one
    if tag != "textarea" or "placeholder" not in names:
        return one
    return "input", tuple(sorted({*names, "type", "value"} - {"rows"}))


def same_shape(hostile: httpx.Response, tame: httpx.Response) -> None:
    assert hostile.status_code == tame.status_code, hostile.text[:500]
    assert count(hostile.text) == count(tame.text), hostile.url


PATHS = [
    "/wide", "/wide-form", "/sections", "/detail/0", "/detail/150", "/tags", "/jinja",
    "/toasts", "/few-owners", "/parts", "/things/t0/edit", "/things/new",
    "/things/t0/choose", "/things/t0/delete", "/things/t0/echo",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_the_elements_and_attributes_of_a_tame_one(
    two: tuple[httpx.Client, httpx.Client], path: str
) -> None:
    hostile, tame = two
    same_shape(hostile.get(path, headers=HTML), tame.get(path, headers=HTML))


def test_titles_captions_empty_texts_and_failures_are_text(
    two: tuple[httpx.Client, httpx.Client],
) -> None:
    hostile, tame = two
    for path in ("/name", "/fails"):
        expected = count(tame.get(f"{path}/3", headers=HTML).text)
        for number in range(len(VALUES)):
            answer = hostile.get(f"{path}/{number}", headers=HTML)
            assert answer.status_code == (200 if path == "/name" else 403)
            assert count(answer.text) == expected, VALUES[number]


def test_every_value_comes_back_from_a_page_as_it_is(
    two: tuple[httpx.Client, httpx.Client],
) -> None:
    tree = html5lib.parse(two[0].get("/tags").text, treebuilder="etree")
    spans = [
        node for node in tree.iter() if node.tag.endswith("}span") and "data-x" in node.attrib
    ]
    found = [(node.text or "", node.attrib["title"], node.attrib["data-x"]) for node in spans]
    for value, (text, title, data) in zip(VALUES, found, strict=True):
        assert title == data == as_read(value)
        assert text == as_read(value).replace("\ufffd", "")


def as_read(value: str) -> str:
    """Answer what a parser makes of *value*: line ends count as one, NUL is replaced."""
    plain = re.sub("[\ud800-\udfff]", "?", value).replace("\r\n", "\n").replace("\r", "\n")
    return plain.replace("\0", "\ufffd")


def parameters(value: str) -> list[str]:
    text = value.encode("utf-8", "ignore").decode()
    given = {
        "q": text, "f-name": text, "f-kind": text, "f-number-min": text, "where": text,
        "sort": text, "cols": text, "size": text, "after": text, "other": text, text: text,
    }  # fmt: skip
    rules = f'all(name.has."{text.translate({34: None, 92: None})}")'
    return [
        urlencode(given),
        urlencode({"where": rules, "f-name": text, "f-name-op": "is", "other": text}),
    ]


def test_no_parameter_of_a_url_is_more_than_text(
    two: tuple[httpx.Client, httpx.Client],
) -> None:
    usual = set(MORE)
    for query in ("q=1&f-name=1&other=1", "q=nothing", "where=all(name.has.value)", "sort=x"):
        usual.update(shape(two[1].get(f"/little?{query}").text))
    for value in VALUES:
        for query in parameters(value):
            answer = two[0].get(f"/little?{query}", headers=HTML)
            assert answer.status_code == 200, (query, answer.text)
            assert "Traceback" not in answer.text
            assert "nitro_" not in answer.text
            new = {one for one in shape(answer.text) if one not in usual}
            assert {tag for tag, _ in new} <= {
                "a",
                "p",
                "span",
                "li",
                "ul",
                "button",
                "tr",
                "td",
            }, new
            assert not {name for _, names in new for name in names} - KNOWN, new


KNOWN = {
    "class", "href", "id", "role", "aria-label", "aria-live", "data-label", "colspan", "type",
    "aria-describedby", "value", "data-nitro-clear", "rel", "aria-hidden",
}  # fmt: skip


def test_all_links_of_a_page_lead_to_this_application(
    two: tuple[httpx.Client, httpx.Client],
) -> None:
    tree = html5lib.parse(two[0].get("/").text, treebuilder="etree", namespaceHTMLElements=False)
    for node in tree.iter("a"):
        if "nitro-edit" in node.attrib.get("class", ""):
            assert node.attrib["href"].startswith("/things/"), node.attrib


def test_a_file_has_a_harmless_name_and_holds_the_values_without_formulas(
    two: tuple[httpx.Client, httpx.Client],
) -> None:
    client = two[0]
    for number in range(len(VALUES)):
        for kind in ("csv", "json", "xlsx"):
            answer = client.get(f"/name/{number}?_ask=export:things:{kind}")
            assert answer.status_code == 200
            said = answer.headers["content-disposition"]
            assert said.isascii()
            names = re.findall(r"filename=\"([^\"]*)\"", said)
            names += [unquote(name) for name in re.findall(r"filename\*=UTF-8''(\S+)", said)]
            for name in names:
                assert re.fullmatch(
                    rf"[^.\x00-\x1f/\\:*?\"<>|\u202a-\u202e][^\x00-\x1f/\\:*?\"<>|\u202a-\u202e]*\.{kind}",
                    name,
                ), said
                assert len(name) < 100


def test_exported_values_are_those_of_the_table(
    two: tuple[httpx.Client, httpx.Client],
) -> None:
    client = two[0]
    rows = json.loads(client.get("/?_ask=export:things:json").content)
    assert [row["name"] for row in rows] == TEXTS
    text = client.get("/?_ask=export:things:csv").content.decode("utf-8-sig")
    cells = list(csv.reader(io.StringIO(text, newline="")))
    assert len(cells) == len(TEXTS) + 1
    for row in cells:
        for cell in row:
            assert not cell.lstrip(" \u00a0").startswith(("=", "+", "@", "\t", "\r")), cell
            assert not cell.startswith("-") or re.fullmatch(r"-?[\d.]*", cell), cell
    book = client.get("/?_ask=export:things:xlsx").content
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheets = [name for name in parts.namelist() if "sheet" in name and name.endswith(".xml")]
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(parts.read(name))
        assert not any(b"<f>" in parts.read(name) for name in sheets)


def test_errors_at_fields_are_text(two: tuple[httpx.Client, httpx.Client]) -> None:
    """One form of 200 fields, each refused with its own value as the reason."""
    answers: list[httpx.Response] = []
    for client, values in zip(two, (VALUES, [f"v {n}" for n in range(200)]), strict=True):
        page = sent_by(client.get("/wide-form", headers=HTML).text, "form-wides-w")
        sent = [(name, text) for name, text in page.sent if not re.fullmatch(r"f\d+", name)]
        sent += [
            (f"f{number}", f"refuse x{value.encode('utf-8', 'ignore').decode()}")
            for number, value in enumerate(values)
        ]
        answers.append(client.post("/wides/w", content=body_of(sent), headers=FORM))
    assert answers[0].status_code == 422
    same_shape(*answers)
    assert two[-1].get("/stored").json()["Wide"]["w"]["f0"] == ""


def test_conflicts_show_both_values_as_text(two: tuple[httpx.Client, httpx.Client]) -> None:
    answers: list[httpx.Response] = []
    for client, values in zip(two, (TEXTS, [f"v {n}" for n in range(len(TEXTS))]), strict=True):
        page = sent_by(client.get("/wide-form", headers=HTML).text, "form-wides-w")
        theirs = {f"f{number}": value for number, value in enumerate(values)}
        assert client.patch("/wides/w", json=theirs).status_code == 200
        sent = [(name, text) for name, text in page.sent if name not in theirs]
        sent += [(f"f{n}", values[n - 1] or "x") for n in range(len(values))]
        answers.append(client.post("/wides/w", content=body_of(sent), headers=FORM))
        assert client.patch("/wides/w", json=dict.fromkeys(theirs, "")).status_code == 200
    assert answers[0].status_code == 409
    same_shape(*answers)
    assert answers[0].text.count("nitro-conflict") > 180


def test_every_form_of_every_thing_is_harmless_and_saves_what_it_showed(
    two: tuple[httpx.Client, httpx.Client],
) -> None:
    """Edited and sent as it is, nothing changes: no value is bent by its way through a page."""
    client = two[0]
    before = client.get("/stored").json()["Thing"]
    usual = set(shape(two[1].get("/things/t5/edit", headers=HTML).text)) | MORE
    for number in range(len(TEXTS)):
        answer = client.get(f"/things/t{number}/edit", headers=HTML)
        if number % 20 == 0:  # the browser reads all of them
            assert {tag for tag, _ in set(shape(answer.text)) - usual} <= {"textarea"}
        page = sent_by(answer.text, form=f"form-things-t{number}")
        if "\r" in TEXTS[number]:  # no browser sends that back as it was
            continue
        saved = client.post(f"/things/t{number}", content=body_of(page.sent), headers=FORM)
        assert saved.status_code == 303, (TEXTS[number], page.sent, saved.text[-3000:])
    assert client.get("/stored").json()["Thing"] == before


def test_the_editor_of_a_cell_is_harmless(two: tuple[httpx.Client, httpx.Client]) -> None:
    usual = set(shape(two[1].get("/few?_ask=cell:things:name:t3").text)) | MORE
    for number in range(len(TEXTS)):
        answer = two[0].get(f"/few?_ask=cell:things:name:t{number}", headers=DATASTAR)
        assert answer.status_code == 200
        new = set(shape(events(answer.text))) - usual
        assert {tag for tag, _ in new} <= {"textarea"}, new


def events(text: str) -> str:
    """Answer the elements in a stream of events, strictly read: by lines of the three kinds."""
    found: list[str] = []
    for line in re.split(r"\r\n|\r|\n", text):
        if not line:
            continue
        name, _, rest = line.partition(": ")
        assert name in ("event", "data", "id", "retry"), line
        if name == "event":
            assert rest in ("datastar-patch-elements", "datastar-patch-signals"), line
        if name == "data":
            kind, _, value = rest.partition(" ")
            assert kind in ("elements", "selector", "mode", "signals", "useViewTransition"), line
            if kind == "elements":
                found.append(value)
    return "\n".join(found)


def test_messages_and_moves_are_text(two: tuple[httpx.Client, httpx.Client]) -> None:
    for name in ("greet", "leave", "refuse"):
        expected = shape(events(two[1].post(f"/things/t3/{name}", headers=DATASTAR).text))
        for number in range(len(TEXTS)):
            answer = two[0].post(f"/things/t{number}/{name}", headers=DATASTAR)
            html = events(answer.text)
            if TEXTS[number].strip():
                assert shape(html) == expected, TEXTS[number]


def test_a_text_that_an_action_returns_is_text(two: tuple[httpx.Client, httpx.Client]) -> None:
    for value in TEXTS:
        answer = two[0].post("/things/t0/echo", json={"word": value}, headers=DATASTAR)
        assert answer.status_code == 200
        assert not {tag for tag, _ in shape(events(answer.text))} & {"img", "svg", "script", "b"}


def test_the_report_of_many_is_text(two: tuple[httpx.Client, httpx.Client]) -> None:
    for start in range(0, len(TEXTS), 8):  # so many reasons are told
        answers: list[httpx.Response] = []
        for client in two:
            token = seal_of_bar(client.get("/few").text)
            ids = [("_ids", f"t{n}") for n in range(start, min(start + 8, len(TEXTS)))]
            asked = client.post(
                "/_nitro/bulk/things/refuse",
                content=body_of([("_nitro", token), *ids]),
                headers=FORM,
            )
            assert asked.status_code == 200, asked.text
            form = sent_by(asked.text, form="things-bulk-refuse").sent
            answers.append(
                client.post("/_nitro/bulk/things/refuse", content=body_of(form), headers=FORM)
            )
        assert answers[0].status_code == 200
        same_shape(*answers)


def seal_of_bar(html: str) -> str:
    return next(text for name, text in sent_by(html, "things-bulk").sent if name == "_nitro")


def test_options_are_json_that_no_browser_takes_for_a_page(
    two: tuple[httpx.Client, httpx.Client],
) -> None:
    for value in ["", *VALUES]:
        text = quote(value.encode("utf-8", "ignore").decode())
        for place in ("form-things-t0:owner_id", "nothing:owner_id", "form-things-t0:name"):
            answer = two[0].get(f"/few-owners?_ask=options:{place}&_q={text}")
            assert answer.status_code in (200, 404)
            if answer.status_code == 200:
                assert answer.headers["content-type"] == "application/json"
                assert answer.headers["x-content-type-options"] == "nosniff"
                assert {key for key, _ in answer.json()["items"]} <= {"o1"}


def test_names_are_found_by_what_they_are_and_wildcards_are_letters(
    two: tuple[httpx.Client, httpx.Client],
) -> None:
    for value in ("%", "_", "100% of it_all", "' OR '1'='1", MARKUP[0]):
        rows = json.loads(
            two[0].get("/?" + urlencode({"q": value, "_ask": "export:things:json"})).content
        )
        assert rows
        words = value.casefold().split()
        assert all(word in row["name"].casefold() for row in rows for word in words), value
