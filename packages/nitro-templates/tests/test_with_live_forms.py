"""Open forms that go on living: what their streams send, and what is merged when they are sent."""

from __future__ import annotations

import asyncio
import html as html_text
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_events")

from nitro_entities import Entity, changes
from nitro_entities import state as entities
from nitro_events import Caller, Request, Response, action, configure
from nitro_events.http.dispatch import answer
from nitro_events.http.results import to_response
from nitro_events.joints import connect
from nitro_events.live.stream import Stream
from nitro_events.state import state as events
from nitro_templates import Form, Page

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

T = TypeVar("T")
HTML = {"accept": "text/html", "host": "testserver", "sec-fetch-site": "same-origin"}
DATASTAR = {**HTML, "datastar-request": "true"}
DIALOG = {**DATASTAR, "nitro-dialog": "true"}
ANN = Caller("ann", "Ann", host="testclient")
BEN = Caller("ben", "Ben", host="testclient")


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


class Lamp(Entity):
    name: str
    price: int = 0
    notes: str = ""

    @action
    def dim(self, by: int = 1) -> None:
        self.price -= by
        self.save()


def request_for(
    method: str,
    path: str,
    form: Mapping[str, str] | None = None,
    *,
    headers: Mapping[str, str] = HTML,
    caller: Caller = BEN,
) -> Request:
    url = urlsplit(path)
    kind = {} if form is None else {"content-type": "application/x-www-form-urlencoded"}
    return Request(
        method,
        unquote(url.path),
        query_string=url.query,
        headers={**headers, **kind},
        body=urlencode(form or {}).encode(),
        client="testclient",
        caller=caller,
    )


def run(work: Coroutine[object, object, T]) -> T:
    # in a thread of its own: the browser tests keep a loop running in this one
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def ask(request: Request) -> Response:
    response = run(answer(request))
    assert response is not None
    return response


def get(path: str, headers: Mapping[str, str] = HTML, caller: Caller = BEN) -> str:
    return ask(request_for("GET", path, headers=headers, caller=caller)).body.decode()


def post(
    path: str, form: Mapping[str, str], headers: Mapping[str, str] = DATASTAR, caller: Caller = BEN
) -> str:
    response = ask(request_for("POST", path, form, headers=headers, caller=caller))
    return response.body.decode()


def sent_by(html: str) -> dict[str, str]:
    """Read the fields that a browser would send."""
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            fields[name[1]] = html_text.unescape(value[1]) if value else ""
    return fields


def edit_form(lamp: Lamp, caller: Caller = BEN, **typed: str) -> dict[str, str]:
    return {**sent_by(get(f"/lamps/{lamp.id}/edit", caller=caller)), **typed}


def change(lamp: Lamp, by: str = "Ann", **values: object) -> None:
    with changes.acting(by):
        Lamp.get(lamp.id).update(**values).save()


def cursor_in(html: str) -> str:
    found = re.search(r'id="nitro-(?:dialog-)?live"[^>]*data-cursor="([^"]*)"', html)
    assert found is not None, html
    return found[1]


async def chunks(response: Response) -> AsyncIterator[str]:
    assert isinstance(response.stream, Stream)
    async for chunk in response.stream:
        yield chunk.decode()


def streamed(
    path: str,
    cursor: str,
    wanted: str,
    meanwhile: Callable[[], object] = lambda: None,
    headers: Mapping[str, str] = HTML,
) -> str:
    """Open the stream of *path*, do something *meanwhile*, answer the chunk with *wanted*."""

    async def listen() -> str:
        request = request_for("GET", path, headers={**headers, "nitro-live": cursor})
        response = await answer(request)
        assert response is not None
        done = False
        async with aclosing(chunks(response)) as all_chunks:  # type: ignore[type-var]
            async for chunk in all_chunks:
                if wanted in chunk:
                    return chunk
                if not done:
                    done = True
                    await asyncio.to_thread(meanwhile)
        return ""

    return run(asyncio.wait_for(listen(), 5))


