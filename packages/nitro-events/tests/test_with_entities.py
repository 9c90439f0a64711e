"""Entities over HTTP: units, merging, live changes. Needs nitro-entities."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

nitro_entities = pytest.importorskip("nitro_entities")

from nitro_entities import (  # noqa: E402
    CreatedAt,
    Entity,
    MemoryRepo,
    Secret,
    SQLModelBackend,
    Unique,
    changes,
)
from nitro_events import action, joints, query  # noqa: E402
from nitro_events.http.dispatch import answer  # noqa: E402
from nitro_events.http.request import Request  # noqa: E402
from nitro_events.http.response import Response  # noqa: E402
from nitro_events.http.results import jsonable  # noqa: E402
from nitro_events.policy import Caller  # noqa: E402
from nitro_events.resources import Seal, digest  # noqa: E402
from nitro_events.settings import configure  # noqa: E402
from nitro_events.state import state  # noqa: E402
from nitro_events.with_entities import connect, touched  # noqa: E402


@pytest.fixture(autouse=True)
def _connected(tmp_path: Path) -> Iterator[None]:
    nitro_entities.state.reset()
    nitro_entities.configure(database_url=f"sqlite:///{tmp_path / 'data.db'}")
    configure(secret="k" * 32)
    connect()
    yield
    state.reset()
    nitro_entities.state.reset()


@pytest.fixture(params=[MemoryRepo, SQLModelBackend])
def city(request: pytest.FixtureRequest) -> Any:
    class City(Entity):
        _persistence_backend_class = request.param

        name: str
        population: int = 0
        note: str | None = None
        token: Secret[str] = "hidden"

        @action
        def grow(self, by: int = 1) -> None:
            self.population += by

        @query
        def density(self) -> int:
            self.population = -1
            return 3

        @classmethod
        @action
        def found(cls, name: str) -> dict[str, str]:
            return {"id": cls(name=name).save().id}

        def raze(self) -> None:
            """Not declared."""

    return City


def ask(
    method: str, path: str, body: object = None, form: dict[str, str] | None = None, **more: Any
) -> Response:
    raw = b"" if body is None else json.dumps(body).encode()
    kind = "application/json"
    if form is not None:
        raw, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
    headers = {"host": "localhost", "content-type": kind}
    request = Request(method, path, headers=headers, body=raw, client="127.0.0.1", **more)
    response = asyncio.run(answer(request))
    assert response is not None
    return response


def seal_for(entity: Any) -> str:
    target = state.targets.of(type(entity))
    assert target is not None
    now = target.current(entity)
    digests = {name: digest(value) for name, value in now.items()}
    seal = Seal(target.slug, entity.id, "update", tuple(now), digests)
    return state.sealer.sign("form", seal.payload())


def test_entities_are_created_changed_and_deleted(city: Any) -> None:
    assert ask("POST", "/cities", {"name": "Rome", "token": "mine"}).status == 422
    created = json.loads(ask("POST", "/cities", {"name": "Rome"}).body)
    assert created["population"] == 0
    assert "token" not in created
    path = f"/cities/{created['id']}"
    assert city.get(created["id"]).token == "hidden"

    assert ask("PATCH", path, {"population": 5}).status == 200
    assert ask("POST", f"{path}/grow", {"by": 2}).status == 204
    assert city.get(created["id"]).population == 7
    assert ask("DELETE", path).status == 204
    assert ask("DELETE", path).status == 404
    assert city.count() == 0


def test_a_query_changes_nothing(city: Any, caplog: pytest.LogCaptureFixture) -> None:
    rome = city.create(name="Rome")

    assert ask("GET", f"/cities/{rome.id}/density").body == b"3"
    assert city.get(rome.id).population == 0
    assert "never saves" in caplog.text


def test_only_declared_methods_answer(city: Any) -> None:
    rome = city.create(name="Rome")

    assert state.routes.allowed(f"/cities/{rome.id}/raze") == set()
    assert state.routes.allowed(f"/cities/{rome.id}/save") == set()
    assert json.loads(ask("POST", "/cities/found", {"name": "Ostia"}).body)
    assert city.count() == 2


def test_what_is_not_valid_is_told_by_field(city: Any) -> None:
    told = json.loads(ask("POST", "/cities", {"population": "x"}).body)

    assert set(told["errors"]) == {"name", "population"}


@pytest.mark.parametrize("backend", [MemoryRepo, SQLModelBackend])
def test_a_unique_value_that_is_taken_is_told_beside_its_field(backend: Any) -> None:
    class Patron(Entity):
        _persistence_backend_class = backend
        email: Unique[str]

    Patron.create(email="ada@example.org")
    answer = ask("POST", "/patrons", {"email": "ada@example.org"})

    assert answer.status == 422
    assert json.loads(answer.body)["errors"] == {"email": "This is taken already"}
    assert Patron.count() == 1


def test_what_the_verbs_fill_in_cannot_be_sent() -> None:
    class Patron(Entity):
        _persistence_backend_class = MemoryRepo
        name: str
        created_at: CreatedAt = None

    assert ask("POST", "/patrons", {"name": "Ada", "created_at": None}).status == 422
    created = json.loads(ask("POST", "/patrons", {"name": "Ada"}).body)
    assert created["created_at"] is not None


def test_two_forms_over_the_same_entity_are_merged(city: Any) -> None:
    rome = city.create(name="Rome")
    seal = seal_for(rome)
    sent = {"_nitro": seal, "name": "Rome", "population": "0", "note": ""}

    first = ask("POST", f"/cities/{rome.id}", form={**sent, "population": "9"})
    second = ask("POST", f"/cities/{rome.id}", form={**sent, "name": "Roma"})
    third = ask("POST", f"/cities/{rome.id}", form={**sent, "population": "5"})

    assert (first.status, second.status, third.status) == (200, 200, 409)
    stored = city.get(rome.id)
    assert (stored.name, stored.population) == ("Roma", 9)
    assert json.loads(third.body)["conflicts"]["population"]["theirs"] == "9"


def test_a_conflict_names_who_changed_it(city: Any) -> None:
    configure(user=lambda who: Caller(who, who), policy=lambda *_: True)
    rome = city.create(name="Rome")
    target = state.targets.of(city)
    assert target is not None
    now = target.current(rome)
    digests = {name: digest(value) for name, value in now.items()}
    forms = {
        who: state.sealer.sign(
            "form", Seal("cities", rome.id, "update", ("name",), digests, caller=who).payload()
        )
        for who in ("Ann", "Ben")
    }

    for who in ("Ann", "Ben"):
        response = ask(
            "POST",
            f"/cities/{rome.id}",
            form={"_nitro": forms[who], "name": f"by {who}"},
            framework=who,
        )

    assert json.loads(response.body)["conflicts"]["name"]["by"] == "Ann"


def test_many_at_once_lose_no_change(city: Any) -> None:
    rome = city.create(name="Rome")
    results: list[int] = []
    seal = seal_for(rome)

    def change(form: dict[str, str]) -> None:
        sent = {"_nitro": seal, "name": "Rome", "population": "0", "note": "", **form}
        results.append(ask("POST", f"/cities/{rome.id}", form=sent).status)

    forms = [{"name": "Roma"}, {"population": "9"}, {"note": "x"}]
    threads = [threading.Thread(target=change, args=[form]) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    stored = city.get(rome.id)
    assert results == [200, 200, 200]
    assert (stored.name, stored.population, stored.note) == ("Roma", 9, "x")


def test_a_form_sent_twice_at_once_creates_one(city: Any) -> None:
    seal = Seal("cities", "f" * 32, "create", ("name", "population"))
    text = state.sealer.sign("form", seal.payload())
    results: list[int] = []

    def send() -> None:
        form = {"_nitro": text, "name": "Rome", "population": "1"}
        results.append(ask("POST", "/cities", form=form).status)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [200, 200, 200, 201]
    assert city.count() == 1


def test_an_id_that_cannot_be_is_not_found(city: Any) -> None:
    for id in ("none", "\x00", "\ud800", "..", "x" * 5000):
        assert ask("PATCH", f"/cities/{id}", {"name": "x"}).status == 404


def test_a_commit_reaches_the_hub(city: Any) -> None:
    before = state.hub.position

    rome = city.create(name="Rome")

    assert state.hub.changed_since({"City"}, before)
    assert state.hub.changed_since({f"City:{rome.id}"}, before)
    assert not state.hub.changed_since({"City:other"}, before)


def test_what_was_changed_elsewhere_touches_the_whole_class(city: Any) -> None:
    known = changes.made(city, "1", 1, None, "update")
    unknown = changes.made(city, None, None, None, "unknown")

    assert list(touched([known])) == [{"City", "City:1"}]
    assert list(touched([known, unknown])) == [{"City"}]


def test_a_reset_ends_the_connection(city: Any) -> None:
    state.reset()

    assert state.targets.named("cities") is None
    assert state.targets.of(city) is None


def test_connecting_twice_is_connecting_once(city: Any) -> None:
    state.reset()
    joints.connect()
    joints.connect()

    assert state.stream_openers.count(changes.watch) == 1


def test_entities_in_results_are_json_without_secrets(city: Any) -> None:
    rome = city.create(name="Rome")

    value: Any = jsonable([rome])

    assert value[0]["name"] == "Rome"
    assert "token" not in value[0]
