"""One request, one unit, with the entities of a store in memory."""

import asyncio
from typing import Any

import pytest
from sanic import Sanic, json, text
from sanic.exceptions import SanicException

pytest.importorskip("nitro_entities")

from nitro_entities import Entity, UnitOfWork
from nitro_events import configure
from nitro_events.joints import connect


class SanicTally(Entity):
    count: int = 0


@pytest.fixture(autouse=True)
def tally() -> None:
    connect()
    before = SanicTally.get_or_none("a")
    if before is not None:
        before.delete()
    SanicTally(id="a").save()


def count(by: int = 1) -> int:
    found = SanicTally.get("a")
    found.count += by
    return found.count


def stored() -> int:
    return SanicTally.get("a").count


def test_what_a_handler_changes_is_committed_when_it_has_returned(
    app: Sanic[Any, Any], http: Any
) -> None:
    @app.post("/sync")
    def sync_count(_: Any) -> Any:
        return json({"count": count()})

    @app.post("/async")
    async def async_count(_: Any) -> Any:
        await asyncio.sleep(0)
        return json({"count": count()})

    http.post("/sync")
    http.post("/async")

    assert stored() == 2


def test_what_fails_or_is_refused_changes_nothing(app: Sanic[Any, Any], http: Any) -> None:
    @app.post("/fail")
    def fail(_: Any) -> None:
        count()
        raise RuntimeError("secret detail")

    @app.post("/refuse")
    def refuse(_: Any) -> None:
        count()
        raise SanicException("Not now", 409)

    @app.post("/answer")
    def answer(_: Any) -> Any:
        count()
        return text("no", 400)

    @app.post("/nothing")
    def nothing(_: Any) -> None:
        count()

    asked = [http.post(path).status for path in ("/fail", "/refuse", "/answer", "/nothing")]

    assert asked == [500, 409, 400, 500]
    assert stored() == 0


def test_a_handled_exception_changes_nothing_either(app: Sanic[Any, Any], http: Any) -> None:
    @app.exception(KeyError)
    def told(_: Any, __: Exception) -> Any:
        return text("handled")

    @app.post("/fail")
    def fail(_: Any) -> None:
        count()
        raise KeyError

    assert http.post("/fail").text == "handled"
    assert stored() == 0


def test_a_commit_that_fails_is_an_answer(app: Sanic[Any, Any], http: Any) -> None:
    @app.post("/stale")
    def stale(_: Any) -> Any:
        mine = SanicTally.get("a")
        with UnitOfWork(independent=True):
            theirs = SanicTally.get("a")
            theirs.count += 10
            theirs.save()
        mine.count += 100
        return text("fine")

    answer = http.post("/stale")

    assert answer.status == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert stored() == 10


def test_a_streaming_answer_has_committed_before_it_begins(
    app: Sanic[Any, Any], http: Any
) -> None:
    @app.post("/drip")
    async def drip(request: Any) -> None:
        count()
        response = await request.respond(content_type="text/plain")
        await response.send(str(stored()))
        await response.eof()

    assert http.post("/drip").text == "1"


def test_a_background_task_saves_by_itself(app: Sanic[Any, Any], http: Any) -> None:
    async def later() -> None:
        found = SanicTally.get("a")
        found.count += 10
        found.save()

    @app.post("/later")
    async def begin(request: Any) -> Any:
        task = request.app.add_task(later())
        await asyncio.sleep(0)
        response = await request.respond(text("begun"))
        await response.eof()
        await task

    http.post("/later")

    assert stored() == 10


def test_middleware_before_the_handler_is_in_the_unit(app: Sanic[Any, Any], http: Any) -> None:
    @app.on_request
    def before(_: Any) -> None:
        count(5)

    @app.post("/fail")
    def fail(_: Any) -> None:
        raise RuntimeError

    @app.post("/fine")
    def fine(_: Any) -> Any:
        return text("fine")

    http.post("/fail")
    http.post("/fine")

    assert stored() == 5


def test_entities_are_json(app: Sanic[Any, Any], http: Any) -> None:
    @app.get("/one/<id>")
    def one(_: Any, id: str) -> SanicTally:
        return SanicTally.get(id)

    @app.get("/all")
    def everything(_: Any) -> list[SanicTally]:
        return [SanicTally(id="b", count=2), SanicTally(id="c")]

    assert http.get("/one/a").json == {"id": "a", "count": 0}
    assert http.get("/one/x").status == 404
    assert http.get("/one/x").headers["content-type"] == "application/problem+json"
    assert [item["id"] for item in http.get("/all").json] == ["b", "c"]


def test_an_entity_that_refuses_a_value_is_not_valid(app: Sanic[Any, Any], http: Any) -> None:
    @app.post("/invalid")
    def invalid(_: Any) -> Any:
        return SanicTally(count="many")

    answer = http.post("/invalid")

    assert answer.status == 422
    assert set(answer.json["errors"]) == {"count"}


def test_an_answer_of_the_application_wins_unless_it_is_for_everything(
    app: Sanic[Any, Any], http: Any
) -> None:
    from nitro_entities import EntityNotFound

    @app.exception(Exception)
    def anything(_: Any, __: Exception) -> Any:
        return text("anything", 500)

    @app.get("/one/<id>")
    def one(_: Any, id: str) -> SanicTally:
        return SanicTally.get(id)

    assert http.get("/one/x").status == 404

    app.exception(EntityNotFound)(lambda *_: text("mine", 410))

    assert http.get("/one/x").text == "mine"


def test_the_generated_routes_of_a_class_are_named(app: Sanic[Any, Any]) -> None:
    assert app.url_for("nitro.sanic-tallies.edit", id="a") == "/sanic-tallies/a/edit"
    assert app.url_for("nitro.sanic-tallies.update", id=7) == "/sanic-tallies/7"


def test_protect_all_keeps_other_sites_from_hand_written_routes(
    app: Sanic[Any, Any], http: Any
) -> None:
    configure(protect_all=True)

    @app.post("/count")
    def change(request: Any) -> Any:
        return json({"count": count(), "sent": request.form.get("a")})

    foreign = {"origin": "http://evil.example"}

    assert http.post("/count", data={"a": "1"}, headers=foreign).status == 403
    assert http.post("/count", data={"a": "1"}).json == {"count": 1, "sent": "1"}


def test_several_workers_with_entities_in_memory_do_not_start(app: Sanic[Any, Any]) -> None:
    from nitro_sanic.lifecycle import check

    app.state.workers = 2

    with pytest.raises(RuntimeError, match="SanicTally"):
        check(app)
