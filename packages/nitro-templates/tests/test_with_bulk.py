"""One action on many: what is asked, who may, what is committed, what is refused."""

import asyncio
import re
from collections.abc import AsyncGenerator, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import unquote, urlencode, urlsplit

import pytest
from pydantic import Field

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_events")

from nitro_entities import SQLEntity
from nitro_entities import state as entities
from nitro_events import Caller, Request, Response, action, configure
from nitro_events.http.dispatch import answer
from nitro_events.joints import connect
from nitro_events.state import state as events
from nitro_templates import Page, Table
from nitro_templates.with_events import bulk_run

T = TypeVar("T")
HTML = {"accept": "text/html", "host": "testserver", "sec-fetch-site": "same-origin"}
DATASTAR = {**HTML, "datastar-request": "true"}
ANN = Caller("ann", "Ann", host="testclient")
BOB = Caller("bob", "Bob", host="testclient")


class Boat(SQLEntity, table=True):
    name: str = Field(min_length=1)
    seats: int = Field(default=0, ge=0, le=9)

    @action
    def board(self, people: Annotated[int, Field(gt=0)]) -> None:
        self.seats += people

    @action
    def tell(self) -> None:
        if self.name == "Sunk":
            msg = "A sunk boat says nothing"
            raise ValueError(msg)
        self.seats = 1

    @action
    def half_done(self) -> None:
        self.seats = 5
        self.save()
        if self.name == "Sunk":
            msg = "no"
            raise RuntimeError(msg)

    @action
    async def wait(self) -> None:
        await asyncio.sleep(0)
        self.seats = 2

    @action
    @classmethod
    def build_all(cls) -> None: ...


def boats_page() -> Page:
    found = Boat.where(Boat.name != "Hidden")
    return Page(
        Table.from_entity(found)
        .with_search("name")
        .with_bulk(["delete", Boat.board, Boat.tell, Boat.half_done, Boat.wait])
        .with_export("csv", "json")
        .editable("seats")
    )


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
    return boats_page() if urlsplit(url).path == "/boats" else None


Fields = Sequence[tuple[str, str]]


def request_for(
    method: str, path: str, form: Fields, headers: dict[str, str], caller: Caller
) -> Request:
    url = urlsplit(path)
    kind = {"content-type": "application/x-www-form-urlencoded"} if method == "POST" else {}
    return Request(
        method,
        unquote(url.path),
        query_string=url.query,
        headers={**headers, **kind},
        body=urlencode(form).encode(),
        client="testclient",
        caller=caller,
        rerun=rerun,
    )


def run(work: Coroutine[object, object, T]) -> T:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _whole(request: Request, at_most: int | None) -> tuple[Response, list[str]]:
    response = await answer(request)
    assert response is not None
    if response.chunks is None:
        return response, [response.body.decode()]
    chunks: AsyncGenerator[bytes] = response.chunks
    read: list[str] = []
    async for chunk in chunks:
        read.append(chunk.decode())
        if len(read) == at_most:
            await chunks.aclose()
            break
    return response, read


def post(
    path: str,
    *form: tuple[str, str],
    headers: dict[str, str] = HTML,
    caller: Caller = BOB,
    at_most: int | None = None,
) -> tuple[Response, list[str]]:
    return run(_whole(request_for("POST", path, form, headers, caller), at_most))


def shown(path: str = "/boats", caller: Caller = BOB) -> str:
    """What the page, or a part of it, is for *caller*."""
    from nitro_events.http.results import to_response

    async def page() -> str:
        request = request_for("GET", path, (), HTML, caller)
        response = await asyncio.to_thread(to_response, boats_page(), request)
        assert response is not None
        if response.chunks is None:
            return response.body.decode()
        return b"".join([chunk async for chunk in response.chunks]).decode()

    return run(page())


def asked(path: str, caller: Caller = BOB) -> str:
    try:
        return shown(path, caller)
    except LookupError:
        return ""


def seal_in(markup: str) -> str:
    found = re.search(r'name="_nitro" value="([^"]+)"', markup)
    assert found is not None, markup
    return found[1]


def seal_for(
    name: str, *, everything: bool = False, page: str = "/boats", caller: Caller = BOB
) -> str:
    """The seal of the question, as the dialog gets it."""
    mark = "&_all=1" if everything else ""
    joint = "&" if "?" in page else "?"
    return seal_in(shown(f"{page}{joint}_ask=bulk:boats:{name}&_count=2{mark}", caller))


def confirmed(
    name: str, *ids: str, headers: dict[str, str] = DATASTAR, **values: str
) -> list[str]:
    form = [("_nitro", seal_for(name)), ("_confirmed", "1"), *values.items()]
    form += [("_ids", id) for id in ids]
    return post(f"/_nitro/bulk/boats/{name}", *form, headers=headers)[1]


