"""What only Redis does: indexes of our own, expiry, several processes, a server that goes away."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis

from nitro_entities import (
    ConstraintFailed,
    DefinitionError,
    Entity,
    EntityError,
    EntityExists,
    ExpiresAt,
    Indexed,
    NotUnique,
    RedisRepo,
    SQLEntity,
    StaleEntity,
    StoreBusy,
    StoreUnusable,
    Unique,
    UnitOfWork,
    UnreadableRow,
    changes,
    configure,
    state,
)
from nitro_entities.backends import Repositories
from nitro_entities.stores.redis import scripts
from nitro_entities.stores.redis.backend import Stores as RedisStores
from nitro_entities.stores.redis.connections import Connections
from nitro_entities.stores.redis.store import RedisStore
from support import redis as servers

PROOF = bool(os.environ.get("NITRO_PROOF"))


class Product(Entity):
    name: Unique[str]
    price: Indexed[float] = 1.0
    size: Indexed[int | None] = None
    stock: int = 0
    _persistence_backend_class = RedisRepo


class Plain(Entity):
    text: str = ""
    number: int = 0
    _persistence_backend_class = RedisRepo


class Session(Entity):
    user: Unique[str] = ""
    expires_at: ExpiresAt = None
    _persistence_backend_class = RedisRepo


@pytest.fixture
def client(redis_url: str) -> Iterator[Any]:
    client = redis.Redis.from_url(redis_url.partition("?")[0])
    yield client
    client.close()


@pytest.fixture
def prefix(redis_url: str) -> str:
    return redis_url.partition("?prefix=")[2]


@pytest.fixture
def own_server(clean: object) -> Iterator[servers.Server]:
    server = servers.own_server(keeps=True)
    configure(redis_url=server.url, busy_timeout=2)
    yield server
    state.reset()
    server.remove()


def store() -> RedisStore:
    found = Product.repository().store
    assert isinstance(found, RedisStore)
    return found


def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Note every command from now on."""
    seen: list[tuple[Any, ...]] = []
    original = Connections.call_once

    def call_once(self: Connections, command: Any, again: Any) -> Any:
        seen.append(tuple(command))
        return original(self, command, again)

    monkeypatch.setattr(Connections, "call_once", call_once)
    return seen


def indexes_of(client: Any, name: str) -> dict[str, set[tuple[str, str]]]:
    """Answer from the server alone which entries there are, as (place, key)."""
    entries: set[tuple[str, str]] = set()
    for place in client.scan_iter(f"{name}#i:*"):
        found = client.zrange(place, 0, -1)
        entries |= {(place.decode(), one.rpartition(b"\0")[2].decode()) for one in found}
        assert len(found) == len({one.rpartition(b"\0")[2] for one in found})
    for place in client.scan_iter(f"{name}#u:*"):
        holders = list(client.hvals(place))
        entries |= {(place.decode(), key.decode()) for key in holders}
        assert len(holders) == len(set(holders))
    ids = {one.decode() for one in client.zrange(f"{name}#ids", 0, -1)}
    rows = {key.decode().rpartition(":")[2] for key in client.scan_iter(f"{name}:*")}
    kept = {key.decode() for key in client.hkeys(f"{name}#entries")}
    assert ids == rows
    assert kept in (rows, set())
    return {"rows": {("", key) for key in rows}, "entries": entries}


def check_indexes(client: Any, prefix: str) -> None:
    """Compare the indexes of products with the rows, by value."""
    name = f"{prefix}:product"
    found = indexes_of(client, name)
    rows = {key for _, key in found["rows"]}
    places = [f"{name}#i:name", f"{name}#i:price", f"{name}#i:size", f"{name}#u:name"]
    assert found["entries"] == {(place, key) for place in places for key in rows}
    everything = {p.id: p for p in Product.get_many(sorted(rows))}
    assert everything.keys() == rows
    for product in everything.values():
        for same in (
            Product.where(Product.name == product.name),
            Product.where(Product.price == product.price),
            Product.where(Product.size == product.size),
        ):
            assert product.id in {p.id for p in same}


