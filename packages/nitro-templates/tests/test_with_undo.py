"""What was done by a form, in a cell or to many is taken back, exactly or not at all."""

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import pytest
from pydantic import SecretStr

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_events")

from nitro_entities import DeletedAt, Entity, SQLEntity, StoredFile, Unique, before_delete
from nitro_entities import state as entities
from nitro_events import Caller, Request, Response, action, configure
from nitro_events.http.dispatch import answer
from nitro_events.joints import connect
from nitro_events.state import state as events
from nitro_events.threads import in_thread
from nitro_templates import Page, Table
from nitro_templates.with_events import bulk_run
from nitro_templates.with_events.responses import convert

T = TypeVar("T")
HTML = {"accept": "text/html", "host": "testserver", "sec-fetch-site": "same-origin"}
DATASTAR = {**HTML, "datastar-request": "true"}
ANN = Caller("ann", "Ann", host="testclient")
BOB = Caller("bob", "Bob", host="testclient")


class Trawler(SQLEntity, table=True):
    name: Unique[str]
    cargo: int = 0
    pin: SecretStr | None = None
    built: datetime | None = None

    @action
    def fill(self) -> None:
        self.cargo += 10
        Logbook.create(text=f"filled {self.name}")

    @action(undo=False)
    def sell(self) -> None:
        self.cargo = -1


class Logbook(SQLEntity, table=True):
    text: str


class Canoe(Entity):
    name: str
    planks: list[str] = []
    deleted_at: DeletedAt = None


class Chartroom(SQLEntity, table=True):
    name: str = ""
    charts: list[StoredFile] = []


class Wreck(SQLEntity, table=True):
    __undo__: ClassVar[bool] = False

    name: str


class Mast(SQLEntity, table=True):
    name: str

    @before_delete
    def strike(self) -> None:
        for sail in Sail.where(mast_id=self.id):
            sail.delete()


class Sail(SQLEntity, table=True):
    name: str
    mast_id: str


KINDS = {
    "/trawlers": Trawler,
    "/canoes": Canoe,
    "/chartrooms": Chartroom,
    "/wrecks": Wreck,
}


def page_of(path: str) -> Page | None:
    kind: Any = KINDS.get(path.removesuffix("/plain"))
    if kind is None:
        return None
    table = Table.from_entity(kind).with_actions(["edit", "delete"]).editable("name")
    if kind is Trawler:
        table = table.with_bulk(["delete", Trawler.fill, Trawler.sell])
    return Page(table.with_undo(not path.endswith("/plain")), title="Fleet")


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


async def rerun(url: str) -> object | None:
    return page_of(urlsplit(url).path)


def run(work: Coroutine[object, object, T]) -> T:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _whole(request: Request) -> tuple[Response, str]:
    if request.path in ("/trawlers", "/canoes", "/wrecks", "/trawlers/plain"):
        response = await in_thread(convert, page_of(request.path), request, 200)
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
    headers: dict[str, str] | None = None,
    caller: Caller = ANN,
) -> tuple[Response, str]:
    url = urlsplit(path)
    kind = {"content-type": "application/x-www-form-urlencoded"} if method == "POST" else {}
    request = Request(
        method,
        unquote(url.path),
        query_string=url.query,
        headers={**(DATASTAR if headers is None else headers), **kind},
        body=urlencode(form).encode(),
        client="testclient",
        caller=caller,
        rerun=rerun,
    )
    return run(_whole(request))


def sealed_in(html: str, action: str) -> str:
    form = next(
        form for form in re.findall(r"<form.*?</form>", html, re.DOTALL) if f'"{action}"' in form
    )
    found = re.search(r'name="_nitro" value="([^"]*)"', form)
    assert found is not None
    return unescape(found[1])


def offered(html: str) -> str:
    """The sealed ticket that an Undo button carries."""
    return sealed_in(html.replace("data: elements ", ""), "/_nitro/undo")


def take_back(html: str, **how: Any) -> tuple[Response, str]:
    return send("POST", "/_nitro/undo", ("_nitro", offered(html)), **how)


def edit(thing: Any, slug: str, *form: tuple[str, str], **how: Any) -> tuple[Response, str]:
    _, page = send("GET", f"/{slug}/{thing.id}/edit", headers=HTML)
    seal = sealed_in(page, f"/{slug}/{thing.id}")
    return send("POST", f"/{slug}/{thing.id}", ("_nitro", seal), *form, **how)


