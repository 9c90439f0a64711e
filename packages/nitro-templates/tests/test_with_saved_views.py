"""Views of a table that are kept: whose they are, what is in them, who sees and changes them."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlencode, urlsplit

import pytest

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_events")

from nitro_entities import Entity, SQLEntity
from nitro_entities import state as entities
from nitro_events import Caller, Request, Response, configure
from nitro_events.http.dispatch import answer
from nitro_events.joints import connect
from nitro_events.state import state as events
from nitro_events.threads import in_thread
from nitro_templates import Page, Table
from nitro_templates import configure as own_configure
from nitro_templates.table import saved
from nitro_templates.with_events.responses import convert

T = TypeVar("T")
HTML = {"accept": "text/html", "host": "testserver", "sec-fetch-site": "same-origin"}
DATASTAR = {**HTML, "datastar-request": "true"}
ANN = Caller("ann", "Ann", host="testclient")
BOB = Caller("bob", "Bob", host="testclient")


class Kiosk(SQLEntity, table=True):
    name: str
    sales: int = 0


class Stall(Entity):
    name: str
    sales: int = 0


KINDS: dict[str, type[Any]] = {"/kiosks": Kiosk, "/stalls": Stall}
OFFERED: list[tuple[str, ...]] = [("name", "sales")]


def page_of(path: str) -> Page | None:
    kind = KINDS.get(path)
    if kind is None:
        return None
    table = Table.from_entity(kind).columns(*OFFERED[-1]).with_search("name").with_column_choice()
    return Page(table.with_filters().with_saved_views(), title="All")


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


@pytest.fixture(params=["kiosks", "stalls"])
def slug(request: pytest.FixtureRequest) -> str:
    """A table in SQLite, and one in memory."""
    found: str = request.param
    KINDS[f"/{found}"].create_many({"name": f"No {n}", "sales": n} for n in range(3))
    return found


async def rerun(url: str) -> object | None:
    return page_of(urlsplit(url).path)


def run(work: Coroutine[object, object, T]) -> T:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _whole(request: Request) -> tuple[Response, str]:
    page = page_of(request.path)
    if page is not None:
        response = await in_thread(convert, page, request, 200)
        return response, response.body.decode()
    answered = await answer(request)
    assert answered is not None
    chunks = answered.chunks
    if chunks is None:
        return answered, answered.body.decode()
    assert isinstance(chunks, AsyncGenerator)
    return answered, "".join([chunk.decode() async for chunk in chunks])


def send(
    method: str,
    path: str,
    *form: tuple[str, str],
    headers: dict[str, str] = HTML,
    caller: Caller = ANN,
) -> tuple[Response, str]:
    url = urlsplit(path)
    kind = {"content-type": "application/x-www-form-urlencoded"} if method == "POST" else {}
    request = Request(
        method,
        unquote(url.path),
        query_string=url.query,
        headers={**headers, **kind},
        body=urlencode(form).encode(),
        client="testclient",
        caller=caller,
        rerun=rerun,
    )
    return run(_whole(request))


def shown(path: str, caller: Caller = ANN) -> str:
    return send("GET", path, caller=caller)[1]


def names_in(html: str) -> list[str]:
    return re.findall(r"No \d", html[html.index("<tbody") :]) if "<tbody" in html else []


def change(
    slug: str, *form: tuple[str, str], caller: Caller = ANN, at: str = "", **how: Any
) -> str:
    page = shown(f"/{slug}{at}", caller)
    found = re.search(r'name="_nitro" value="([^"]*)"', page)
    assert found is not None, "there is no form to save a view with"
    fields = [("_nitro", unescape(found[1])), ("_query", at.removeprefix("?")), *form]
    response, text = send("POST", f"/_nitro/views/{slug}", *fields, caller=caller, **how)
    return text if response.status != 303 else dict(response.headers)["location"]


def save(slug: str, name: str, at: str, caller: Caller = ANN) -> str:
    """Save what the address *at* shows; answer its id."""
    found = re.search(r"view=([\w-]+)", change(slug, ("name", name), at=at, caller=caller))
    assert found is not None
    return found[1]


def do(slug: str, what: str, id: str, *more: tuple[str, str], **how: Any) -> str:
    return change(slug, ("_do", what), ("_view", id), *more, **how)


BEST = "?q=No&f-sales-min=1&sort=-sales&cols=name&size=50"


def test_what_is_shown_is_kept_under_a_name(slug: str) -> None:
    id = save(slug, "Best", BEST)

    page = shown(f"/{slug}")

    link = re.search(rf'href="([^"]*view={id})"[^>]*>Best<', page)
    assert link is not None
    again = shown(f"/{slug}{unescape(link[1])}")
    assert names_in(again) == ["No 2", "No 1"]
    assert "f-sales-min=1" in link[1]
    assert "View: Best" in again


def test_what_cannot_be_done_to_a_view_is_said_in_the_language_of_the_reader(slug: str) -> None:
    own_configure(languages=["en", "de"])
    german: dict[str, Any] = {"headers": {**HTML, "accept-language": "de"}}
    id = save(slug, "Best", BEST)
    do(slug, "share", id)

    assert "Geben Sie der Ansicht einen Namen." in change(slug, ("name", " "), **german)
    assert "So etwas kann hier nicht getan werden" in do(slug, "frame", id, **german)
    assert "Diese Ansicht ist nicht mehr da." in do(slug, "delete", "nobody", **german)
    not_mine = do(slug, "delete", id, caller=BOB, **german)
    assert "Nur wer eine Ansicht angelegt hat, ändert sie" in not_mine


def test_the_place_in_a_list_is_not_kept(slug: str) -> None:
    save(slug, "Best", "?q=No&after=xyz")

    assert "after=" not in shown(f"/{slug}").split("Best<")[0].rsplit("<a", 1)[1]


def test_a_view_is_seen_by_who_keeps_it(slug: str) -> None:
    save(slug, "Best", BEST)

    assert ">Best<" in shown(f"/{slug}")
    assert ">Best<" not in shown(f"/{slug}", BOB)


def test_a_shared_view_is_seen_by_all_and_changed_by_its_owner(slug: str) -> None:
    id = save(slug, "Best", BEST)
    do(slug, "share", id)
    assert "shared by Ann" in shown(f"/{slug}", BOB)

    for what in ("rename", "replace", "delete", "share", "hide"):
        page = do(slug, what, id, ("name", "Mine now"), caller=BOB)
        assert "Only who has made a view changes it" in page
    do(slug, "hide", id)

    assert ">Best<" not in shown(f"/{slug}", BOB)


def test_the_view_of_somebody_else_cannot_be_named(slug: str) -> None:
    id = save(slug, "Best", BEST)

    for what in ("rename", "replace", "delete", "share", "usual"):
        assert "not there any more" in do(slug, what, id, ("name", "x"), caller=BOB)

    assert ">Best<" in shown(f"/{slug}")


def test_a_view_is_renamed_replaced_and_deleted(slug: str) -> None:
    id = save(slug, "Best", BEST)

    do(slug, "rename", id, ("name", "  Very   best "))
    do(slug, "replace", id, at="?sort=sales")
    page = shown(f"/{slug}")
    assert ">Very best<" in page
    assert f'href="?sort=sales&amp;view={id}"' in page
    do(slug, "delete", id)

    assert "Very best" not in shown(f"/{slug}")


def test_a_usual_view_opens_where_the_address_says_nothing(slug: str) -> None:
    id = save(slug, "Best", BEST)
    do(slug, "usual", id)

    page = shown(f"/{slug}")
    assert names_in(page) == ["No 2", "No 1"]
    assert f"view={id}" in re.findall(r'data-nitro-at="([^"]*)"', page)[0]
    assert len(names_in(shown(f"/{slug}", BOB))) == 3
    assert len(names_in(shown(f"/{slug}?view=none"))) == 3
    assert len(names_in(shown(f"/{slug}?view={id}"))) == 3, "everything was taken away again"

    do(slug, "unusual", id, at="?view=none")
    assert len(names_in(shown(f"/{slug}"))) == 3


def test_what_leaves_the_usual_view_says_so_in_its_links(slug: str) -> None:
    id = save(slug, "Best", BEST)
    do(slug, "usual", id)

    page = shown(f"/{slug}")

    clear = re.search(r'id="\w+-clear"[^>]*href="([^"]*)"', page)
    assert clear is not None
    assert f"view={id}" in clear[1]
    assert f'name="view" value="{id}"' in page


def test_a_shared_view_of_another_can_be_the_usual_one(slug: str) -> None:
    id = save(slug, "Best", BEST)
    do(slug, "share", id)
    do(slug, "usual", id, caller=BOB)
    assert names_in(shown(f"/{slug}", BOB)) == ["No 2", "No 1"]

    do(slug, "delete", id)

    assert len(names_in(shown(f"/{slug}", BOB))) == 3


def test_what_a_view_names_and_the_table_lost_is_told(slug: str) -> None:
    id = save(slug, "Best", "?cols=name&sort=sales&f-sales-min=1")
    do(slug, "usual", id)
    OFFERED.append(("name",))
    try:
        page = shown(f"/{slug}")
    finally:
        OFFERED.pop()

    assert "The view “Best” names what this table does not offer any more" in page
    assert len(names_in(page)) == 2


def test_what_the_table_does_not_offer_is_not_saved(slug: str) -> None:
    page = change(slug, ("name", "Odd"), at="?cols=secret&sort=nothing")

    assert "A column of this address is not offered here" in page
    assert ">Odd<" not in shown(f"/{slug}")


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x07b"])
def test_a_name_has_to_be_one(slug: str, name: str) -> None:
    page = change(slug, ("name", name))

    assert "name" in page
    assert "<li>" not in page
    assert ">Change<" not in shown(f"/{slug}")


def test_a_name_is_taken_once(slug: str) -> None:
    save(slug, "Best", BEST)

    assert "You have a view “best” already" in change(slug, ("name", "best"))
    assert save(slug, "Best", BEST, caller=BOB)


def test_a_name_is_text_wherever_it_stands(slug: str) -> None:
    save(slug, "<script>alert(1)</script>", BEST)

    page = shown(f"/{slug}")

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_there_is_an_end_to_how_many(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "MOST", 2)
    save(slug, "One", "?q=1")
    save(slug, "Two", "?q=2")

    assert "You keep 2 views of this table" in change(slug, ("name", "Three"))


def test_there_is_an_end_to_how_much(slug: str) -> None:
    many = "&".join(f"f-name={'x' * 200}" for _ in range(1))
    rules = ",".join(f'name.has."{"y" * 150}{n}"' for n in range(30))

    page = change(slug, ("name", "Long"), at=f"?{many}&where=all({rules})")

    assert ">Long<" not in shown(f"/{slug}")
    assert page


def test_the_policy_is_asked_for_saving_and_for_sharing(slug: str) -> None:
    id = save(slug, "Best", BEST)
    configure(policy=lambda caller, operation, target: operation != "share_view")
    assert "You may not do this" in do(slug, "share", id)
    assert ">Share<" not in shown(f"/{slug}")

    configure(policy=lambda caller, operation, target: operation != "save_view")
    page = shown(f"/{slug}")

    assert ">Best<" in page
    assert "Save view" not in page


def test_who_is_not_known_keeps_nothing(slug: str) -> None:
    nobody = Caller(host="testclient")
    id = save(slug, "Best", BEST)
    assert "data-nitro-views" not in shown(f"/{slug}", nobody)
    do(slug, "share", id)

    page = shown(f"/{slug}", nobody)

    assert ">Best<" in page
    assert "Save view" not in page


def test_views_of_one_tenant_are_nothing_to_another(slug: str) -> None:
    class Policy:
        def __call__(self, caller: Caller, operation: str, target: object) -> bool:
            return True

        def tenant(self, caller: Caller) -> str | None:
            return caller.id

    configure(policy=Policy())
    id = save(slug, "Best", BEST)

    do(slug, "share", id)

    assert ">Best<" not in shown(f"/{slug}", BOB)


def test_a_form_of_somebody_else_is_refused(slug: str) -> None:
    page = shown(f"/{slug}")
    seal = unescape(re.findall(r'name="_nitro" value="([^"]*)"', page)[0])

    response, _ = send(
        "POST", f"/_nitro/views/{slug}", ("_nitro", seal), ("name", "x"), caller=BOB
    )

    assert response.status == 400


def test_a_form_of_another_table_is_refused() -> None:
    seal = unescape(re.findall(r'name="_nitro" value="([^"]*)"', shown("/stalls"))[0])

    response, _ = send("POST", "/_nitro/views/kiosks", ("_nitro", seal), ("name", "x"))

    assert response.status == 400


def test_with_scripts_the_menu_is_patched(slug: str) -> None:
    text = change(slug, ("name", "Best"), at=BEST, headers=DATASTAR)

    assert f'id="{slug}-views"' in text
    assert "View “Best” saved" in text


def test_what_is_kept_holds_no_row(slug: str) -> None:
    save(slug, "Best", BEST)
    from nitro_entities import MemoryRepo, SQLModelBackend
    from nitro_events.with_entities.keeping import kept_kind

    backend = SQLModelBackend if slug == "kiosks" else MemoryRepo
    (kept,) = kept_kind(backend).all()

    assert json.loads(kept.data)["pairs"] == [
        ["q", "No"], ["f-sales-min", "1"], ["sort", "-sales"], ["cols", "name"], ["size", "50"]
    ]  # fmt: skip