def test_one_condition_on_an_index_loads_only_what_matches(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(50):
        Product.create(name=f"n{n}", price=n)
    Product.all()
    commands = told(monkeypatch)

    found = Product.where(Product.price >= 10, Product.price < 13).list()
    first = Product.where().order_by("-price").limit(3).list()

    assert sorted(p.price for p in found) == [10, 11, 12]
    assert [p.price for p in first] == [49, 48, 47]
    walks = [c for c in commands if c[1] == scripts.WALK.sha]
    assert len(commands) == len(walks) == 2
    assert walks[1][-1] == 3


def test_an_index_counts_without_loading(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(20):
        Product.create(name=f"n{n}", price=n % 5)
    assert Product.count() == 20
    commands = told(monkeypatch)

    assert Product.where(Product.price == 2).count() == 4
    assert Product.where(Product.name.startswith("n1")).count() == 11
    assert Product.where(Product.price > 1).where(Product.price <= 3).count() == 8

    assert {c[1] for c in commands} == {scripts.COUNT.sha}


def test_a_get_is_one_round_trip_and_so_is_a_save(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Plain.create(text="a")
    commands = told(monkeypatch)

    Plain.get(made.id)
    made.number = 5
    made.save()
    Plain.get_many([made.id, "nobody"])

    assert [c[0] for c in commands] == ["GET", "EVALSHA", "MGET"]


def test_many_saves_of_one_class_without_indexes_are_one_quick_script(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Plain.create(text="a")
    commands = told(monkeypatch)

    made = Plain.create_many([{"text": str(number)} for number in range(1200)])
    several = [one.update(number=7) for one in (*made, known)]
    Plain.save_many([*several, Plain(text="new")])

    assert {c[1] for c in commands if c[0] == "EVALSHA"} == {scripts.SAVE_MANY.sha}
    assert Plain.where(Plain.number == 7).count() == 1201
    assert Plain.count() == 1202
    with pytest.raises(EntityExists, match=known.id):
        Plain.save_many([Plain(text="b"), Plain(id=known.id), Plain(text="c")])
    assert Plain.count() == 1202


def test_many_saves_find_that_the_place_of_their_ids_is_taken(client: Any, prefix: str) -> None:
    Plain.create().delete()
    client.set(f"{prefix}:plain#ids", "not ours")

    with pytest.raises(StoreUnusable, match="another type"):
        Plain.create_many([{"text": "a"}, {"text": "b"}])


def test_a_unit_is_one_script_over_all_its_classes(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Plain.create()
    Product.create(name="first")
    commands = told(monkeypatch)

    with UnitOfWork() as unit:
        Plain(text="a").save()
        Product(name="a").save()
        unit.outbox("made", {"name": "a"})

    assert [c[1] for c in commands] == [scripts.COMMIT.sha]
    assert [m.topic for m in store().outbox.pending()] == ["made"]


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 2**53 + 1])
def test_whole_numbers_keep_their_64_bits(redis_url: str, number: int) -> None:
    made = Product.create(name="a", size=number, stock=number)

    assert Product.get(made.id).stock == number
    assert [p.id for p in Product.where(Product.size == number)] == [made.id]
    assert Product.where(Product.size == number - (1 if number > 0 else -1)).count() == 0


def test_an_index_agrees_with_the_rows_after_every_kind_of_write(
    redis_url: str, client: Any, prefix: str
) -> None:
    made = [Product.create(name=f"n{n}", price=n, size=n or None) for n in range(10)]
    made[1].price = 7.5
    made[1].save()
    made[2].update(name="other", size=None).save()
    made[3].delete()
    with UnitOfWork():
        made[4].name, made[5].name = made[5].name, made[4].name
        made[4].save()
        made[5].save()
        made[6].delete()
    with pytest.raises(NotUnique), UnitOfWork():
        made[7].update(price=99.0).save()
        Product(name="n8").save()

    check_indexes(client, prefix)
    assert Product.count() == 8


def test_a_unique_value_is_taken_by_one_of_eight_threads(redis_url: str) -> None:
    def take(number: int) -> bool:
        try:
            Product.create(name="the one", stock=number)
        except NotUnique:
            return False
        return True

    for _ in range(20 if PROOF else 3):
        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(take, range(8))) == 1
        Product.first().delete()  # type: ignore[union-attr]


def test_eight_threads_lose_no_sum(redis_url: str) -> None:
    made = Product.create(name="a")

    def add(_: int) -> None:
        for _ in range(100 if PROOF else 20):
            Product.get(made.id).incr(stock=1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))

    assert Product.get(made.id).stock == 8 * (100 if PROOF else 20)


# a process of its own that knows the same classes
ELSEWHERE = """
import random, sys
from nitro_entities import (
    Entity, EntityError, Indexed, RedisRepo, Unique, UnitOfWork, changes, configure
)
configure(redis_url=sys.argv[1])

class Product(Entity):
    name: Unique[str]
    price: Indexed[float] = 1.0
    size: Indexed[int | None] = None
    stock: int = 0
    _persistence_backend_class = RedisRepo

class Plain(Entity):
    text: str = ""
    number: int = 0
    _persistence_backend_class = RedisRepo
"""

WRITER = """
seed = random.Random(int(sys.argv[2]))
print("ready", flush=True)
while True:
    try:
        with UnitOfWork():
            for _ in range(3):
                some = Product.get_or_none(str(seed.randrange(40)))
                if some is None:
                    Product(id=str(seed.randrange(40)), name=str(seed.randrange(60))).save()
                elif seed.random() < 0.3:
                    some.delete()
                else:
                    some.update(price=seed.randrange(9), name=str(seed.randrange(60))).save()
    except EntityError:
        pass
"""


def elsewhere(code: str, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", ELSEWHERE + code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_indexes_agree_with_the_rows_when_writers_are_killed(
    redis_url: str, client: Any, prefix: str
) -> None:
    for number in range(100 if PROOF else 3):
        writers = [elsewhere(WRITER, redis_url, number * 8 + n) for n in range(2)]
        for writer in writers:
            assert writer.stdout is not None
            writer.stdout.readline()
        time.sleep(random.uniform(0.05, 0.3))
        for writer in writers:
            writer.kill()
            writer.communicate()

        check_indexes(client, prefix)
    assert Product.count() > 0


def test_indexes_agree_with_the_rows_after_eight_threads(
    redis_url: str, client: Any, prefix: str
) -> None:
    def work(number: int) -> None:
        chance = random.Random(number)
        for _ in range(200 if PROOF else 40):
            try:
                some = Product.get_or_none(str(chance.randrange(20)))
                if some is None:
                    Product.create(id=str(chance.randrange(20)), name=str(chance.randrange(30)))
                elif chance.random() < 0.3:
                    some.delete()
                else:
                    some.update(name=str(chance.randrange(30)), size=chance.randrange(5)).save()
            except EntityError:
                pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))

    check_indexes(client, prefix)