def delete(thing: Any, slug: str, **how: Any) -> tuple[Response, str]:
    path = f"/{slug}/{thing.id}/delete"
    _, page = send("GET", path, headers=HTML)
    return send("POST", path, ("_nitro", sealed_in(page, path)), **how)


IN_DIALOG = {**DATASTAR, "nitro-dialog": "true"}


def test_an_edit_is_taken_back() -> None:
    trawler = Trawler.create(name="Ida", cargo=3)
    _, said = edit(trawler, "trawlers", ("name", "Eva"), ("cargo", "9"), headers=IN_DIALOG)
    assert Trawler.get(trawler.id).name == "Eva"

    _, undone = take_back(said)

    assert "Undone: Trawler saved" in undone
    assert (Trawler.get(trawler.id).name, Trawler.get(trawler.id).cargo) == ("Ida", 3)


def test_a_deletion_is_taken_back_with_all_that_was_in_it() -> None:
    built = datetime(1990, 2, 3, 4, 5)
    trawler = Trawler.create(name="Ida", cargo=3, pin=SecretStr("geheim"), built=built)
    _, said = delete(trawler, "trawlers", headers=IN_DIALOG)
    assert Trawler.get_or_none(trawler.id) is None

    take_back(said)

    again = Trawler.get(trawler.id)
    assert (again.name, again.cargo, again.built) == ("Ida", 3, built)
    assert again.pin is not None
    assert again.pin.get_secret_value() == "geheim"


def test_what_went_with_it_comes_back_too() -> None:
    mast = Mast.create(name="Fore")
    Sail.create_many({"name": name, "mast_id": mast.id} for name in ("Jib", "Fock"))
    _, said = delete(mast, "masts", headers=IN_DIALOG)
    assert (Mast.count(), Sail.count()) == (0, 0)

    take_back(said)

    assert Mast.get(mast.id).name == "Fore"
    assert sorted(sail.name for sail in Sail.where(mast_id=mast.id)) == ["Fock", "Jib"]


def test_no_value_of_what_was_there_goes_to_the_browser() -> None:
    trawler = Trawler.create(name="Ida", cargo=3, pin=SecretStr("geheim"))

    _, said = delete(trawler, "trawlers", headers=IN_DIALOG)

    import base64

    middle = offered(said).split(".")[0]
    payload = base64.urlsafe_b64decode(middle.lstrip(".") + "====")
    assert b"geheim" not in payload
    assert "geheim" not in said


def test_what_is_only_hidden_by_its_deletion_is_shown_again() -> None:
    canoe = Canoe.create(name="Kon", planks=["a", "b"])
    _, said = delete(canoe, "canoes", headers=IN_DIALOG)
    assert Canoe.get_or_none(canoe.id) is None

    take_back(said)

    assert Canoe.get(canoe.id).planks == ["a", "b"]


def test_what_was_changed_since_is_not_taken_back_and_nothing_is_changed() -> None:
    trawler = Trawler.create(name="Ida")
    _, said = edit(trawler, "trawlers", ("name", "Eva"), ("cargo", "1"), headers=IN_DIALOG)
    Trawler.get(trawler.id).update(cargo=7).save()

    _, undone = take_back(said)

    assert "Changed since" in undone
    assert "Eva" in undone
    assert (Trawler.get(trawler.id).name, Trawler.get(trawler.id).cargo) == ("Eva", 7)


def test_what_was_deleted_and_is_there_again_is_left_alone() -> None:
    trawler = Trawler.create(name="Ida")
    _, said = delete(trawler, "trawlers", headers=IN_DIALOG)
    Trawler.create(id=trawler.id, name="Another")

    _, undone = take_back(said)

    assert "Changed since" in undone
    assert Trawler.get(trawler.id).name == "Another"


def test_a_unique_value_that_somebody_has_taken_since_is_told() -> None:
    trawler = Trawler.create(name="Ida")
    _, said = delete(trawler, "trawlers", headers=IN_DIALOG)
    Trawler.create(name="Ida")

    _, undone = take_back(said)

    assert "taken" in undone.lower()
    assert Trawler.get_or_none(trawler.id) is None