def test_the_stream_sends_an_edit_form_when_its_thing_changes() -> None:
    lamp = Lamp.create(name="Blue", price=3)
    path = f"/lamps/{lamp.id}/edit"

    chunk = streamed(path, cursor_in(get(path)), "Red", lambda: change(lamp, name="Red"))

    assert f'id="form-lamps-{lamp.id}"' in chunk
    assert 'data-nitro-by="Ann"' in chunk
    assert "<!doctype" not in chunk


def test_a_change_while_the_dialog_was_opened_is_not_lost() -> None:
    lamp = Lamp.create(name="Blue", price=3)
    path = f"/lamps/{lamp.id}/edit"
    content = get(path, DIALOG)

    change(lamp, name="Red")

    assert "Red" in streamed(path, cursor_in(content), "Red")


def test_a_change_between_the_reading_of_the_handler_and_the_page_is_not_lost() -> None:
    lamp = Lamp.create(name="Blue")
    request = request_for("GET", "/somewhere")
    read = Lamp.get(lamp.id)
    change(lamp, name="Red")

    page = to_response(Page(Form.from_entity(read), title="Edit"), request)

    assert page is not None
    seen = streamed(f"/lamps/{lamp.id}/edit", cursor_in(page.body.decode()), "Red")
    assert 'value="Red"' in seen


def test_a_change_of_another_thing_sends_no_form() -> None:
    lamp, other = Lamp.create(name="Blue"), Lamp.create(name="Green")
    path = f"/lamps/{lamp.id}/edit"
    events.hub.watch()  # what happened before the first stream counts as changed

    def change_both() -> None:
        change(other, name="Grey")
        before = events.hub.stats()["renders"]
        change(lamp, name="Red")
        assert before == 0

    assert "Red" in streamed(path, cursor_in(get(path)), "Red", change_both)


def test_a_form_goes_back_to_where_it_came_from_after_its_stream_has_sent_it_again() -> None:
    lamp = Lamp.create(name="Blue")
    path = f"/lamps/{lamp.id}/edit"
    came_from = {**HTML, "referer": "http://testserver/lamps?q=b"}
    cursor = cursor_in(get(path, came_from))
    stream = {**HTML, "referer": f"http://testserver{path}"}
    stream["nitro-referrer"] = "http://testserver/lamps?q=b"

    chunk = streamed(path, cursor, "Red", lambda: change(lamp, name="Red"), stream)
    answered = ask(request_for("POST", f"/lamps/{lamp.id}", sent_by(chunk)))

    assert dict(answered.headers)["location"] == "/lamps?q=b"


def test_the_stream_says_that_the_thing_is_gone_and_who_deleted_it() -> None:
    lamp = Lamp.create(name="Blue")
    path = f"/lamps/{lamp.id}/edit"

    def delete() -> None:
        with changes.acting("Ann"):
            Lamp.get(lamp.id).delete()

    chunk = streamed(path, cursor_in(get(path)), "data-nitro-gone", delete)

    assert "This lamp is no longer there: deleted by Ann" in chunk


def test_who_may_not_change_it_any_more_is_told_and_sees_no_values() -> None:
    lamp = Lamp.create(name="Blue")
    path = f"/lamps/{lamp.id}/edit"
    cursor = cursor_in(get(path))
    allowed = [True]
    configure(policy=lambda caller, operation, target: allowed[0])

    def forbid() -> None:
        allowed[0] = False
        change(lamp, name="Secret")

    # the page's own stream was opened while it was still allowed
    chunk = streamed(path, cursor, "data-nitro-gone", forbid)

    assert "You may no longer change this lamp" in chunk
    assert "Secret" not in chunk


def test_forms_that_nobody_else_can_change_have_no_stream() -> None:
    assert "nitro-live" not in get("/lamps/new").partition("<body>")[2].replace("live-reset", "")
    assert "nitro-dialog-live" not in get("/lamps/new", DIALOG)


def test_two_callers_get_seals_of_their_own() -> None:
    lamp = Lamp.create(name="Blue")

    of_ben, of_ann = edit_form(lamp), edit_form(lamp, ANN)

    assert of_ben["_nitro"] != of_ann["_nitro"]


