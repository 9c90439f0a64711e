"""Commands, queries and actions on entities of every store. Needs nitro-entities."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

nitro_entities = pytest.importorskip("nitro_entities")

from nitro_entities import (  # noqa: E402
    Entity,
    MemoryRepo,
    ReadOnlyUnit,
    RedisRepo,
    SQLModelBackend,
    StaleEntity,
    UnitOfWork,
)
from nitro_events import Command, Query, action, adispatch, command, dispatch, query  # noqa: E402
from nitro_events.http.dispatch import answer  # noqa: E402
from nitro_events.http.request import Request  # noqa: E402
from nitro_events.http.response import Response  # noqa: E402
from nitro_events.middleware.idempotency import KeyReused  # noqa: E402
from nitro_events.settings import configure  # noqa: E402
from nitro_events.signals import Signals  # noqa: E402
from nitro_events.state import state  # noqa: E402
from nitro_events.units import Units  # noqa: E402
from nitro_events.with_entities import connect  # noqa: E402
from nitro_events.with_entities.replies import EntityReplies, reply_kind  # noqa: E402


@pytest.fixture(autouse=True)
def _connected(tmp_path: Path) -> Iterator[None]:
    nitro_entities.state.reset()
    nitro_entities.configure(database_url=f"sqlite:///{tmp_path / 'data.db'}")
    configure(secret="k" * 32)
    connect()
    yield
    state.reset()
    nitro_entities.state.reset()


@pytest.fixture
def postgres_url() -> Iterator[str]:
    from support import postgres

    database = postgres.database()
    database.empty()
    yield database.url
    nitro_entities.state.reset()  # while the test still holds it


@pytest.fixture
def redis_url() -> Iterator[str]:
    from support import redis

    url = redis.namespace()
    yield url
    nitro_entities.state.reset()
    redis.empty(url)


@pytest.fixture(params=["memory", "sqlite", "postgresql", "redis"])
def backend(request: pytest.FixtureRequest) -> Any:
    if request.param == "postgresql":
        nitro_entities.configure(database_url=request.getfixturevalue("postgres_url"))
    if request.param == "redis":
        nitro_entities.configure(redis_url=request.getfixturevalue("redis_url"))
    return {"memory": MemoryRepo, "redis": RedisRepo}.get(request.param, SQLModelBackend)


def counter_of(backend: Any, *, base: type[Any] = Entity) -> Any:
    class Counter(base):  # type: ignore[misc]
        _persistence_backend_class = backend

        number: int = 0
        note: str = ""

        @action
        def increment(self, by: int = 1) -> int:
            self.number += by
            return self.number

        @action
        async def increment_async(self, by: int = 1) -> int:
            self.number += by
            await asyncio.sleep(0)
            return self.number

        @action(retry=0)
        def once(self) -> None:
            self.number += 1

        @query
        def saves(self) -> None:
            self.note = "changed"
            self.save()

        @query
        async def saves_async(self) -> None:
            self.note = "changed"
            await self.asave()

        @query
        def deletes(self) -> None:
            self.delete()

        @query
        def adds(self) -> None:
            self.incr(number=1)

        @query
        def saves_apart(self) -> None:
            with UnitOfWork(independent=True) as apart:
                apart.save(self)

        @query
        def changes_itself(self) -> int:
            self.number = -1
            return 3

        @query
        def others(self) -> list[Any]:
            return [one.id for one in type(self).where(number=0)]

    return Counter


@pytest.fixture
def counter(backend: Any) -> Any:
    return counter_of(backend)


@pytest.fixture
def sqlite_counter() -> Any:
    return counter_of(SQLModelBackend)


def ask(path: str, body: object = None, method: str = "POST", **headers: str) -> Response:
    return asyncio.run(asking(path, body, method, **headers))


async def asking(path: str, body: object = None, method: str = "POST", **headers: str) -> Response:
    given = {"host": "localhost", "content-type": "application/json"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    raw = b"" if body is None else json.dumps(body).encode()
    response = await answer(Request(method, path, headers=given, body=raw, client="127.0.0.1"))
    assert response is not None
    return response


# one call, one unit


def test_what_an_action_changes_is_saved_without_being_told(counter: Any) -> None:
    made = counter().save()

    assert dispatch(made.increment, by=2) == 2
    assert asyncio.run(adispatch(made.increment)) == 3
    assert asyncio.run(adispatch(made.increment_async)) == 4
    assert dispatch(made.increment_async) == 5

    assert counter.get(made.id).number == 5
    assert made.number == 0


def test_a_command_that_fails_leaves_nothing_behind(sqlite_counter: Any) -> None:
    class Make(Command):
        pass

    @command
    def make(message: Make) -> None:
        sqlite_counter(note="half").save()
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        dispatch(Make())

    assert sqlite_counter.count() == 0


def test_a_command_inside_a_unit_is_committed_with_it(sqlite_counter: Any) -> None:
    made = sqlite_counter().save()

    with pytest.raises(RuntimeError), UnitOfWork():
        dispatch(made.increment)
        raise RuntimeError

    assert sqlite_counter.get(made.id).number == 0
    with UnitOfWork():
        dispatch(made.increment)
    assert sqlite_counter.get(made.id).number == 1


def test_a_command_that_fails_inside_another_takes_back_its_own_changes_only(
    sqlite_counter: Any,
) -> None:
    one, two = sqlite_counter().save(), sqlite_counter().save()

    class Inner(Command):
        pass

    class Outer(Command):
        pass

    @command
    def inner(message: Inner) -> None:
        sqlite_counter.get(two.id).number = 7
        sqlite_counter(note="inner").save()
        raise KeyError

    @command
    def outer(message: Outer) -> None:
        sqlite_counter.get(one.id).number = 5
        with pytest.raises(KeyError):
            dispatch(Inner())

    dispatch(Outer())

    assert sqlite_counter.get(one.id).number == 5
    assert sqlite_counter.get(two.id).number == 0
    assert sqlite_counter.count() == 2


# retry


def test_fifty_clicks_at_once_all_count(counter: Any) -> None:
    made = counter().save()
    path = f"/counters/{made.id}/increment"

    async def click() -> list[Response]:
        return list(await asyncio.gather(*(asking(path) for _ in range(50))))

    responses = asyncio.run(click())

    assert {response.status for response in responses} == {200}
    assert counter.get(made.id).number == 50
    assert sorted(json.loads(response.body) for response in responses) == list(range(1, 51))


def test_clicks_of_many_threads_on_an_async_action_all_count(counter: Any) -> None:
    made = counter().save()
    path = f"/counters/{made.id}/increment_async"

    with ThreadPoolExecutor(20) as pool:
        statuses = [r.status for r in pool.map(lambda _: ask(path), range(20))]

    assert set(statuses) == {200}
    assert counter.get(made.id).number == 20


def test_retry_can_be_switched_off(sqlite_counter: Any) -> None:
    made = sqlite_counter().save()
    in_between(sqlite_counter, made.id)

    with pytest.raises(StaleEntity):
        dispatch(made.once)
    in_between(sqlite_counter, made.id)
    assert ask(f"/counters/{made.id}/once").status == 409


def in_between(kind: Any, id: str) -> None:
    """Let somebody else change the entity right before the next commit."""
    from nitro_events.units import Unit, Units

    units = state.part(Units)
    opener = units.opener
    assert opener is not None

    def open_disturbed() -> Unit:
        units.opener = opener
        unit: Any = opener()
        commit = unit.commit

        def disturbed() -> object:
            thread = threading.Thread(target=lambda: kind.get(id).incr(number=100))
            thread.start()
            thread.join()
            return commit()

        unit.commit = disturbed
        return unit  # type: ignore[no-any-return]

    units.opener = open_disturbed


def test_a_call_that_met_another_is_made_again_from_the_beginning(sqlite_counter: Any) -> None:
    made = sqlite_counter().save()
    in_between(sqlite_counter, made.id)

    assert dispatch(made.increment) == 101
    assert sqlite_counter.get(made.id).number == 101


# queries


@pytest.mark.parametrize("name", ["saves", "saves_async", "deletes", "adds", "saves_apart"])
def test_a_query_that_writes_is_an_error_in_both_colours(counter: Any, name: str) -> None:
    made = counter().save()

    with pytest.raises(ReadOnlyUnit, match="only reads"):
        dispatch(getattr(made, name))
    with pytest.raises(ReadOnlyUnit, match="let it be a command"):
        asyncio.run(adispatch(getattr(made, name)))

    assert counter.get(made.id).note == ""
    assert counter.get(made.id).number == 0


def test_a_query_that_streams_may_not_write_at_any_step(sqlite_counter: Any) -> None:
    @query
    def listed() -> Iterator[dict[str, int]]:
        yield {"n": 1}
        sqlite_counter().save()
        yield {"n": 2}

    async def run() -> bytes:
        response = await asking("/listed", method="GET", datastar_request="true")
        assert response.chunks is not None
        return b"".join([chunk async for chunk in response.chunks])

    told = asyncio.run(run())

    assert b'{"n":1}' in told
    assert b'{"n":2}' not in told
    assert sqlite_counter.count() == 0


def test_a_query_class_may_not_write_either(sqlite_counter: Any) -> None:
    class Find(Query):
        pass

    @query
    def find(message: Find) -> None:
        sqlite_counter().save()

    with pytest.raises(ReadOnlyUnit):
        dispatch(Find())
    assert sqlite_counter.count() == 0


def test_a_query_that_writes_answers_500_and_tells_the_developer(
    sqlite_counter: Any, caplog: pytest.LogCaptureFixture
) -> None:
    made = sqlite_counter().save()

    response = ask(f"/counters/{made.id}/saves", method="GET")

    assert response.status == 500
    assert "only reads" in json.loads(response.body)["detail"]
    configure(env="production", policy=lambda *_: True)
    response = ask(f"/counters/{made.id}/saves", method="GET")
    assert b"only reads" not in response.body


def test_a_query_reads_and_what_it_changes_is_thrown_away(
    counter: Any, caplog: pytest.LogCaptureFixture
) -> None:
    made = counter().save()

    with caplog.at_level(logging.WARNING):
        assert dispatch(made.changes_itself) == 3
        assert dispatch(made.others) == [made.id]

    assert counter.get(made.id).number == 0
    assert "never saves" in caplog.text


def test_a_query_inside_a_command_sees_what_is_pending_and_may_not_write(
    sqlite_counter: Any,
) -> None:
    made = sqlite_counter().save()

    class Count(Query):
        pass

    class Change(Command):
        pass

    @query
    def count(message: Count) -> int:
        sqlite_counter.get(made.id).number = -1
        return len(sqlite_counter.where(note="new").list())

    @command
    def change(message: Change) -> int:
        sqlite_counter(note="new").save()
        found: int = dispatch(Count())
        sqlite_counter(note="new").save()
        return found

    assert dispatch(Change()) == 1
    assert sqlite_counter.get(made.id).number == 0
    assert sqlite_counter.count() == 3


# idempotency keys


def test_the_same_key_again_gets_the_stored_reply(counter: Any) -> None:
    made = counter().save()

    first = dispatch(made.increment, by=2, idempotency_key="a")
    again = dispatch(made.increment, by=2, idempotency_key="a")
    other = dispatch(made.increment, by=2, idempotency_key="b")

    assert (first, again, other) == (2, 2, 4)
    assert asyncio.run(adispatch(made.increment, by=2, idempotency_key="a")) == 2
    assert counter.get(made.id).number == 4


def test_the_same_key_with_another_input_is_refused(counter: Any) -> None:
    made, other = counter().save(), counter().save()
    dispatch(made.increment, by=2, idempotency_key="a")

    with pytest.raises(KeyReused, match="something else"):
        dispatch(made.increment, by=3, idempotency_key="a")
    with pytest.raises(KeyReused):
        dispatch(other.increment, by=2, idempotency_key="a")

    assert counter.get(made.id).number == 2


def test_a_key_comes_as_a_header(sqlite_counter: Any) -> None:
    made = sqlite_counter().save()
    path = f"/counters/{made.id}/increment"

    answers = [ask(path, {"by": 5}, idempotency_key='"k-1"') for _ in range(3)]

    assert [json.loads(one.body) for one in answers] == [5, 5, 5]
    assert ask(path, {"by": 6}, idempotency_key="k-1").status == 422
    assert ask(path, {"by": 6}, idempotency_key="é").status == 400
    assert ask(path, {"by": 6}, idempotency_key="").status == 400
    assert sqlite_counter.get(made.id).number == 5


def test_keys_of_different_callers_are_different_keys(sqlite_counter: Any) -> None:
    made = sqlite_counter().save()
    path = f"/counters/{made.id}/increment"
    users = iter(["ann", "bob"])
    configure(user=lambda _: next(users), policy=lambda *_: True)

    assert [json.loads(ask(path, idempotency_key="k").body) for _ in range(2)] == [1, 2]


def test_a_call_that_failed_may_be_made_again_with_its_key(sqlite_counter: Any) -> None:
    fails = [True]

    class Make(Command):
        note: str

    @command
    def make(message: Make) -> Any:
        made = sqlite_counter(note=message.note).save()
        if fails.pop():
            raise RuntimeError
        return made

    fails.insert(0, False)
    with pytest.raises(RuntimeError):
        dispatch(Make(note="x"), idempotency_key="a")
    made = dispatch(Make(note="x"), idempotency_key="a")
    again = dispatch(Make(note="x"), idempotency_key="a")

    assert again.id == made.id
    assert sqlite_counter.count() == 1


@pytest.mark.parametrize("name", ["increment", "increment_async"])
def test_one_key_used_by_many_at_once_has_one_effect(counter: Any, name: str) -> None:
    made = counter().save()
    path = f"/counters/{made.id}/{name}"

    async def click() -> list[Response]:
        return list(await asyncio.gather(*(asking(path, idempotency_key="k") for _ in range(12))))

    responses = asyncio.run(click())

    assert [json.loads(response.body) for response in responses] == [1] * 12
    assert counter.get(made.id).number == 1


def test_a_new_entity_is_created_once(sqlite_counter: Any) -> None:
    answers = [ask("/counters", {"note": "n"}, idempotency_key="k") for _ in range(2)]

    assert [one.status for one in answers] == [201, 201]
    assert answers[0].body == answers[1].body
    assert sqlite_counter.count() == 1
    assert ask("/counters", {"note": "m"}, idempotency_key="k").status == 422


@pytest.mark.parametrize("name", ["memory", "sqlite"])
def test_an_update_with_a_key_is_done_once(name: str) -> None:
    counter = counter_of({"memory": MemoryRepo, "sqlite": SQLModelBackend}[name])
    made, other = counter().save(), counter().save()
    path = f"/counters/{made.id}"
    first = ask(path, {"note": "a"}, "PATCH", idempotency_key="k")
    assert ask(path, {"note": "b"}, "PATCH").status == 200

    again = ask(path, {"note": "a"}, "PATCH", idempotency_key="k")

    assert (first.status, again.status) == (200, 200)
    assert counter.get(made.id).note == "b"
    assert ask(path, {"note": "c"}, "PATCH", idempotency_key="k").status == 422
    assert ask(f"/counters/{other.id}", {"note": "a"}, "PATCH", idempotency_key="k").status == 422


def test_a_key_is_for_one_sender_and_one_set_of_signals(sqlite_counter: Any) -> None:
    @command
    def greet(sender: Any) -> Any:
        return sender

    @command
    def noted(signals: Signals) -> Any:
        return signals.word

    first = ask("/cmds/greet/ann", idempotency_key="k")
    assert json.loads(first.body) == "ann"
    assert ask("/cmds/greet/bob", idempotency_key="k").status == 422
    assert ask("/cmds/greet/ann", idempotency_key="k").body == first.body
    assert ask("/noted", {"word": "a"}, idempotency_key="n").status == 200
    assert ask("/noted", {"word": "b"}, idempotency_key="n").status == 422


def test_a_deletion_with_a_key_is_told_again(sqlite_counter: Any) -> None:
    made = sqlite_counter().save()
    path = f"/counters/{made.id}"

    answers = [ask(path, method="DELETE", idempotency_key="k").status for _ in range(2)]

    assert answers == [204, 204]
    assert ask(path, method="DELETE", idempotency_key="other").status == 404
    configure(policy=lambda *_: False)
    assert ask(path, method="DELETE", idempotency_key="k").status == 403


def test_a_kept_reply_is_not_for_those_who_may_not(sqlite_counter: Any) -> None:
    made = sqlite_counter().save()
    path = f"/counters/{made.id}/increment"
    assert ask(path, idempotency_key="k").status == 200

    configure(policy=lambda *_: False)

    assert ask(path, idempotency_key="k").status == 403


def test_a_key_expires(counter: Any, backend: Any) -> None:
    made = counter().save()
    dispatch(made.increment, idempotency_key="a")
    [kept] = reply_kind(backend).all()
    assert kept.expires is not None
    assert timedelta(hours=23) < kept.expires - datetime.now(UTC) < timedelta(hours=25)

    nitro_entities.configure(clock=lambda: datetime.now(UTC) + timedelta(days=2))

    assert dispatch(made.increment, by=2, idempotency_key="a") == 3
    assert dispatch(made.increment, by=2, idempotency_key="a") == 3


def test_keys_that_have_expired_are_removed_now_and_then(
    sqlite_counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nitro_events.with_entities import replies

    made = sqlite_counter().save()
    for key in "abc":
        dispatch(made.increment, idempotency_key=key)
    monkeypatch.setattr(replies, "TIDIED_AFTER", 4)
    nitro_entities.configure(clock=lambda: datetime.now(UTC) + timedelta(days=2))

    dispatch(made.increment, idempotency_key="d")

    nitro_entities.configure(clock=lambda: datetime.now(UTC))
    assert reply_kind(SQLModelBackend).count() == 1


def test_a_command_may_need_a_key_or_take_no_notice(sqlite_counter: Any) -> None:
    calls: list[str] = []

    @command(idempotent=True)
    def pay() -> None:
        calls.append("pay")

    @command(idempotent=False)
    def log() -> None:
        calls.append("log")

    assert ask("/pay").status == 400
    assert ask("/pay", idempotency_key="k").status == 204
    assert [ask("/log", idempotency_key="k").status for _ in range(2)] == [204, 204]
    assert calls == ["pay", "log", "log"]


def test_the_reply_is_kept_where_the_effect_is(redis_url: str) -> None:
    nitro_entities.configure(redis_url=redis_url)

    class InRedis(Entity):
        _persistence_backend_class = RedisRepo
        number: int = 0

    class InSQL(Entity):
        _persistence_backend_class = SQLModelBackend
        number: int = 0

    class Touch(Command):
        id: str
        redis: bool

    @command
    def touch(message: Touch) -> int:
        found = (InRedis if message.redis else InSQL).get(message.id)
        found.number += 1
        return found.number

    one, two = InRedis().save(), InSQL().save()
    first, second = Touch(id=one.id, redis=True), Touch(id=two.id, redis=False)

    assert [dispatch(first, idempotency_key="r") for _ in range(2)] == [1, 1]
    # another process does not know yet that replies are kept in Redis as well
    state.part(Units).replies = EntityReplies()
    assert dispatch(first, idempotency_key="r") == 1
    assert InRedis.get(one.id).number == 1
    assert [dispatch(second, idempotency_key="s") for _ in range(2)] == [1, 1]
    assert reply_kind(RedisRepo).count() == 1
    assert reply_kind(SQLModelBackend).count() == 1


def test_a_store_that_is_out_of_order_disturbs_only_its_own_commands(
    sqlite_counter: Any,
) -> None:
    nitro_entities.configure(redis_url="redis://127.0.0.1:1/0")

    class Elsewhere(Entity):
        _persistence_backend_class = RedisRepo

    made = sqlite_counter().save()

    assert dispatch(made.increment, idempotency_key="a") == 1
    assert dispatch(made.increment, idempotency_key="a") == 1


def test_replies_need_no_migration(
    sqlite_counter: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = sqlite_counter().save()
    (tmp_path / "migrations").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NITRO_ENV", "production")

    assert dispatch(made.increment, idempotency_key="a") == 1
    assert dispatch(made.increment, idempotency_key="a") == 1


def test_the_kept_replies_have_no_routes(sqlite_counter: Any) -> None:
    made = sqlite_counter().save()
    dispatch(made.increment, idempotency_key="a")

    kinds = {target.kind for target in state.targets}

    assert sqlite_counter in kinds
    assert reply_kind(SQLModelBackend) not in kinds


def test_the_reply_of_a_command_that_writes_nothing_is_kept_where_every_instance_looks(
    redis_url: str,
) -> None:
    state.reset()
    nitro_entities.state.reset()  # and with it the database
    nitro_entities.configure(redis_url=redis_url)
    configure(secret="k" * 32)
    connect()
    done: list[str] = []

    class Ring(Command):
        bell: str

    @command
    def ring(message: Ring) -> int:
        done.append(message.bell)
        return len(done)

    assert [dispatch(Ring(bell="a"), idempotency_key="r") for _ in range(2)] == [1, 1]
    assert reply_kind(RedisRepo).count() == 1