def test_it_is_taken_back_once() -> None:
    trawler = Trawler.create(name="Ida")
    _, said = delete(trawler, "trawlers", headers=IN_DIALOG)
    take_back(said)

    _, again = take_back(said)

    assert "undone before, or too long ago" in again


def charts_of(id: str) -> list[bytes]:
    return [chart.read() for chart in Chartroom.get(id).charts]


def test_the_files_of_what_was_deleted_are_there_again() -> None:
    made = Chartroom.create(charts=[StoredFile.store(b"one"), StoredFile.store(b"two")])
    _, said = delete(made, "chartrooms", headers=IN_DIALOG)
    assert Chartroom.count() == 0

    take_back(said)

    assert charts_of(made.id) == [b"one", b"two"]


def test_the_files_that_an_edit_took_away_are_there_again() -> None:
    made = Chartroom.create(name="Aft", charts=[StoredFile.store(b"one")])
    _, said = edit(made, "chartrooms", ("name", "Fore"), headers=IN_DIALOG)
    assert (Chartroom.get(made.id).name, charts_of(made.id)) == ("Fore", [])

    take_back(said)

    assert (Chartroom.get(made.id).name, charts_of(made.id)) == ("Aft", [b"one"])
    Path(".nitro/files/_removed").rename("swept")  # what is put back has its own content
    assert charts_of(made.id) == [b"one"]


def test_what_has_lost_its_files_cannot_be_put_back() -> None:
    made = Chartroom.create(charts=[StoredFile.store(b"one")])
    _, said = delete(made, "chartrooms", headers=IN_DIALOG)
    Path(".nitro/files/_removed").rename("swept")

    _, undone = take_back(said)

    assert "too long ago" in undone
    assert Chartroom.count() == 0


def test_after_ten_minutes_it_is_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    from nitro_events import undoing
    from nitro_events.with_entities import undoing as remembering

    monkeypatch.setattr(remembering, "LIFETIME", -undoing.LIFETIME)
    trawler = Trawler.create(name="Ida")
    _, said = delete(trawler, "trawlers", headers=IN_DIALOG)

    _, late = take_back(said)

    assert "too long ago" in late
    assert Trawler.get_or_none(trawler.id) is None


def test_nobody_else_can_take_it_back() -> None:
    trawler = Trawler.create(name="Ida")
    _, said = delete(trawler, "trawlers", headers=IN_DIALOG)

    response, _ = take_back(said, caller=BOB, headers=HTML)

    assert response.status == 400
    assert Trawler.get_or_none(trawler.id) is None


def test_a_forged_ticket_is_refused() -> None:
    for text in ("", "x", "e30.abc", "\ud800", "a" * 70_000):
        form = urlencode([("_nitro", text)], errors="surrogatepass")
        response, _ = send("POST", "/_nitro/undo", *[("_nitro", form)], headers=HTML)
        assert response.status == 400


def test_who_may_not_do_it_any_more_may_not_take_it_back() -> None:
    trawler = Trawler.create(name="Ida")
    _, said = delete(trawler, "trawlers", headers=IN_DIALOG)
    configure(policy=lambda caller, operation, target: operation != "delete")

    response, _ = take_back(said, headers=HTML)

    assert response.status == 403
    assert Trawler.get_or_none(trawler.id) is None


def test_the_policy_is_asked_about_each_of_them() -> None:
    trawler = Trawler.create(name="Ida")
    _, said = delete(trawler, "trawlers", headers=IN_DIALOG)
    configure(policy=lambda caller, operation, target: isinstance(target, type))

    response, _ = take_back(said, headers=HTML)

    assert response.status == 403


def test_without_scripts_the_next_page_has_the_button() -> None:
    trawler = Trawler.create(name="Ida")
    _, form = send(
        "GET",
        f"/trawlers/{trawler.id}/edit",
        headers={**HTML, "referer": "http://testserver/trawlers"},
    )
    seal = sealed_in(form, f"/trawlers/{trawler.id}")
    response, _ = send(
        "POST",
        f"/trawlers/{trawler.id}",
        ("_nitro", seal),
        ("name", "Eva"),
        ("cargo", "0"),
        headers=HTML,
    )
    following = dict(response.headers)["location"]
    assert following.startswith("/trawlers?_undo=")

    _, page = send("GET", following, headers=HTML)
    assert "Trawler saved" in page
    done, text = take_back(page, headers=HTML)

    assert done.status == 200
    assert 'href="/trawlers"' in text
    assert Trawler.get(trawler.id).name == "Ida"