def test_an_expired_row_is_gone_and_leaves_no_entry(
    redis_url: str, client: Any, prefix: str
) -> None:
    soon = datetime.now(UTC) + timedelta(milliseconds=150)
    gone = Session.create(user="ann", expires_at=soon)
    Session.create(user="bob", expires_at=soon + timedelta(hours=1))
    assert 0 < client.pttl(f"{prefix}:session:{gone.id}") <= 150

    time.sleep(0.2)

    assert not client.exists(f"{prefix}:session:{gone.id}")
    assert Session.get_or_none(gone.id) is None
    assert [s.user for s in Session.all()] == ["bob"]
    assert Session.count() == 1
    indexes_of(client, f"{prefix}:session")


def test_the_unique_value_of_an_expired_row_is_free(redis_url: str) -> None:
    soon = datetime.now(UTC) + timedelta(milliseconds=50)
    Session.create(user="ann", expires_at=soon)
    time.sleep(0.1)

    Session.create(user="ann")

    assert Session.count() == 1


def test_an_expiry_that_is_taken_back_does_not_happen(redis_url: str) -> None:
    made = Session.create(user="ann", expires_at=datetime.now(UTC) + timedelta(milliseconds=80))
    made.expires_at = None
    made.save()
    time.sleep(0.15)

    assert Session.get(made.id).user == "ann"


def test_a_class_with_other_indexes_makes_them_anew(redis_url: str, client: Any) -> None:
    def version(*indexed: str) -> Any:
        class Thing(Entity):
            __annotations__ = {
                "name": Indexed[str] if "name" in indexed else str,
                "size": Indexed[int] if "size" in indexed else int,
            }
            _persistence_backend_class = RedisRepo

        return Thing

    first = version()
    for n in range(30):
        first.create(name=f"n{n}", size=n % 3)
    second = version("size", "name")
    assert second.where(second.size == 1).count() == 10
    second.create(name="x", size=1)
    third = version("name")
    third.create(name="y", size=1)
    assert first.count() == 32
    again = version("size")

    assert again.where(again.size == 1).count() == 12
    assert third.where(third.name.startswith("n1")).count() == 11


def test_a_value_that_becomes_unique_too_late_is_named(redis_url: str) -> None:
    class Late(Entity):
        name: str
        _persistence_backend_class = RedisRepo

    Late.create(id="1", name="a")
    Late.create(id="2", name="a")
    state.reset()
    configure(redis_url=redis_url)

    class Late(Entity):  # type: ignore[no-redef]
        name: Unique[str]
        _persistence_backend_class = RedisRepo

    with pytest.raises(ConstraintFailed, match=r"same name, which is declared unique now"):
        Late.create(name="b")


