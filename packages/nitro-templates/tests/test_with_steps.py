"""Forms in steps: each with a URL, kept on the server until finished. Needs the siblings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_fastapi")

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from pydantic import Field, model_validator

import nitro
from nitro import (
    Entity,
    Form,
    Page,
    RedisRepo,
    Secret,
    SQLModelBackend,
    Step,
    StoredFile,
    ui,
)
from nitro_entities import Unique
from nitro_entities.config import utc_now
from nitro_entities.state import state as entity_state
from nitro_events import drafts
from nitro_events.http.browsers import COOKIE
from nitro_events.state import state as event_state
from support import redis as redis_servers


class Journey(Entity):
    name: str = Field(min_length=2)
    email: Unique[str] = ""
    kind: Literal["bus", "train"] = "bus"
    stops: list[str] = []
    paper: StoredFile | None = None
    notes: str = ""

    @model_validator(mode="after")
    def fits(self) -> Journey:
        if self.notes == "no trains" and self.kind == "train":
            msg = "This is by train"
            raise ValueError(msg)
        return self


class JourneyBack(Entity):
    name: str
    notes: str = ""


class JourneyInTable(Entity):
    _persistence_backend_class = SQLModelBackend
    name: str = Field(min_length=2)
    notes: str = ""


class JourneyInRedis(Entity):
    _persistence_backend_class = RedisRepo
    name: str = Field(min_length=2)
    notes: str = ""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    app = FastAPI()
    nitro.configure(
        files=tmp_path / "files",
        database_url=f"sqlite:///{tmp_path}/data.db",
        secret="k" * 32,
        user=lambda request: request.headers.get("x-user"),
    )
    nitro.install(app)

    @app.get("/book")
    def book() -> Page:
        form = Form.from_entity(Journey).steps(
            Step("Who", "name", "email"),
            Step("What", "kind", "stops", "paper"),
            Step("End", "notes"),
        )
        return Page(form.on_saved("/done"), title="Book")

    @app.get("/back")
    def back() -> Page:
        form = Form.from_entity(JourneyBack).steps(Step("Who", "name"), Step("End", "notes"))
        return Page(form)

    @app.get("/table")
    def table() -> Page:
        form = Form.from_entity(JourneyInTable).steps(Step("Who", "name"), Step("End", "notes"))
        return Page(form.on_saved("/done"))

    @app.get("/redis")
    def redis() -> Page:
        form = Form.from_entity(JourneyInRedis).steps(Step("Who", "name"), Step("End", "notes"))
        return Page(form.on_saved("/done"))

    yield app
    event_state.reset()
    entity_state.reset()


class Browser:
    """A browser without scripts, with cookies of its own."""

    def __init__(self, app: FastAPI, user: str | None = None) -> None:
        headers = {"sec-fetch-site": "same-origin", "accept": "text/html"}
        self.http = TestClient(
            app, headers=headers | ({"x-user": user} if user else {}), follow_redirects=False
        )

    def get(self, path: str = "/book") -> str:
        return self.http.get(path).text

    def send(self, page: str, **said: Any) -> Response:
        found = re.search(r'name="_nitro" value="([^"]+)"', page)
        action = re.search(r'<form [^>]*action="([^"]+)"', page)
        assert found, page
        assert action, page
        return self.http.post(action[1], data={"_nitro": found[1], **said})  # type: ignore[return-value]

    def on(self, page: str, **said: Any) -> str:
        """Send *page* and answer the one that it leads to."""
        answer = self.send(page, **said)
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["location"])


@pytest.fixture
def browser(app: FastAPI) -> Callable[..., Browser]:
    return lambda user=None: Browser(app, user)


def at(page: str) -> str:
    found = re.search(r'aria-current="step"[^>]*><span>(\w+)', page)
    assert found, page
    return found[1]


def value(page: str, name: str) -> str | None:
    found = re.search(rf'<input value="([^"]*)" [^>]*name="{name}"', page)
    return found[1] if found else None


def test_each_step_is_checked_alone_and_has_a_url(browser: Callable[..., Browser]) -> None:
    ann = browser()
    page = ann.get()
    assert at(page) == "Who"
    assert 'name="kind"' not in page
    refused = ann.send(page, name="A", email="a@b.c")
    assert refused.status_code == 422
    assert "Enter at least 2 characters" in refused.text
    answer = ann.send(page, name="Ann", email="a@b.c")

    assert answer.headers["location"] == "/book?step=what"
    assert at(ann.get("/book?step=what")) == "What"
    assert Journey.count() == 0


def test_the_last_step_creates_it_and_removes_the_draft(browser: Callable[..., Browser]) -> None:
    ann = browser()
    page = ann.on(ann.get(), name="Ann", email="a@b.c")
    page = ann.on(page, kind="train", stops=["Ulm", "Bern"])
    answer = ann.send(page, notes="Soon")

    assert answer.headers["location"] == "/done"
    (made,) = Journey.all()
    assert (made.name, made.kind, made.notes) == ("Ann", "train", "Soon")
    assert made.stops == ["Ulm", "Bern"]
    assert value(ann.get(), "name") == ""
    again = ann.send(page, notes="Soon")  # the same form, twice
    assert (again.status_code, Journey.count()) == (303, 1)


@pytest.mark.parametrize("path", ["/table", "/redis"])
def test_it_is_finished_in_one_transaction_in_every_store(
    browser: Callable[..., Browser], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if path == "/redis":
        nitro.configure(redis_url=redis_servers.server())
    kind: Any = JourneyInRedis if path == "/redis" else JourneyInTable
    for old in kind.all():
        old.delete()
    ann = browser("ann" + path)
    page = ann.on(ann.get(path), name="Ann")

    def fails(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(kind, "save", fails)
        assert ann.send(page, notes="x").status_code == 500
    assert kind.count() == 0
    page = ann.get(path)
    assert at(page) == "End"  # the draft is there still
    assert ann.send(page, notes="x").status_code == 303
    assert [one.notes for one in kind.all()] == ["x"]
    assert at(ann.get(path)) == "Who"


def test_back_loses_nothing_and_asks_for_nothing(browser: Callable[..., Browser]) -> None:
    ann = browser()
    page = ann.on(ann.get(), name="Ann", email="a@b.c")
    back = ann.on(page, kind="train", stops=["Ulm", ""], _step="who")
    assert (at(back), value(back, "name")) == ("Who", "Ann")
    on = ann.on(back, name="Anna", email="a@b.c")

    assert '<option value="train" selected>' in on
    assert 'value="Ulm"' in on
    wrong = ann.on(on, kind="bus", _step="who")
    wrong = ann.on(ann.get("/book?step=who"), name="X", email="", _step="what")
    assert at(wrong) == "Who"  # what is not right yet is not passed


def test_nobody_gets_ahead_of_what_is_filled_in(browser: Callable[..., Browser]) -> None:
    ann = browser()
    assert at(ann.get("/book?step=end")) == "Who"
    page = ann.on(ann.get(), name="Ann", email="a@b.c", _step="end")
    assert at(page) == "Who"
    assert at(ann.on(page, name="Ann", email="a@b.c")) == "What"
    assert at(ann.get("/book?step=nonsense")) == "What"


def test_who_comes_back_goes_on_where_they_were(browser: Callable[..., Browser]) -> None:
    ann = browser("ann")
    ann.on(ann.get(), name="Ann", email="a@b.c")

    elsewhere = browser("ann")  # another computer
    assert at(elsewhere.get()) == "What"
    assert value(elsewhere.get("/book?step=who"), "name") == "Ann"


def test_a_draft_is_of_one_caller_or_of_one_browser(browser: Callable[..., Browser]) -> None:
    ann, nameless = browser("ann"), browser()
    ann.on(ann.get(), name="Ann", email="a@b.c")
    nameless.on(nameless.get(), name="Nameless", email="n@b.c")

    for other in (browser("ben"), browser()):
        page = other.get()
        assert (at(page), value(page, "name")) == ("Who", "")
    stranger = browser()
    stranger.http.cookies.set(COOKIE, "x" * 43)
    assert at(stranger.get()) == "Who"
    stranger.http.cookies.set(COOKIE, "../../ann")
    assert at(stranger.get()) == "Who"


def test_the_form_of_another_caller_is_refused(browser: Callable[..., Browser]) -> None:
    ann, ben = browser("ann"), browser("ben")
    page = ann.get()

    answer = ben.send(page, name="Ben", email="b@b.c")

    assert answer.status_code == 400
    assert at(ben.get()) == "Who"


def test_a_browser_is_told_its_name_carefully(browser: Callable[..., Browser]) -> None:
    ann = browser()
    page = ann.http.get("/book")
    assert "set-cookie" not in page.headers  # looking costs nothing
    said = ann.send(page.text, name="Ann", email="a@b.c").headers["set-cookie"]

    assert said.startswith(f"{COOKIE}=")
    assert "HttpOnly" in said
    assert "SameSite=Lax" in said


def test_two_windows_do_not_take_from_each_other_unasked(browser: Callable[..., Browser]) -> None:
    ann = browser()
    ann.on(ann.get(), name="Ann", email="a@b.c")
    one = two = ann.get("/book?step=who")
    ann.on(one, name="Bob", email="a@b.c")
    asked = ann.send(two, name="Cyd", email="a@b.c")

    assert asked.status_code == 409
    assert "Changed to “Bob” by you, in another window. You typed “Cyd”." in asked.text
    theirs = ann.send(asked.text, name="Cyd", email="a@b.c", _take="name")
    assert value(theirs.text, "name") == "Bob"
    ann.on(asked.text, name="Cyd", email="a@b.c")  # mine is meant
    assert value(ann.get("/book?step=who"), "name") == "Cyd"


def test_what_two_windows_changed_in_different_fields_is_merged(
    browser: Callable[..., Browser],
) -> None:
    ann = browser()
    ann.on(ann.get(), name="Ann", email="a@b.c")
    one = two = ann.get("/book?step=who")
    ann.on(one, name="Bob", email="a@b.c")
    ann.on(two, name="Ann", email="new@b.c")

    page = ann.get("/book?step=who")
    assert (value(page, "name"), value(page, "email")) == ("Bob", "new@b.c")


def test_a_window_of_a_finished_form_begins_a_new_one_and_loses_nothing(
    browser: Callable[..., Browser],
) -> None:
    ann = browser()
    page = ann.on(ann.get(), name="Ann", email="a@b.c")
    other = ann.get("/book?step=what")
    ann.send(ann.on(page, kind="bus"), notes="")
    assert Journey.count() == 1

    page = ann.on(other, kind="train")
    assert at(page) == "Who"
    on = ann.on(page, name="Ann", email="again@b.c")
    assert '<option value="train" selected>' in on
    ann.send(ann.on(on, kind="train"), notes="")
    assert sorted(one.kind for one in Journey.all()) == ["bus", "train"]


def test_a_draft_can_be_discarded(browser: Callable[..., Browser]) -> None:
    ann = browser()
    page = ann.on(ann.get(), name="Ann", email="a@b.c")

    page = ann.on(page, _step="")

    assert (at(page), value(page, "name")) == ("Who", "")


def test_a_draft_expires(browser: Callable[..., Browser]) -> None:
    ann = browser()
    ann.on(ann.get(), name="Ann", email="a@b.c")
    later = utc_now() + drafts.LIFETIME + timedelta(minutes=1)
    nitro.configure(clock=lambda: later)

    assert at(ann.get()) == "Who"


def test_a_file_waits_in_the_draft(browser: Callable[..., Browser]) -> None:
    ann = browser()
    page = ann.on(ann.get(), name="Ann", email="a@b.c")
    token = ann.http.post("/journeys/-/files/paper", content=b"words").json()["token"]
    back = ann.on(page, kind="bus", paper=token, _step="who")
    page = ann.on(back, name="Ann", email="a@b.c")
    kept = re.search(r'type="hidden" name="paper" value="([^"]+)"', page)
    assert kept
    ann.send(ann.on(page, kind="bus", paper=kept[1]), notes="")

    paper = Journey.all()[0].paper
    assert paper is not None
    assert paper.read() == b"words"


def test_what_is_taken_meanwhile_leads_back_and_what_is_wrong_together_is_told(
    browser: Callable[..., Browser],
) -> None:
    Journey.create(name="Other", email="taken@b.c")
    ann = browser()
    refused = ann.send(ann.get(), name="Ann", email="taken@b.c")
    assert "This is taken already" in refused.text
    page = ann.on(ann.on(ann.get(), name="Ann", email="a@b.c"), kind="train")
    refused = ann.send(page, notes="no trains")

    assert refused.status_code == 422
    assert "This is by train" in refused.text
    assert Journey.count() == 1


def test_who_may_not_create_keeps_no_draft(browser: Callable[..., Browser]) -> None:
    ann = browser("ann")
    page = ann.get()
    nitro.configure(policy=lambda caller, operation, target: False)

    assert ann.send(page, name="Ann", email="a@b.c").status_code == 403
    assert drafts.find(Journey, "form-journeys-new", "user:ann") is None


class Hiding(Entity):
    name: str
    kind: str = ""
    vat: Annotated[str, ui(show_if={"kind": "company"})] = ""
    scan: bytes | None = None
    token: Annotated[Secret[str], ui(widget="secret")] = ""


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([Step("A", "name")], "two steps or more"),
        ([Step("A", "name"), Step("A", "kind")], "twice"),
        ([Step("A", "name"), Step("B", "name")], "twice"),
        ([Step("A", "kind"), Step("B", "scan")], "holds bytes"),
        ([Step("A", "name"), Step("B", "token")], "holds a secret"),
        ([Step("A", "kind"), Step("B", "scan")], "StoredFile"),
        ([Step("A", "kind"), Step("B", "token")], "secret"),
        ([Step("A", "kind"), Step("B", "vat")], "leaves out 'name'"),
        ([Step("A", "name", "kind"), Step("B", "vat")], "in another step"),
    ],
)
def test_steps_that_cannot_be_are_refused_at_once(steps: list[Step], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        Form.from_entity(Hiding).steps(*steps)


def test_steps_are_for_what_is_created_and_for_fields_that_are_there() -> None:
    with pytest.raises(TypeError, match="creates something"):
        Form.from_entity(Hiding(name="a")).steps(Step("A", "name"), Step("B", "kind"))
    with pytest.raises(LookupError, match="'nmae', which is no field"):
        Form.from_entity(Hiding).steps(Step("A", "nmae"), Step("B", "kind"))
    with pytest.raises(TypeError, match="has no fields"):
        Step("A")


def test_so_many_forms_can_be_begun(browser: Callable[..., Browser]) -> None:
    nitro.configure(limits={"drafts": 1, "drafts_of_address": 2})
    ann, ben = browser("ann"), browser("ben")
    page = ann.on(ann.get(), name="Ann", email="a@b.c")
    refused = ann.send(ann.get("/back"), name="Anna")
    assert refused.status_code == 429
    assert "There are 1 forms that you have begun" in refused.text
    assert "Anna" not in ann.get("/back")
    assert ben.on(ben.get(), name="Ben", email="b@b.c")

    page = ann.on(page, kind="train")  # one that was begun goes on
    assert ann.send(page, notes="x").headers["location"] == "/done"
    assert ann.on(ann.get("/back"), name="Anna")


def test_a_browser_that_takes_new_names_begins_no_more_forms(
    browser: Callable[..., Browser],
) -> None:
    nitro.configure(limits={"drafts_of_address": 2})
    statuses: list[int] = []
    for number in range(3):
        http = browser()
        statuses.append(http.send(http.get(), name="Ann", email=f"{number}@b.c").status_code)

    assert statuses == [303, 303, 429]