def test_the_offer_in_an_address_is_nothing_to_others() -> None:
    trawler = Trawler.create(name="Ida")
    _, said = delete(trawler, "trawlers", headers=IN_DIALOG)
    address = "/trawlers?" + urlencode({"_undo": offered(said)})

    _, page = send("GET", address, headers=HTML, caller=BOB)

    assert "nitro-undo" not in page
    assert "_undo" not in str(parse_qs(urlsplit(address).fragment))


def test_a_page_after_a_deletion_has_the_button_too() -> None:
    trawler = Trawler.create(name="Ida")
    _, page = delete(trawler, "trawlers", headers=HTML)

    take_back(page, headers=HTML)

    assert Trawler.get(trawler.id).name == "Ida"


def test_a_cell_is_taken_back() -> None:
    trawler = Trawler.create(name="Ida")
    _, cell = send("GET", f"/trawlers?_ask=cell:trawlers:name:{trawler.id}")
    seal = sealed_in(cell.replace("data: elements ", ""), f"/trawlers/{trawler.id}")
    headers = {**DATASTAR, "nitro-cell": "trawlers-cell"}
    _, said = send(
        "POST", f"/trawlers/{trawler.id}", ("_nitro", seal), ("name", "Eva"), headers=headers
    )
    assert "Eva saved" in said

    take_back(said)

    assert Trawler.get(trawler.id).name == "Ida"


def bulk(name: str, *ids: str, **how: Any) -> tuple[Response, str]:
    path = f"/_nitro/bulk/trawlers/{name}"
    everything = [] if ids else [("_all", "1")]
    chosen = [("_ids", id) for id in ids]
    url = f"/trawlers?_ask=bulk:trawlers:{name}&_count={len(ids)}" + ("" if ids else "&_all=1")
    _, form = send("GET", url)
    seal = sealed_in(form.replace("data: elements ", ""), path)
    return send("POST", path, ("_nitro", seal), ("_confirmed", "1"), *everything, *chosen, **how)


def trawlers(number: int) -> list[Trawler]:
    return Trawler.create_many({"name": f"Trawler {n}", "cargo": n} for n in range(number))


def test_a_deletion_of_many_is_taken_back_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_run, "BATCH", 7)
    before = {trawler.id: (trawler.name, trawler.cargo) for trawler in trawlers(30)}
    _, said = bulk("delete")
    assert Trawler.count() == 0

    _, undone = take_back(said)

    assert "30 changes" in undone
    assert {trawler.id: (trawler.name, trawler.cargo) for trawler in Trawler.all()} == before


def test_what_an_action_made_besides_goes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_run, "BATCH", 3)
    trawlers(8)
    _, said = bulk("fill")
    assert (Logbook.count(), min(trawler.cargo for trawler in Trawler.all())) == (8, 10)

    take_back(said)

    assert Logbook.count() == 0
    assert sorted(trawler.cargo for trawler in Trawler.all()) == list(range(8))


def test_one_of_many_that_was_changed_since_keeps_all_as_they_are() -> None:
    first, *_ = trawlers(5)
    _, said = bulk("fill")
    Trawler.get(first.id).update(cargo=99).save()

    _, undone = take_back(said)

    assert "Changed since: Trawler 0." in undone
    assert (Logbook.count(), sum(trawler.cargo >= 10 for trawler in Trawler.all())) == (5, 5)


def test_without_scripts_many_are_taken_back_from_the_page_that_tells() -> None:
    trawlers(4)
    _, page = bulk("delete", headers=HTML)

    take_back(page, headers=HTML)

    assert Trawler.count() == 4


def test_more_than_can_be_undone_is_said_before(monkeypatch: pytest.MonkeyPatch) -> None:
    from nitro_events import undoing

    trawlers(6)
    monkeypatch.setattr(undoing, "MOST", 5)
    _, question = send("GET", "/trawlers?_ask=bulk:trawlers:delete&_count=6&_all=1")
    assert "This cannot be undone: that is possible for 5 at most." in question

    _, said = bulk("delete")

    assert "nitro-undo" not in said
    assert Trawler.count() == 0


