"""Requests of readers of several languages: pages, tables, forms, answers, live views."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

import pytest
from pydantic import AwareDatetime, Field

from nitro_entities import Entity
from nitro_entities import state as entities
from nitro_events import Caller, Request, Response, action, configure
from nitro_events.http.dispatch import answer
from nitro_events.http.results import to_response
from nitro_events.joints import connect
from nitro_events.state import state as events
from nitro_events.texts import Text
from nitro_templates import Card, Form, Page, Table
from nitro_templates import configure as own_configure
from nitro_templates.context import rendering
from nitro_templates.error_pages import Failure, page_of
from nitro_templates.i18n import reader_for, reading, spoken
from nitro_templates.i18n.reader import Readers
from nitro_templates.state import state
from nitro_templates.with_events import context_of

HTML = {"accept": "text/html", "host": "testserver", "sec-fetch-site": "same-origin"}
OWN = """
msgid ""
msgstr "Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Fjord"
msgid_plural "Fjords"
msgstr[0] "Förde"
msgstr[1] "Förden"

msgid "Depth"
msgstr "Tiefe"

msgid "Measure"
msgstr "Messen"
"""


@pytest.fixture(autouse=True)
def _fresh_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NITRO_SECRET", "a secret that is long enough")
    monkeypatch.chdir(tmp_path)
    entities.state.reset()
    events.reset()
    connect()
    yield
    events.reset()
    entities.state.reset()


class Fjord(Entity):
    name: str = Field(min_length=1, max_length=40)
    depth: Annotated[int, Field(ge=0, description="In metres")] = 0
    seen: AwareDatetime | None = None
    frozen: bool = False

    @action
    def measure(self, by: Annotated[int, Field(gt=0)]) -> None:
        self.depth += by
        self.save()


def fjord_page() -> Page:
    table = Table.from_entity(Fjord).with_actions(["create", "edit", "delete", Fjord.measure])
    table = table.with_bulk(["delete"]).with_filters().with_column_choice().with_export()
    return Page(table.with_search().editable("name"), title="Fjords")


async def rerun(url: str) -> object | None:
    return fjord_page() if urlsplit(url).path == "/fjord" else None


def request_for(
    path: str,
    form: dict[str, str] | None = None,
    *,
    lang: str = "",
    more: dict[str, str] | None = None,
) -> Request:
    url = urlsplit(path)
    kind = {} if form is None else {"content-type": "application/x-www-form-urlencoded"}
    return Request(
        "GET" if form is None else "POST",
        url.path,
        query_string=url.query,
        headers={**HTML, "accept-language": lang, **kind, **(more or {})},
        body=urlencode(form or {}).encode(),
        client="testclient",
        caller=Caller("bob", "Bob", host="testclient"),
        rerun=rerun,
    )


def ask(request: Request) -> Response:
    with ThreadPoolExecutor(1) as pool:  # browser tests keep a loop running in this thread
        response = pool.submit(asyncio.run, answer(request)).result()
    assert response is not None
    return response


def page_for(lang: str, path: str = "/fjord", cookie: str = "") -> Response:
    request = request_for(path, lang=lang, more={"cookie": cookie})
    response = to_response(fjord_page(), request)
    assert response is not None
    return response


def text(response: Response) -> str:
    return response.body.decode()


def seal_in(html: str) -> str:
    found = re.search(r'name="_nitro" value="([^"]+)"', html)
    assert found is not None
    return found[1]


@pytest.fixture
def german(tmp_path: Path) -> None:
    folder = tmp_path / "locale" / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(OWN, encoding="utf-8")
    own_configure(translations=tmp_path / "locale")


def test_an_application_that_says_nothing_of_languages_has_one() -> None:
    response = page_for("de, fr;q=0.5")

    assert '<html lang="en">' in text(response)
    assert not {"vary", "content-language"} & {name for name, _ in response.headers}


def test_a_page_is_in_a_language_that_the_browser_asks_for() -> None:
    own_configure(languages=["en", "de", "ar"])

    response = page_for("de-DE, en;q=0.5")

    assert ("content-language", "de-DE") in response.headers
    assert ("vary", "Accept-Language") in response.headers
    assert '<html lang="de-DE">' in text(response)
    assert 'placeholder="Suchen"' in text(response)
    assert 'dir="rtl"' in text(page_for("ar"))
    assert '<html lang="en">' in text(page_for("ja"))


def test_the_application_may_know_the_language_and_the_zone_of_its_user() -> None:
    own_configure(locale=lambda request: {"bob": "fr"}.get(request.caller.id))
    own_configure(zone=lambda request: "Asia/Tokyo")
    Fjord.create(name="Sogn", seen=datetime(2026, 11, 21, 18, 5, tzinfo=UTC))

    response = page_for("de")

    assert '<html lang="fr">' in text(response)
    assert ("vary", "Cookie") in response.headers
    pytest.importorskip("babel")
    assert "22 nov. 2026, 03:05" in text(response)


def test_the_zone_of_the_browser_is_taken_only_where_it_is_wanted() -> None:
    Fjord.create(name="Sogn", seen=datetime(2026, 11, 21, 18, 5, tzinfo=UTC))
    kept = "nitro_zone=Asia%2FTokyo"

    assert "2026-11-21 18:05 UTC" in text(page_for("", cookie=kept))
    own_configure(zone="browser")
    assert "2026-11-22 03:05+09:00" in text(page_for("", cookie=kept))
    assert '<meta name="nitro-zone" content="Asia/Tokyo">' in text(page_for("", cookie=kept))
    for said in ("nitro_zone=../../etc/passwd", "nitro_zone=Nowhere", "nitro_zone=%00", ""):
        assert '<meta name="nitro-zone" content="">' in text(page_for("", cookie=said))


@pytest.mark.usefixtures("german")
def test_names_of_the_application_are_those_of_its_catalogue() -> None:
    Fjord.create(name="Sogn", depth=1308)
    Fjord.create(name="Hardanger")

    html = text(page_for("de"))

    assert ">2 Förden<" in html
    assert "Tiefe" in html
    assert ">Neu: Förde<" in html
    assert 'aria-label="Sogn: Messen"' in html
    assert "Depth" not in html
    assert "Depth" in text(page_for("en"))


def test_views_of_readers_of_one_language_and_zone_are_shared_and_of_others_not() -> None:
    own_configure(languages=["en", "de"])

    def key(lang: str, page: Page) -> object:
        context = context_of(request_for("/fjord", lang=lang))
        with rendering(context):
            return page.views(context)[0].key

    assert key("de", fjord_page()) == key("de", fjord_page())
    assert key("de", fjord_page()) != key("en", fjord_page())
    assert key("de-CH", fjord_page()) != key("de", fjord_page())
    fjord = Fjord.create(name="Sogn")
    for shown in (Form.from_entity(fjord), Card.from_entity(fjord).reactive()):
        assert key("de", Page(shown)) != key("en", Page(shown))
    before = key("en", fjord_page())
    own_configure(zone="Asia/Tokyo", languages=["de"])
    assert key("en", fjord_page()) != before


def test_a_view_stays_in_the_language_of_its_readers_wherever_it_is_rendered() -> None:
    own_configure(languages=["en", "de"])
    context = context_of(request_for("/fjord", lang="de"))
    with rendering(context):
        view = fjord_page().views(context)[0]

    assert "Noch keine Fjords." in view.render()


def test_a_refused_form_comes_back_in_the_language_of_the_reader() -> None:
    own_configure(languages=["en", "de"])
    seal = seal_in(text(page_for_form()))
    form = {"_nitro": seal, "name": "", "depth": "-5"}

    html = text(ask(request_for("/fjords", form, lang="de")))

    assert "Füllen Sie dieses Feld aus" in html
    assert "Geben Sie 0 oder mehr ein" in html
    assert "Nicht gespeichert. Bitte prüfen Sie Folgendes." in html


def page_for_form() -> Response:
    return ask(request_for("/fjords/new", lang="de"))


def page_in_german(path: str = "/fjord") -> Response:
    """What a reader of English is shown who opens a page that is in German for everybody."""
    own_configure(languages=["en", "de"])
    table = Table.from_entity(Fjord).with_bulk(["delete"])
    page = Page(Form.from_entity(Fjord), table, title="Fjorde", lang="de")
    response = to_response(page, request_for(path, lang="en"))
    assert response is not None
    return response


def test_a_form_of_a_page_with_a_language_is_answered_in_that() -> None:
    form = {"_nitro": seal_in(text(page_in_german())), "name": "", "depth": "1"}
    refused = text(ask(request_for("/fjords", form, lang="en")))
    again = {**form, "_nitro": seal_in(refused), "name": "Sogn"}
    saved = text(ask(request_for("/fjords", again, lang="en", more={"datastar-request": "true"})))

    assert "Nicht gespeichert. Bitte prüfen Sie Folgendes." in refused
    assert "Füllen Sie dieses Feld aus" in refused
    assert "Fjord angelegt" in saved


def test_what_is_done_to_many_is_told_in_the_language_of_the_page() -> None:
    fjord = Fjord.create(name="Sogn")
    seals = re.findall(r'name="_nitro" value="([^"]+)"', text(page_in_german()))
    form = {"_nitro": seals[-1], "_ids": fjord.id}

    asked = text(ask(request_for("/_nitro/bulk/fjords/delete", form, lang="en")))
    confirmed = {"_nitro": seal_in(asked), "_ids": fjord.id, "_confirmed": "1"}
    done = ask(request_for("/_nitro/bulk/fjords/delete", confirmed, lang="en"))

    assert "Sie können es 10 Minuten lang rückgängig machen." in asked
    assert "Löschen: 1 erledigt" in text(done)


def test_what_scripts_ask_for_on_a_page_with_a_language_is_answered_in_that() -> None:
    assert '<meta name="nitro-lang" content="de">' in text(page_in_german())
    fjord = Fjord.create(name="Sogn")

    dialog = {"nitro-lang": "de", "nitro-dialog": "true", "datastar-request": "true"}
    opened = text(ask(request_for(f"/fjords/{fjord.id}/edit", lang="en", more=dialog)))
    gone = text(ask(request_for("/fjords/no/edit", lang="en", more=dialog)))

    assert "Sogn bearbeiten" in opened
    assert ">Speichern<" in opened
    assert "Nicht gefunden" in gone


@pytest.mark.parametrize("lang", ["x" * 36, "de;q=1", "<b>", "../de"])
def test_what_is_no_language_is_not_taken_for_that_of_a_page(lang: str) -> None:
    own_configure(languages=["en", "de"])
    request = request_for("/fjords/new", lang="de", more={"nitro-lang": lang})

    assert context_of(request).page_lang is None
    assert context_of(request).lang == "de"


def test_a_page_without_a_language_of_its_own_says_none() -> None:
    own_configure(languages=["en", "de"])

    assert "nitro-lang" not in text(page_for("de"))


@pytest.mark.usefixtures("german")
def test_an_exported_file_has_headings_in_the_language_of_the_reader() -> None:
    Fjord.create(name="Sogn", depth=1308)
    url = "/fjord?_ask=export:fjords:csv"

    files = [
        to_response(fjord_page(), request_for(url, lang=lang, more={"accept": "text/csv"}))
        for lang in ("de", "en")
    ]

    first_lines = []
    for file in files:
        assert file is not None
        body = file.body or b"".join(run_whole(file))
        first_lines.append(body.decode("utf-8-sig").splitlines()[0])
    assert first_lines == ["Name,Tiefe,Seen,Frozen", "Name,Depth,Seen,Frozen"]


def run_whole(response: Response) -> list[bytes]:
    async def read() -> list[bytes]:
        chunks: Any = response.chunks
        return [chunk async for chunk in chunks]

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, read()).result()


def test_what_is_checked_while_typing_is_told_in_the_language_of_the_reader() -> None:
    own_configure(languages=["en", "de"])
    form = {"_nitro": seal_in(text(page_for_form())), "name": "", "depth": "x"}

    more = {"nitro-check": "depth", "accept": "application/json"}
    checked = ask(request_for("/fjords", form, lang="de", more=more))

    assert json.loads(checked.body)["errors"]["depth"] == "Geben Sie eine ganze Zahl ein"


def test_programs_are_told_in_english() -> None:
    own_configure(languages=["en", "de"])
    request = Request(
        "POST",
        "/fjords",
        headers={**HTML, "accept": "application/json", "accept-language": "de"}
        | {"content-type": "application/json"},
        body=b'{"name": "", "depth": -1}',
        client="testclient",
    )

    errors = json.loads(ask(request).body)["errors"]

    assert errors == {"name": "Fill in this field", "depth": "Enter 0 or more"}


def test_an_error_page_is_in_the_language_of_the_reader() -> None:
    own_configure(languages=["en", "de"])

    html = text(ask(request_for("/fjords/nobody/edit", lang="de")))

    assert "Nicht gefunden" in html
    assert "Zum Anfang" in html


def test_the_count_is_written_as_the_reader_does() -> None:
    pytest.importorskip("babel")
    own_configure(languages=["en", "de"])
    view = Table.from_entity(Fjord)
    context = context_of(request_for("/fjord", lang="de"))
    with rendering(context):
        assert ">10.000+ fjords<" not in view.view(context).write_total(
            10_001, shown=1, exact=False
        )
        assert ">10.000+ Fjords<" in view.view(context).write_total(10_001, shown=1, exact=False)


class Pseudo(dict[str, str]):
    """Every text in other letters, as a translation of it."""

    def get(self, text: str, otherwise: object = None) -> str:
        parts = re.split(r"(\{\w*\})", text)
        return "".join(p if p.startswith("{") else p.translate(_OTHER) for p in parts)


_OTHER = {ord(a): ord(a) + 0x1D5BA - 0x61 for a in "abcdefghijklmnopqrstuvwxyz"}
_OTHER |= {ord(a): ord(a) + 0x1D5A0 - 0x41 for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
KNOWN = {"Sogn", "zzz", "CSV", "UTC", "Fjords", "Nitro"}
SPOKEN = ("aria-label", "placeholder", "title", "alt")


class Left(HTMLParser):
    """Finds the words of a page that nobody has translated."""

    def __init__(self) -> None:
        super().__init__()
        self.words: set[str] = set()
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside.append(tag)
        for name, value in attrs:
            if name in SPOKEN:
                self._look(value or "")

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"script", "style", "title"} & {*self._inside}:
            self._look(data)

    def _look(self, text: str) -> None:
        self.words |= {word for word in re.findall(r"[A-Za-z]{2,}", text)} - KNOWN


def test_no_english_is_left_on_a_page_in_another_language() -> None:
    own_configure(languages=["xx"])
    reader = reader_for("xx")
    catalogue = type("All", (), {"texts": Pseudo(), "form": lambda self, one, count: None})()
    vars(reader).update(texts=catalogue, own_texts=catalogue, local=None)
    assert state.part(Readers)["xx", None] is reader
    fjord = Fjord.create(name="Sogn", depth=5, seen=datetime(2026, 1, 2, tzinfo=UTC))
    seal = seal_in(text(ask(request_for(f"/fjords/{fjord.id}/edit"))))
    refused = {"_nitro": seal, "name": "", "depth": "x", "seen": "soon"}
    bulk = {"_nitro": seal_in(text(page_for(""))), "_ids": fjord.id}
    pages = [
        page_for(""),
        page_for("", "/fjord?q=Sogn&f-depth-min=1&f-frozen=false&sort=name,-depth"),
        page_for("", "/fjord?q=zzz9"),
        page_for("", "/fjord?sort=nothing&f-nothing=1&size=7&cols=nothing&where=nonsense"),
        page_for("", "/fjord?_ask=rules:fjords"),
        page_for("", f"/fjord?_ask=cell:fjords:name:{fjord.id}"),
        ask(request_for("/fjords/new")),
        ask(request_for(f"/fjords/{fjord.id}/edit")),
        ask(request_for(f"/fjords/{fjord.id}/delete")),
        ask(request_for(f"/fjords/{fjord.id}/measure")),
        ask(request_for(f"/fjords/{fjord.id}", refused)),
        ask(request_for("/_nitro/bulk/fjords/delete", bulk)),
        ask(request_for("/fjords/nobody/edit")),
    ]

    for response in pages:
        left = Left()
        left.feed(text(response))
        assert left.words == set(), text(response)[:300]


def test_each_failure_has_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    own_configure(lang="de")
    for status in (400, 403, 404, 405, 409, 413, 422, 429, 500, 418):
        html = str(page_of(Failure(status, "Not found", id="7")))
        assert "Nicht gefunden" in html
        assert "Vermerkt als <code>7</code>" in html
        assert not re.search(r">[^<]*\b(The|This|You)\b", html.partition("</head>")[2])


def test_settings_can_be_taken_back() -> None:
    configure(prefix="")
    own_configure(languages=["de"])
    assert '<html lang="de">' in text(page_for(""))


def test_a_text_of_nitro_events_is_said_again_with_its_values() -> None:
    text = Text("Enter {ge} or more", ge=5)

    assert spoken(text) == text == "Enter 5 or more"
    with reading(reader_for("de")):
        assert spoken(text) == "Geben Sie 5 oder mehr ein"
        assert spoken("what an application says") == "what an application says"


def test_a_large_number_in_such_a_text_is_written_as_the_reader_does() -> None:
    pytest.importorskip("babel")
    text = Text("More than {most} match. Narrow the search", most=200_000)

    assert "200,000" in spoken(text)
    with reading(reader_for("de")):
        assert "200.000" in spoken(text)