def test_a_field_is_compared_with_what_its_user_had_seen_when_they_touched_it() -> None:
    lamp = Lamp.create(name="Blue", price=3)
    before = edit_form(lamp)
    change(lamp, name="Red")
    now = edit_form(lamp)

    refused = post(f"/lamps/{lamp.id}", {**now, "name": "Mine", "_nitro.name": before["_nitro"]})

    assert "Changed to “Red” by Ann" in refused
    assert Lamp.get(lamp.id).name == "Red"


def test_other_fields_are_saved_beside_a_field_with_an_older_seal() -> None:
    lamp = Lamp.create(name="Blue", price=3)
    before = edit_form(lamp)
    change(lamp, price=4)
    now = edit_form(lamp)

    post(
        f"/lamps/{lamp.id}",
        {**now, "name": "Mine", "_nitro.name": before["_nitro"], "price": "5"},
    )

    stored = Lamp.get(lamp.id)
    assert (stored.name, stored.price) == ("Mine", 5)


FORGED = ["other thing", "other caller", "other operation", "unknown field", "no seal", "no text"]


@pytest.mark.parametrize("what", FORGED)
def test_a_seal_of_something_else_is_refused_for_a_field(what: str) -> None:
    lamp, other = Lamp.create(name="Blue"), Lamp.create(name="Green")
    mine = edit_form(lamp, name="Mine")
    dim = sent_by(get(f"/lamps/{lamp.id}/dim"))["_nitro"]
    name, seal = {
        "other thing": ("name", edit_form(other)["_nitro"]),
        "other caller": ("name", edit_form(lamp, ANN)["_nitro"]),
        "other operation": ("name", dim),
        "unknown field": ("id", mine["_nitro"]),
        "no seal": ("name", mine["_nitro"][:-2]),
        "no text": ("name", ""),
    }[what]

    response = ask(request_for("POST", f"/lamps/{lamp.id}", {**mine, f"_nitro.{name}": seal}))

    assert response.status == 400
    assert Lamp.get(lamp.id).name == "Blue"


def two_conflicts() -> tuple[Lamp, dict[str, str]]:
    lamp = Lamp.create(name="Blue", price=3)
    mine = edit_form(lamp, name="Mine", price="9")
    change(lamp, name="Red", price=4)
    return lamp, sent_by(post(f"/lamps/{lamp.id}", mine))


def test_taking_theirs_for_one_field_leaves_the_question_at_the_other() -> None:
    lamp, refused = two_conflicts()

    taken = post(f"/lamps/{lamp.id}", {**refused, "_take": "name"})

    assert "Changed to “4” by Ann" in taken
    assert "Changed to “Red”" not in taken
    assert sent_by(taken)["name"] == "Red"
    post(f"/lamps/{lamp.id}", sent_by(taken))
    stored = Lamp.get(lamp.id)
    assert (stored.name, stored.price) == ("Red", 9)


def test_taking_theirs_for_all_fields_ends_the_questions() -> None:
    lamp, refused = two_conflicts()
    taken = post(f"/lamps/{lamp.id}", {**refused, "_take": "name"})

    taken = post(f"/lamps/{lamp.id}", {**sent_by(taken), "_take": "price"})

    assert "nitro-conflict" not in taken
    assert (sent_by(taken)["name"], sent_by(taken)["price"]) == ("Red", "4")


def test_saving_mine_answers_every_question() -> None:
    lamp, refused = two_conflicts()

    saved = post(f"/lamps/{lamp.id}", refused)

    assert "nitro-conflict" not in saved
    assert Lamp.get(lamp.id).name == "Mine"


def test_a_saved_edit_form_comes_back_as_the_same_element() -> None:
    lamp = Lamp.create(name="Blue")

    saved = post(f"/lamps/{lamp.id}", edit_form(lamp, name="Red"))

    assert "mode replace" not in saved
    assert 'value="Red"' in saved