def test_what_grew_beyond_what_can_be_undone_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    trawlers(6)
    monkeypatch.setattr(bulk_run, "MOST_UNDONE", 5)

    _, said = bulk("delete")

    assert "too many to be undone" in said
    assert Trawler.count() == 6


def test_what_would_be_too_large_to_keep_is_left_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    from nitro_templates.with_events import undo_many

    trawlers(6)
    monkeypatch.setattr(bulk_run, "BATCH", 2)
    monkeypatch.setattr(undo_many, "MOST_BYTES", 900)

    _, said = bulk("delete")
    left = Trawler.count()
    assert "too much to be undone" in said
    assert 0 < left < 6
    take_back(said)

    assert Trawler.count() == 6


def test_an_action_that_says_no_cannot_be_taken_back() -> None:
    trawlers(2)
    _, question = send("GET", "/trawlers?_ask=bulk:trawlers:sell&_count=2&_all=1")
    assert "undo" not in question.lower().replace("nitro-undo", "")

    _, said = bulk("sell")

    assert "nitro-undo" not in said


def test_a_class_that_says_no_is_warned_of() -> None:
    wreck = Wreck.create(name="Gone")
    _, page = send("GET", f"/wrecks/{wreck.id}/delete", headers=HTML)
    assert "This cannot be undone." in page

    _, said = delete(wreck, "wrecks", headers=IN_DIALOG)

    assert "nitro-undo" not in said


def test_a_table_that_says_no_says_it_in_its_links() -> None:
    trawler = Trawler.create(name="Ida")
    _, page = send("GET", "/trawlers/plain", headers=HTML)
    assert f'href="/trawlers/{trawler.id}/edit?_final=1"' in page

    path = f"/trawlers/{trawler.id}"
    _, form = send("GET", f"{path}/edit?_final=1", headers=HTML)
    seal = sealed_in(form, path)
    _, said = send(
        "POST", path, ("_nitro", seal), ("name", "Eva"), ("cargo", "0"), headers=IN_DIALOG
    )

    assert "Trawler saved" in said
    assert "nitro-undo" not in said


def test_an_edit_that_changed_nothing_offers_nothing() -> None:
    trawler = Trawler.create(name="Ida")

    _, said = edit(trawler, "trawlers", ("name", "Ida"), ("cargo", "0"), headers=IN_DIALOG)

    assert "nitro-undo" not in said


def test_what_programs_send_is_not_kept() -> None:
    from nitro_entities import MemoryRepo
    from nitro_events.with_entities.keeping import kept_kind

    canoe = Canoe.create(name="Kon")
    request = Request(
        "PATCH",
        f"/canoes/{canoe.id}",
        headers={"host": "testserver", "content-type": "application/json"},
        body=b'{"name": "Tiki"}',
        client="testclient",
        caller=ANN,
    )
    run(_whole(request))

    assert kept_kind(MemoryRepo).count() == 0


def test_another_worker_takes_it_back() -> None:
    trawler = Trawler.create(name="Ida")
    _, said = delete(trawler, "trawlers", headers=IN_DIALOG)
    ticket = offered(said)
    entities.state.reset()
    events.reset()
    connect()

    send("POST", "/_nitro/undo", ("_nitro", ticket))

    assert Trawler.get(trawler.id).name == "Ida"


def test_of_two_who_press_at_once_one_is_told() -> None:
    trawler = Trawler.create(name="Ida")
    _, said = delete(trawler, "trawlers", headers=IN_DIALOG)

    with ThreadPoolExecutor(2) as pool:
        texts = list(pool.map(lambda _: take_back(said)[1], range(2)))

    assert sorted("Undone:" in text for text in texts) == [False, True]
    assert Trawler.get(trawler.id).name == "Ida"


MANY = 10_000 if os.environ.get("NITRO_PROOF") else 450


def test_thousands_are_taken_back() -> None:
    trawlers(MANY)
    _, said = bulk("delete")

    _, undone = take_back(said)

    assert f"{MANY:,} changes" in undone
    assert Trawler.count() == MANY