def test_keys_of_others_are_left_alone(redis_url: str, client: Any, prefix: str) -> None:
    others = {f"{prefix}x:product:1": b"theirs", f"other-{prefix}": b"theirs"}
    for key, value in others.items():
        client.set(key, value)
    try:
        made = Product.create(name="a")
        Product.where(name="a").list()
        made.delete()

        assert Product.count() == 0
        assert {key: client.get(key) for key in others} == others
    finally:
        client.delete(*others)


def test_two_prefixes_are_two_stores(redis_url: str) -> None:
    Plain.create(id="1")
    state.reset()
    other = servers.namespace()
    configure(redis_url=other)

    assert Plain.get_or_none("1") is None
    state.reset()
    servers.empty(other)


def test_garbage_in_a_row_is_named(redis_url: str, client: Any, prefix: str) -> None:
    client.set(f"{prefix}:plain:1", b"\xff garbage")
    client.set(f"{prefix}:plain:2", b'1 t {"id":"2","number":"many"}')

    with pytest.raises(UnreadableRow, match="Plain '1'"):
        Plain.get("1")
    with pytest.raises(UnreadableRow, match="Plain '2' does not fit its class: number"):
        Plain.get_many(["2", "1"])


@pytest.mark.parametrize("name", ["#changes", ":product#ids", ":product#u:name", ":product:1"])
def test_a_key_of_another_type_stops_a_write_before_anything_is_written(
    redis_url: str, client: Any, prefix: str, name: str
) -> None:
    client.lpush(prefix + name, "theirs")

    with pytest.raises((StoreUnusable, EntityError)):
        Product.create(id="1", name="a")

    kept = {key.decode() for key in client.scan_iter(f"{prefix}[:#]*")}
    assert kept - {f"{prefix}:product#layout"} == {prefix + name}


def test_no_server_is_said_without_the_password(clean: object) -> None:
    configure(redis_url="redis://me:geheim@127.0.0.1:1/0")

    with pytest.raises(StoreUnusable, match=r"127\.0\.0\.1:1/0.*NITRO_REDIS_URL") as caught:
        Plain.get("1")

    assert "geheim" not in str(caught.value) + repr(Plain.repository().store)


def test_an_url_that_is_none_is_said_without_the_password(clean: object) -> None:
    configure(redis_url="rodis://me:geheim@here")

    with pytest.raises(EntityError, match="NITRO_REDIS_URL") as caught:
        Plain.get("1")

    assert "geheim" not in str(caught.value)


def test_a_table_cannot_live_in_redis() -> None:
    with pytest.raises(DefinitionError, match="Derive it from Entity"):

        class RedisRow(SQLEntity):
            _persistence_backend_class = RedisRepo

        RedisRow.repository()


def test_a_restarted_server_is_found_again(own_server: servers.Server) -> None:
    made = Product.create(name="a")
    own_server.stop(signal.SIGKILL)
    own_server.start()

    assert Product.get(made.id).name == "a"
    made.stock = 5
    own_server.stop()
    own_server.start()
    made.save()

    assert Product.get(made.id).stock == 5


def test_a_server_that_hangs_is_busy(own_server: servers.Server) -> None:
    made = Plain.create()
    configure(busy_timeout=0.3)
    state.state.part(RedisStores).close()
    state.state.part(RedisStores).clear()
    state.state.part(Repositories).clear()
    own_server.stop(signal.SIGSTOP)
    try:
        with pytest.raises((StoreBusy, StoreUnusable)):
            Plain.get(made.id)
    finally:
        own_server.go_on()