def fleet(number: int) -> list[Boat]:
    return [Boat.create(id=f"b{n:04}", name=f"Boat {n}") for n in range(number)]


def test_an_action_is_done_to_what_was_selected_and_nothing_else() -> None:
    fleet(5)

    said = confirmed("board", "b0001", "b0003", people="3")

    assert [boat.seats for boat in Boat.where().order_by("id")] == [0, 3, 0, 3, 0]
    assert "Board: 2 done" in said[-1]
    assert 'id="boats-doing"' in said[0]


def test_each_batch_is_committed_before_its_progress_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk_run, "BATCH", 2)
    fleet(5)
    form = [("_nitro", seal_for("tell")), ("_confirmed", "1")]
    form += [("_ids", f"b{n:04}") for n in range(5)]

    _, read = post("/_nitro/bulk/boats/tell", *form, headers=DATASTAR, at_most=3)

    assert "2 of 5" in read[-1]
    assert [boat.seats for boat in Boat.where().order_by("id")] == [1, 1, 0, 0, 0]


def test_one_that_refuses_does_not_stop_the_others_and_is_told() -> None:
    fleet(2)
    Boat.create(id="s", name="Sunk <b>")
    Boat.create(id="t", name="Sunk")

    said = confirmed("tell", "b0000", "t", "b0001")[-1]

    assert "Tell: 2 done, 1 not" in said
    assert "A sunk boat says nothing (Sunk)" in said
    assert [boat.seats for boat in Boat.where().order_by("id")] == [1, 1, 0, 0]


def test_one_that_becomes_invalid_is_left_as_it_was() -> None:
    fleet(2)
    Boat.create(id="full", name="Full", seats=8)

    said = confirmed("board", "b0000", "full", "b0001", people="5")[-1]

    assert "Board: 2 done, 1 not" in said
    assert Boat.get("full").seats == 8


def test_one_that_fails_half_way_leaves_nothing_half_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fleet(2)
    Boat.create(id="t", name="Sunk", seats=3)

    said = confirmed("half_done", "b0000", "t", "b0001")[-1]

    assert "2 done, 1 not" in said
    assert "Something went wrong (Sunk)" in said
    assert [Boat.get(id).seats for id in ("b0000", "t", "b0001")] == [5, 3, 5]
    assert "Problem" in caplog.text


def test_after_many_failures_that_nobody_foresaw_it_ends(caplog: pytest.LogCaptureFixture) -> None:
    ids = [Boat.create(id=f"s{n}", name="Sunk").id for n in range(30)]

    said = confirmed("half_done", *ids)[-1]

    assert "0 done, 30 not" in said
    assert "Not tried: too many failed before" in said
    assert caplog.text.count("Problem ") == bulk_run.PATIENCE


def test_an_id_that_is_not_there_any_more_is_told() -> None:
    fleet(1)
    said = confirmed("tell", "b0000", "gone", "\x00")[-1]
    assert "1 done, 2 not" in said
    assert "This does not exist, or no longer." in said


def test_an_async_action_is_done_too() -> None:
    fleet(3)
    confirmed("wait", "b0000", "b0002")
    assert [boat.seats for boat in Boat.where().order_by("id")] == [2, 0, 2]


def test_everything_that_matches_is_what_the_page_finds_for_its_url() -> None:
    fleet(12)
    Boat.create(id="h", name="Hidden")
    form = [("_nitro", seal_for("tell", everything=True, page="/boats?q=Boat+1"))]
    form += [("_confirmed", "1"), ("_all", "1")]

    _, read = post("/_nitro/bulk/boats/tell", *form, headers=DATASTAR)

    assert {boat.name for boat in Boat.where(seats=1)} == {"Boat 1", "Boat 10", "Boat 11"}
    assert "3 done" in read[-1]


def test_what_an_action_changes_in_the_order_skips_nothing_and_repeats_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk_run, "BATCH", 3)
    fleet(10)
    seal = seal_for("board", everything=True, page="/boats?sort=seats")
    form = [("_nitro", seal), ("_confirmed", "1"), ("_all", "1"), ("people", "1")]

    post("/_nitro/bulk/boats/board", *form, headers=DATASTAR)

    assert {boat.seats for boat in Boat.where()} == {1}


def test_the_question_counts_what_matches() -> None:
    fleet(11)
    text = shown("/boats?q=Boat+1&_ask=bulk:boats:delete&_all=1&_count=99999")
    assert "Delete 2 boats? You can undo it for 10 minutes." in text


def test_nobody_deletes_what_the_policy_keeps_from_them() -> None:
    fleet(3)

    def may(caller: Caller, operation: str, target: object) -> bool:
        return not (operation == "delete" and getattr(target, "id", None) == "b0001")

    configure(policy=may)
    said = confirmed("delete", "b0000", "b0001", "b0002")[-1]

    assert [boat.id for boat in Boat.where()] == ["b0001"]
    assert "You may not do this (Boat 1)" in said


