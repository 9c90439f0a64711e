"""What the stores and units of nitro-entities did wrong once, tried again on every store."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ConfigDict

from nitro_entities import (
    DefinitionError,
    DeletedAt,
    Entity,
    EntityError,
    ExpiresAt,
    InvalidQuery,
    MemoryRepo,
    NotUnique,
    RedisRepo,
    Secret,
    SQLEntity,
    SQLModelBackend,
    StaleEntity,
    StoreBusy,
    StoreUnusable,
    Unique,
    UnitOfWork,
    before_save,
    changes,
    configure,
    state,
)


class HostileItem(Entity):
    name: str = ""
    number: int = 0


class HostileCode(Entity):
    code: Unique[str]
    number: int = 0


class HostileVoucher(Entity):
    code: Unique[str]
    note: str = ""
    deleted_at: DeletedAt = None
    expires_at: ExpiresAt = None


class HostileKey(Entity):
    code: Unique[Secret[str]]

    @before_save
    def somebody_is_always_quicker(self) -> None:
        raise StaleEntity(type(self), self.id)


@pytest.fixture(autouse=True)
def clean(tmp_path: Path) -> Iterator[None]:
    state.reset()
    configure(database_url=f"sqlite:///{tmp_path / 'data.db'}")
    yield
    state.reset()


@pytest.fixture(params=["memory", "sqlite", "postgresql", "redis"])
def store(request: pytest.FixtureRequest, clean: None) -> Iterator[str]:
    from support import postgres, redis

    backend: type[Any] = SQLModelBackend
    url = ""
    if request.param == "memory":
        backend = MemoryRepo
    elif request.param == "postgresql":
        database = postgres.database()
        database.empty()
        configure(database_url=database.url)
    elif request.param == "redis":
        backend, url = RedisRepo, redis.namespace()
        configure(redis_url=url)
    configure(backend=backend)
    yield request.param
    state.reset()
    if url:
        redis.empty(url)


def full(path: Path) -> None:
    """Let the database at *path* be full soon."""
    configure(database_url=f"sqlite:///{path}", backend=SQLModelBackend)
    HostileItem(id="first").save()
    store: Any = HostileItem.repository().store
    store.writer.execute("PRAGMA max_page_count=20")


def stored(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    try:
        return {id for (id,) in connection.execute("SELECT id FROM hostileitem")}
    finally:
        connection.close()


def test_a_failed_flush_writes_no_entity_that_no_change_tells_of(store: str) -> None:
    HostileCode(id="there", code="taken").save()
    told: list[object] = []
    changes.subscribe(lambda batch: told.extend(change.id for change in batch))
    with contextlib.suppress(NotUnique), UnitOfWork() as unit:
        HostileCode(id="a", code="free").save()
        HostileCode(id="b", code="taken").save()
        with contextlib.suppress(NotUnique):  # Redis says so at the commit
            unit.flush()
    assert [one.id for one in HostileCode.all() if one.id != "there"] == told


def test_one_unit_of_work_object_serves_two_tasks_at_once(store: str) -> None:
    unit_of_work = UnitOfWork()

    async def commit(entered: asyncio.Event, other: asyncio.Event) -> None:
        async with unit_of_work:
            HostileItem(id="kept").save()
            entered.set()
            await other.wait()

    async def roll_back(entered: asyncio.Event, other: asyncio.Event) -> None:
        await entered.wait()
        with pytest.raises(KeyError):
            async with unit_of_work:
                HostileItem(id="dropped").save()
                other.set()
                await asyncio.sleep(0.05)
                raise KeyError

    async def both() -> None:
        entered, other = asyncio.Event(), asyncio.Event()
        await asyncio.gather(commit(entered, other), roll_back(entered, other))

    asyncio.run(both())
    assert [one.id for one in HostileItem.all()] == ["kept"]


def test_tasks_of_one_unit_each_get_the_rows_that_they_asked_for(store: str) -> None:
    HostileItem.create_many({"id": f"i{n:02}", "number": n} for n in range(40))

    async def ask() -> list[list[int]]:
        async with UnitOfWork() as unit:
            HostileItem(id="new", number=-1).save()
            await unit.flush()
            found = await asyncio.gather(
                *(HostileItem.where(number=n).alist() for n in range(40) for _ in range(5))
            )
        return [[one.number for one in some] for some in found]

    assert asyncio.run(ask()) == [[n] for n in range(40) for _ in range(5)]


def test_a_unit_cancelled_in_any_phase_leaves_nothing_half_written(store: str) -> None:
    async def write(number: int) -> None:
        async with UnitOfWork() as unit:
            HostileItem(id=f"a{number}").save()
            HostileItem(id=f"b{number}").save()
            await unit.flush()
            await HostileItem.aget_or_none("nobody")
            await HostileItem.where(number=number).alist()

    async def cancel_each() -> None:
        for number in range(40):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(write(number), 0.0002 * number)
        await HostileItem(id="last").asave()

    asyncio.run(cancel_each())
    ids = {one.id for one in HostileItem.all()}
    assert {id[1:] for id in ids if id[0] == "a"} == {id[1:] for id in ids if id[0] == "b"}


def test_delete_never_removes_another_entity_than_the_loaded_one(store: str) -> None:
    HostileItem(id="b").save()
    one = HostileItem(id="a").save()
    one.id = "b"
    one.delete()
    assert [other.id for other in HostileItem.all()] == ["b"]


def test_upsert_brings_back_what_was_deleted_softly(store: str) -> None:
    HostileVoucher(id="v", code="X").save().delete()
    HostileVoucher.upsert(on="code", code="X", note="again")
    assert HostileVoucher.get("v").note == "again"


def test_upsert_takes_the_place_of_what_has_expired(store: str) -> None:
    past = datetime.now(UTC) - timedelta(seconds=5)
    HostileVoucher(id="v", code="X", note="old", expires_at=past).save()
    made = HostileVoucher.upsert(on="code", code="X")
    assert (HostileVoucher.get(made.id).note, HostileVoucher.count()) == ("", 1)


def test_an_upsert_that_gives_up_shows_no_secret(store: str) -> None:
    configure(busy_timeout=0.01)
    with pytest.raises(StoreBusy, match="HostileKey of one code") as refused:
        HostileKey.upsert(on="code", code="hush-hush")
    assert "hush-hush" not in str(refused.value)


@pytest.mark.parametrize("batch", [0, -1])
def test_a_stream_in_batches_of_nothing_is_refused(store: str, batch: int) -> None:
    with pytest.raises(InvalidQuery, match="at least one"):
        list(HostileItem.where().stream(batch))


def test_an_awaited_stream_in_batches_of_nothing_is_refused(store: str) -> None:
    async def ask() -> None:
        async for _ in HostileItem.where().astream(0):
            pass

    with pytest.raises(InvalidQuery, match="at least one"):
        asyncio.run(ask())


def test_limits_larger_than_any_store_can_count_are_no_error(store: str) -> None:
    HostileItem(id="a").save()
    asked, much = HostileItem.where(), 10**30
    found = len(asked.limit(much).list()), len(asked.slice(much).items), asked.count(cap=much)
    assert found == (1, 1, 1)


def test_a_unit_on_a_full_disk_writes_all_or_nothing(tmp_path: Path) -> None:
    full(tmp_path / "full.db")
    with pytest.raises(StoreUnusable, match=r"undid|full"), UnitOfWork() as unit:
        HostileItem(id="before").save()
        unit.flush()
        HostileItem(id="large", name="x" * 500_000).save()
        with pytest.raises(StoreUnusable, match="full"):
            unit.flush()
        HostileItem(id="after").save()
        unit.flush()
    assert stored(tmp_path / "full.db") == {"first"}


def test_a_nested_unit_on_a_full_disk_says_that_the_disk_is_full(tmp_path: Path) -> None:
    full(tmp_path / "full.db")
    with (
        pytest.raises(StoreUnusable, match="disk is full"),
        UnitOfWork(),
        UnitOfWork() as nested,
    ):
        HostileItem(id="large", name="x" * 500_000).save()
        nested.flush()
    HostileItem(id="next").save()
    assert stored(tmp_path / "full.db") == {"first", "next"}


@pytest.mark.parametrize("url", ["postgresql://u:hush@h:port/db", "postgresql://u:hush@[::1/db"])
def test_a_malformed_database_url_is_refused_without_its_password(url: str) -> None:
    configure(database_url=url, backend=SQLModelBackend)
    with pytest.raises(EntityError, match="NITRO_DATABASE_URL") as refused:
        HostileItem(id="a").save()
    assert "hush" not in str(refused.value)


def test_a_malformed_redis_url_is_refused_without_its_password() -> None:
    configure(redis_url="redis://:hush@[::1", backend=RedisRepo)
    with pytest.raises(EntityError, match="NITRO_REDIS_URL") as refused:
        HostileItem(id="a").save()
    assert "hush" not in str(refused.value)


def test_a_plain_class_that_allows_undeclared_values_is_refused() -> None:
    with pytest.raises(DefinitionError, match="Declare them as fields"):

        class Loose(Entity):
            model_config = ConfigDict(extra="allow")


def test_a_table_that_allows_undeclared_values_is_refused() -> None:
    with pytest.raises(DefinitionError, match="Declare them as fields"):

        class LooseRow(SQLEntity, table=True):
            model_config = ConfigDict(extra="allow")  # type: ignore[assignment]


def test_a_sum_that_cannot_be_is_told_with_class_and_field(store: str) -> None:
    HostileItem(id="a", number=1).save()
    with pytest.raises(InvalidQuery, match="HostileItem 'a': number cannot be added to by a str"):
        HostileItem.get("a").incr(number="text")
    assert HostileItem.get("a").number == 1


def test_what_a_query_compares_with_is_in_no_repr() -> None:
    assert "hunter2" not in repr(HostileKey.where(code="hunter2"))