def lost_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lose the connection after each script was run, before its answer is read, once."""
    original = Connections._call
    lost: set[int] = set()

    def _call(self: Connections, command: Any) -> Any:
        answer = original(self, command)
        if command[0] == "EVALSHA" and threading.get_ident() not in lost:
            lost.add(threading.get_ident())
            raise redis.ConnectionError("lost")
        lost.discard(threading.get_ident())
        return answer

    monkeypatch.setattr(Connections, "_call", _call)


def test_a_write_whose_answer_was_lost_is_stored_once(
    redis_url: str, client: Any, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_changes: list[changes.Change] = []
    changes.subscribe(told_changes.extend)
    lost_answers(monkeypatch)

    made = Plain.create(text="a")
    made.number = 1
    made.save()
    product = Product.create(name="a")
    with UnitOfWork() as unit:
        product.update(stock=2).save()
        unit.outbox("once", {})
    made.delete()

    monkeypatch.undo()
    assert Product.get(product.id).stock == 2
    assert Plain.get_or_none(made.id) is None
    assert [c.version for c in told_changes] == [1, 2, 1, 2, 2]
    assert client.xlen(f"{prefix}#changes") == 5
    assert len(store().outbox.pending()) == 1


def test_a_write_whose_answer_was_lost_is_not_stale_though_another_came_after(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Plain.create(text="a")
    original = Connections._call
    calls: list[object] = []

    def _call(self: Connections, command: Any) -> Any:
        answer = original(self, command)
        calls.append(command)
        if len(calls) == 1:
            monkeypatch.undo()
            other = Plain.get(made.id)
            other.text = "b"
            other.save()
            raise redis.ConnectionError("lost")
        return answer

    monkeypatch.setattr(Connections, "_call", _call)
    made.number = 1
    made.save()

    found = Plain.get(made.id)
    assert (found.number, found.text) == (1, "b")


def test_a_row_that_was_deleted_and_made_again_is_another_one(redis_url: str) -> None:
    mine = Plain.create(id="1", text="old")
    Plain.get("1").delete()
    Plain.create(id="1", text="new")
    mine.number = 1

    with pytest.raises(StaleEntity):
        mine.save()

    assert Plain.get("1").text == "new"


def test_connections_survive_a_fork(redis_url: str) -> None:
    made = Plain.create()
    ids = [p.id for p in Plain.all()]
    if (pid := os.fork()) == 0:
        try:
            own = Plain.get(made.id)
            own.number = 7
            own.save()
            os._exit(0 if [p.id for p in Plain.all()] == ids else 1)
        except BaseException:
            os._exit(2)
    for _ in range(50):
        Plain.get(made.id)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0

    assert made.refresh().number == 7


FOREIGNER = """
for number in range(5):
    with changes.acting("somebody"):
        made = Plain.create(id=f"f{number}")
        made.update(text="x").save()
with UnitOfWork():
    made.delete()
    Plain(id="last").save()
"""


def eventually(true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def test_changes_of_another_process_arrive_in_order(redis_url: str) -> None:
    batches: list[tuple[changes.Change, ...]] = []
    Plain.count()
    changes.subscribe(lambda batch: batches.append(tuple(batch)))
    changes.watch(Plain)
    eventually(lambda: bool(batches))
    assert [c.operation for c in batches.pop()] == ["unknown"]

    other = elsewhere(FOREIGNER, redis_url)
    eventually(lambda: len(batches) == 11)
    other.communicate()

    told = [c for batch in batches for c in batch]
    expected = [(o, f"f{n}", v) for n in range(5) for o, v in (("create", 1), ("update", 2))]
    expected += [("delete", "f4", 2), ("create", "last", 1)]
    assert [(c.operation, c.id, c.version) for c in told] == expected
    assert len(batches[-1]) == 2
    assert {c.by for c in told[:10]} == {"somebody"}
    assert told[1].fields == frozenset({"text"})
    assert {c.entity for c in told} == {Plain}


def test_own_changes_are_told_once(redis_url: str) -> None:
    seen: list[changes.Change] = []
    Plain.count()
    changes.watch(Plain)
    changes.subscribe(seen.extend)
    Plain.create(id="1")
    time.sleep(0.4)

    assert [c.id for c in seen if c.operation != "unknown"] == ["1"]


@pytest.mark.parametrize("how", ["trimmed", "removed"])
def test_a_gap_in_the_records_is_told(redis_url: str, client: Any, prefix: str, how: str) -> None:
    seen: list[changes.Change] = []
    Plain.create(id="1")
    changes.subscribe(seen.extend)
    changes.watch(Plain)
    eventually(lambda: bool(seen))
    seen.clear()

    if how == "trimmed":
        client.xadd(f"{prefix}#changes", {"t": "other.1", "d": "[]"}, maxlen=1, approximate=False)
    else:
        client.delete(f"{prefix}#changes")

    eventually(lambda: bool(seen))
    assert {c.operation for c in seen} == {"unknown"}


def test_records_can_be_read_again_from_a_position(redis_url: str) -> None:
    made = Plain.create(id="1")
    made.update(number=2).save()
    made.delete()

    first = changes.history(Plain, limit=1)
    rest = changes.history(Plain, after=first[0].position)

    assert [r.change.operation for r in first + rest] == ["create", "update", "delete"]
    assert changes.history(Plain, after=rest[-1].position) == []


def test_importing_the_package_does_not_load_redis() -> None:
    code = "import nitro_entities, sys; from nitro_entities import Entity, MemoryRepo; " \
        "sys.exit('redis' in sys.modules)"  # fmt: skip
    subprocess.run([sys.executable, "-c", code], check=True)