def test_who_may_not_do_it_at_all_is_not_asked_and_refused() -> None:
    fleet(2)
    seal = seal_for("delete")
    configure(policy=lambda caller, operation, target: operation != "delete")

    response, _ = post(
        "/_nitro/bulk/boats/delete", ("_nitro", seal), ("_confirmed", "1"), ("_ids", "b0000")
    )

    assert response.status == 403
    assert Boat.where().count() == 2
    assert "bulk/boats/delete" not in shown()
    assert not asked("/boats?_ask=bulk:boats:delete")


def test_wrong_arguments_are_asked_again_before_anything_is_done() -> None:
    fleet(2)
    said = confirmed("board", "b0000", people="-1")
    assert Boat.get("b0000").seats == 0
    assert 'id="boats-bulk-board"' in said[0]
    assert 'value="-1"' in said[0]
    assert 'aria-invalid="true"' in said[0]


@pytest.mark.parametrize(
    ("path", "caller"),
    [
        ("/_nitro/bulk/boats/tell", BOB),
        ("/_nitro/bulk/boats/delete", ANN),
        ("/_nitro/bulk/sheep/delete", BOB),
        ("/_nitro/bulk/boats/sink", BOB),
        ("/_nitro/bulk/boats/build_all", BOB),
        ("/_nitro/bulk/boats/edit", BOB),
    ],
)
def test_a_form_that_was_made_for_something_else_is_refused(path: str, caller: Caller) -> None:
    fleet(2)
    form = [("_nitro", seal_for("delete")), ("_confirmed", "1"), ("_ids", "b0000")]

    response, _ = post(path, *form, caller=caller)

    assert response.status in (400, 404)
    assert Boat.where().count() == 2


@pytest.mark.parametrize("seal", ["", "x", "eyJ2IjoxfQ.abc"])
def test_a_forged_seal_is_refused(seal: str) -> None:
    fleet(1)
    form = [("_nitro", seal), ("_confirmed", "1"), ("_ids", "b0000")]
    assert post("/_nitro/bulk/boats/delete", *form)[0].status == 400
    assert Boat.where().count() == 1


def test_without_a_seal_or_as_json_nothing_is_done() -> None:
    fleet(1)
    assert post("/_nitro/bulk/boats/delete", ("_confirmed", "1"), ("_all", "1"))[0].status == 400


def test_another_site_cannot_post_it() -> None:
    fleet(1)
    form = [("_nitro", seal_for("delete")), ("_confirmed", "1"), ("_ids", "b0000")]
    headers = {**HTML, "sec-fetch-site": "cross-site"}
    assert post("/_nitro/bulk/boats/delete", *form, headers=headers)[0].status == 403


def test_the_seal_of_the_bar_does_nothing_but_ask() -> None:
    fleet(1)
    bar = seal_in(shown())
    refused, _ = post(
        "/_nitro/bulk/boats/delete", ("_nitro", bar), ("_confirmed", "1"), ("_ids", "b0000")
    )
    assert refused.status == 400
    asked_first, read = post("/_nitro/bulk/boats/delete", ("_nitro", bar), ("_ids", "b0000"))
    assert asked_first.status == 200
    assert "Delete 1 boat?" in read[0]
    assert Boat.where().count() == 1


def test_a_bulk_seal_does_not_open_the_other_routes() -> None:
    fleet(1)
    form = [("_nitro", seal_for("delete")), ("name", "New")]
    assert post("/boats/b0000", *form)[0].status == 400
    assert post("/boats/b0000/delete", *form)[0].status == 400


def test_nothing_selected_and_too_much_are_told() -> None:
    seal = seal_for("delete")
    response, read = post("/_nitro/bulk/boats/delete", ("_nitro", seal), ("_confirmed", "1"))
    assert response.status == 400
    assert "Nothing is selected" in read[0]
    many = [("_ids", str(n)) for n in range(950)]
    response, _ = post("/_nitro/bulk/boats/delete", ("_nitro", seal), ("_confirmed", "1"), *many)
    assert response.status == 400


def test_without_scripts_a_page_asks_and_a_page_tells() -> None:
    fleet(3)
    bar = seal_in(shown())
    _, [question] = post(
        "/_nitro/bulk/boats/board", ("_nitro", bar), ("_ids", "b0001"), ("_ids", "b0002")
    )
    assert '<input type="hidden" name="_ids" value="b0002"' in question
    form = [("_nitro", seal_in(question)), ("_confirmed", "1"), ("people", "4")]

    response, [told] = post(
        "/_nitro/bulk/boats/board", *form, ("_ids", "b0001"), ("_ids", "b0002")
    )

    assert response.status == 200
    assert "Board: 2 done" in told
    assert 'href="/boats"' in told
    assert [boat.seats for boat in Boat.where().order_by("id")] == [0, 4, 4]


