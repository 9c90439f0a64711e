"""One request, one unit of work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from litestar import Litestar, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.response import Stream
from litestar.testing import TestClient

from nitro_entities import Entity, UnitOfWork
from nitro_entities import state as entities
from nitro_events.units import current_unit

Served = Callable[..., TestClient[Litestar]]


class LitestarVisits(Entity):
    count: int = 0


@pytest.fixture(autouse=True)
def visits() -> Iterator[None]:
    LitestarVisits(id="all").save()
    yield
    entities.state.reset()


def count() -> int:
    visits = LitestarVisits.get("all")
    visits.count += 1
    return visits.count


def stored() -> int:
    return LitestarVisits.get("all").count


@post("/count", sync_to_thread=False)
def plain_count() -> int:
    return count()


@post("/count", sync_to_thread=True)
def count_in_thread() -> int:
    return count()


@post("/count")
async def async_count() -> int:
    return count()


@pytest.mark.parametrize("handler", [plain_count, count_in_thread, async_count])
def test_what_a_handler_changes_is_stored_without_save(served: Served, handler: Any) -> None:
    served(handler).post("/count")

    assert stored() == 1


def test_an_exception_takes_it_back(served: Served) -> None:
    @post("/fail")
    async def fail() -> None:
        count()
        raise RuntimeError("no")

    served(fail).post("/fail")

    assert stored() == 0


def test_a_refusal_takes_it_back(served: Served) -> None:
    @post("/refuse")
    async def refuse() -> None:
        count()
        raise HTTPException("Not now", status_code=409)

    assert served(refuse).post("/refuse").status_code == 409
    assert stored() == 0


def test_an_answer_with_an_error_status_takes_it_back(served: Served) -> None:
    @post("/refuse")
    async def refuse() -> Response[str]:
        count()
        return Response("no", status_code=400)

    served(refuse).post("/refuse")

    assert stored() == 0


def test_a_get_changes_nothing(served: Served) -> None:
    @get("/count")
    async def read() -> int:
        return count()

    served(read).get("/count")

    assert stored() == 0


def test_a_commit_that_fails_is_the_answer(served: Served) -> None:
    @post("/stale")
    async def stale() -> int:
        mine = LitestarVisits.get("all")
        with UnitOfWork(independent=True):
            theirs = LitestarVisits.get("all")
            theirs.count += 10
            theirs.save()
        mine.count += 100
        return mine.count

    answer = served(stale).post("/stale")

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert stored() == 10


def test_it_is_stored_before_a_dependency_cleans_up(served: Served) -> None:
    seen: list[int] = []

    async def session() -> AsyncIterator[str]:
        yield "session"
        seen.append(stored())

    @post("/count")
    async def own(session: NamedDependency[str]) -> int:
        return count()

    served(own, dependencies={"session": Provide(session)}).post("/count")

    assert seen == [1]


def test_a_dependency_hears_of_a_commit_that_failed(served: Served) -> None:
    heard: list[str] = []

    async def session() -> AsyncIterator[str]:
        try:
            yield "session"
        except Exception as error:
            heard.append(type(error).__name__)
            raise

    @post("/stale")
    async def stale(session: NamedDependency[str]) -> None:
        mine = LitestarVisits.get("all")
        with UnitOfWork(independent=True):
            LitestarVisits.get("all").update(count=5)
            LitestarVisits.get("all").delete()
        mine.count += 1

    served(stale, dependencies={"session": Provide(session)}).post("/stale")

    assert heard == ["StaleEntity"]


def test_a_streaming_answer_and_a_background_task_find_no_unit(served: Served) -> None:
    units: list[object] = []

    @post("/drip")
    async def drip() -> Stream:
        count()

        async def drops() -> AsyncIterator[str]:
            units.append(current_unit())
            yield "drop"

        return Stream(drops(), background=BackgroundTask(lambda: units.append(current_unit())))

    assert served(drip).post("/drip").text == "drop"
    assert units == [None, None]
    assert stored() == 1


def test_a_background_task_stores_by_itself(served: Served) -> None:
    def later() -> None:
        visits = LitestarVisits.get("all")
        visits.count += 1
        visits.save()

    @post("/later")
    async def own() -> Response[str]:
        return Response("", background=BackgroundTask(later))

    served(own).post("/later")

    assert stored() == 1


def test_middleware_of_the_application_changes_in_the_same_unit(served: Served) -> None:
    def around(app: Any) -> Any:
        async def call(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                count()
            await app(scope, receive, send)

        return call

    served(async_count, middleware=[around]).post("/count")

    assert stored() == 2


def test_an_exception_of_middleware_takes_it_back(served: Served) -> None:
    def fails(app: Any) -> Any:
        async def call(scope: Any, receive: Any, send: Any) -> None:
            count()
            raise RuntimeError("no")

        return call

    assert served(async_count, middleware=[fails]).post("/count").status_code == 500
    assert stored() == 0


def test_a_generated_action_stores_what_it_changes(served: Served) -> None:
    from nitro_events import action

    class LitestarCounted(Entity):
        count: int = 0

        @action
        def grow(self, by: int) -> None:
            self.count += by

    LitestarCounted(id="one").save()
    http = served()

    assert http.post("/litestar-counteds/one/grow", json={"by": 2}).status_code == 204
    assert LitestarCounted.get("one").count == 2