def test_deleting_what_somebody_changed_meanwhile_is_asked_about_once_more() -> None:
    lamp = Lamp.create(name="Blue")
    path = f"/lamps/{lamp.id}/delete"
    asked = sent_by(get(path))
    change(lamp, name="Heirloom")

    refused = post(path, asked)

    assert "Ann changed this meanwhile" in refused
    assert "Heirloom" in refused
    assert Lamp.count() == 1
    post(path, sent_by(refused))
    assert Lamp.count() == 0


def test_deleting_without_scripts_asks_too() -> None:
    lamp = Lamp.create(name="Blue")
    path = f"/lamps/{lamp.id}/delete"
    asked = sent_by(get(path))
    change(lamp, name="Heirloom")

    response = ask(request_for("POST", path, asked))

    assert response.status == 409
    assert "Ann changed this meanwhile" in response.body.decode()


def test_an_action_runs_on_what_the_thing_is_by_now() -> None:
    lamp = Lamp.create(name="Blue", price=10)
    asked = sent_by(get(f"/lamps/{lamp.id}/dim"))
    change(lamp, price=20)

    post(f"/lamps/{lamp.id}/dim", {**asked, "by": "3"})

    assert Lamp.get(lamp.id).price == 17


# What may happen between two people, one of whom has a form open that goes on living


@dataclass
class Screen:
    """What a browser does with a live form: an own copy of `touched.js`, in ten lines."""

    lamp: Lamp
    form: dict[str, str] = field(default_factory=dict)
    seals: dict[str, str] = field(default_factory=dict)
    seen: dict[str, set[str]] = field(default_factory=dict)

    def receive(self) -> None:
        """Apply a patch of the stream."""
        fresh = edit_form(self.lamp)
        kept = {name: self.form[name] for name in self.seals}
        for name in ("name", "price", "notes"):
            self.seen.setdefault(name, set()).add(fresh[name])  # followed, or told by the mark
        self.form = {**fresh, **kept}

    def type(self, name: str, text: str) -> None:
        self.seals.setdefault(name, self.form["_nitro"])
        self.form[name] = text

    def keep_mine(self, name: str) -> None:
        if name in self.seals:
            self.seals[name] = self.form["_nitro"]

    def send(self) -> str:
        older = {n: s for n, s in self.seals.items() if s != self.form["_nitro"]}
        return post(
            f"/lamps/{self.lamp.id}", {**self.form, **{f"_nitro.{n}": s for n, s in older.items()}}
        )


NAMES = some.sampled_from(["name", "price", "notes"])
TEXTS = some.integers(1, 4).map(str)
MOVES: SearchStrategy[list[tuple[str, str, str]]] = some.lists(
    some.tuples(some.sampled_from(["mine", "theirs", "patch", "keep"]), NAMES, TEXTS), max_size=9
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(MOVES)
def test_no_change_is_lost_unseen_and_nothing_is_asked_without_a_reason(
    moves: list[tuple[str, str, str]],
) -> None:
    lamp = Lamp.create(name="0", price=0, notes="0")
    screen = Screen(lamp)
    screen.receive()
    theirs: dict[str, list[str]] = {name: [] for name in ("name", "price", "notes")}
    mine: dict[str, str] = {}
    for what, name, text in moves:
        if what == "mine":
            screen.type(name, text)
            mine[name] = text
        elif what == "theirs":
            value: object = int(text) if name == "price" else text
            if str(getattr(Lamp.get(lamp.id), name)) != text:
                theirs[name].append(text)
            change(lamp, "Ann", **{name: value})
        elif what == "patch":
            screen.receive()
        else:
            screen.keep_mine(name)
    before = Lamp.get(lamp.id)

    reply = screen.send()

    after = Lamp.get(lamp.id)
    asked = "nitro-conflict" in reply
    for name in theirs:
        was, now = str(getattr(before, name)), str(getattr(after, name))
        if asked:
            assert was == now  # all or nothing
        elif now != was:
            assert now == mine[name]
            assert was in screen.seen[name]  # only what its user was shown is overwritten
        elif name in mine and theirs[name] == []:
            assert now == mine[name]
    if asked:
        disputed = [n for n in mine if theirs[n] and mine[n] != str(getattr(before, n))]
        assert disputed, (moves, reply)
    Lamp.get(lamp.id).delete()