def test_without_scripts_all_that_match_are_counted_for_the_question() -> None:
    fleet(3)
    bar = seal_in(shown("/boats?q=2"))
    _, [question] = post("/_nitro/bulk/boats/tell", ("_nitro", bar), ("_all", "1"))
    assert "Tell 1 boat?" in question
    form = [("_nitro", seal_in(question)), ("_confirmed", "1"), ("_all", "1")]
    post("/_nitro/bulk/boats/tell", *form)
    assert [boat.seats for boat in Boat.where().order_by("id")] == [0, 0, 1]


def test_rows_have_boxes_that_say_which_they_are() -> None:
    Boat.create(id="a", name='A "boat" & <b>')
    page = shown()
    assert 'aria-label="Select A &#34;boat&#34; &amp; &lt;b&gt;"' in page
    assert 'form="boats-bulk" name="_ids" value="a"' in page
    assert 'aria-label="Select all on this page"' in page


def test_which_of_these_are_still_there() -> None:
    fleet(2)
    Boat.create(id="h", name="Hidden")
    text = shown("/boats?_ask=there:boats&_id=b0000&_id=h&_id=gone")
    assert text == '["b0000"]'


@pytest.mark.parametrize("name", ["edit", "create", "build_all"])
def test_only_what_is_done_to_a_row_can_be_done_to_many(name: str) -> None:
    with pytest.raises(ValueError, match="only what is done to one row"):
        Table.from_entity(Boat).with_bulk([name])


def test_an_action_that_is_not_declared_is_named() -> None:
    with pytest.raises(LookupError, match="has no action 'sink'"):
        Table.from_entity(Boat).with_bulk(["sink"])


def export(kind: str, *, page: str = "/boats", caller: Caller = BOB) -> tuple[Response, bytes]:
    from nitro_events.http.results import to_response

    async def whole() -> tuple[Response, bytes]:
        joint = "&" if "?" in page else "?"
        request = request_for("GET", f"{page}{joint}_ask=export:boats:{kind}", (), HTML, caller)
        response = await asyncio.to_thread(to_response, boats_page(), request)
        assert response is not None
        assert response.chunks is not None
        return response, b"".join([chunk async for chunk in response.chunks])

    return run(whole())


def test_a_file_has_what_the_page_finds_in_its_order_and_nothing_hidden() -> None:
    fleet(12)
    Boat.create(id="h", name="Hidden Boat 1")
    Boat.create(id="x", name="Hidden")

    response, body = export("csv", page="/boats?q=Boat+1&sort=-name")

    lines = body.decode("utf-8-sig").split("\r\n")
    assert lines == ["Name,Seats", "Hidden Boat 1,0", "Boat 11,0", "Boat 10,0", "Boat 1,0", ""]
    headers = dict(response.headers)
    assert headers["content-type"] == "text/csv; charset=utf-8"
    assert headers["content-disposition"] == 'attachment; filename="Boats.csv"'
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert response.whole


def test_who_may_not_export_has_no_link_and_no_file() -> None:
    fleet(1)
    configure(policy=lambda caller, operation, target: operation != "export")
    assert "export:boats" not in shown()
    assert not asked("/boats?_ask=export:boats:csv")


@pytest.mark.parametrize("kind", ["xlsx", "exe", "../csv", ""])
def test_a_kind_that_is_not_offered_is_refused(kind: str) -> None:
    assert not asked(f"/boats?_ask=export:boats:{kind}")


def test_the_editor_of_a_cell_is_a_sealed_form_with_one_field() -> None:
    fleet(1)
    editor = shown("/boats?_ask=cell:boats:seats:b0000")
    assert 'aria-label="Edit seats of Boat 0"' in editor
    assert 'name="seats"' in editor
    assert 'name="name"' not in editor
    form = [("_nitro", seal_in(editor)), ("seats", "4"), ("name", "Forged")]

    _, [said] = post("/boats/b0000", *form, headers={**DATASTAR, "nitro-cell": "boats-cell"})

    assert "data-nitro-saved" in said
    assert (Boat.get("b0000").seats, Boat.get("b0000").name) == (4, "Boat 0")


@pytest.mark.parametrize("rest", ["name:b0000", "seats:gone", "seats", "id:b0000", "seats:\x00"])
def test_a_cell_that_cannot_be_edited_is_refused(rest: str) -> None:
    fleet(1)
    assert not asked(f"/boats?_ask=cell:boats:{rest}")


def test_who_may_not_change_one_gets_no_editor_of_it() -> None:
    fleet(1)
    configure(policy=lambda caller, operation, target: not isinstance(target, Boat))
    assert not asked("/boats?_ask=cell:boats:seats:b0000")
