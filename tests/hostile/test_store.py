"""What a store suffers: two writers, a power cut, a lock, a file that is gone or not ours."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

import nitro_entities.state
from nitro_entities import Entity, EntityError, SQLModelBackend
from support.server import Server

Balance = Callable[[httpx.Client, str], int]
Connect = Callable[[Server], httpx.Client]
NewAccount = Callable[[httpx.Client], str]
NewServer = Callable[..., Server]
Tells = Callable[[str, str], list[str]]


def database(server: Server) -> Path:
    return server.folder / ".nitro" / "data.db"


def raw(server: Server) -> sqlite3.Connection:
    return sqlite3.connect(database(server), isolation_level=None)


def started(server: Server) -> Server:
    server.start()
    return server


def is_told_by_id(answer: httpx.Response) -> bool:
    return (
        answer.status_code == 500
        and re.fullmatch(r"[0-9a-f]{16}", answer.json()["id"]) is not None
    )


def test_two_servers_on_one_file_lose_no_update(
    new_server: NewServer,
    connect: Connect,
    new_account: NewAccount,
    balance: Balance,
    tmp_path: Path,
) -> None:
    env = {"NITRO_DATABASE_URL": f"sqlite:///{tmp_path}/shared.db", "NITRO_SECRET": "x" * 32}
    servers = [new_server("one", **env), new_server("two", **env)]
    for server in servers:
        server.spawn()
    for server in servers:
        server.wait()
    with connect(servers[0]) as one, connect(servers[1]) as two:
        id = new_account(one)

        def pay(number: int) -> int:
            http = (one, two)[number % 2]
            return http.post(f"/accounts/{id}/pay_in", json={"amount": 1}).status_code

        with ThreadPoolExecutor(8) as threads:
            counted = Counter(threads.map(pay, range(400)))
        assert counted[204] + counted[409] == 400, counted
        assert counted[204] > 20
        assert balance(one, id) == balance(two, id) == counted[204]


def test_a_killed_server_kept_all_that_it_had_answered_and_nothing_by_halves(
    new_server: NewServer, connect: Connect, new_account: NewAccount, balance: Balance
) -> None:
    server = started(new_server())
    with connect(server) as http:
        source, target = new_account(http), new_account(http)
    answered = 0
    for _ in range(2):
        killed = threading.Event()

        def work(killed: threading.Event = killed) -> int:
            done = 0
            with connect(server) as http:
                while not killed.is_set():
                    try:
                        done += http.post(f"/transfer/{source}/{target}").status_code == 200
                    except httpx.TransportError:
                        break
            return done

        with ThreadPoolExecutor(4) as threads:
            working = [threads.submit(work) for _ in range(4)]
            time.sleep(0.5)
            server.kill()
            killed.set()
            answered += sum(one.result() for one in working)
        server.start()
        with connect(server) as http:
            given, taken = balance(http, source), balance(http, target)
        assert given + taken == 0
        assert answered <= taken <= answered + 2 * 4
    assert answered > 0


def test_a_locked_file_is_busy_for_no_longer_than_was_set(
    new_server: NewServer, connect: Connect, new_account: NewAccount, balance: Balance
) -> None:
    server = started(new_server(HOSTILE_BUSY_TIMEOUT="0.5"))
    with connect(server) as http, ExitStack() as stack:
        id = new_account(http)
        other = stack.enter_context(closing(raw(server)))
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        with ThreadPoolExecutor(4) as threads:
            pay = lambda _: http.post(f"/accounts/{id}/pay_in", json={"amount": 1})  # noqa: E731
            answers = [*threads.map(pay, range(4))]
        assert {answer.status_code for answer in answers} == {503}
        assert time.monotonic() - begun < 2
        assert http.get("/").status_code == 200
        assert balance(http, id) == 0
        other.execute("ROLLBACK")
        assert http.post(f"/accounts/{id}/pay_in", json={"amount": 1}).status_code == 204
        assert balance(http, id) == 1


def test_no_write_is_accepted_into_a_file_that_was_removed(
    new_server: NewServer, connect: Connect, new_account: NewAccount
) -> None:
    server = started(new_server())
    with connect(server) as http:
        id = new_account(http)
        for file in database(server).parent.glob("data.db*"):
            file.unlink()
        for path, body in [
            ("/accounts", {"name": "Lost"}), (f"/accounts/{id}/pay_in", {"amount": 1})
        ]:  # fmt: skip
            assert is_told_by_id(http.post(path, json=body))
        assert http.post(f"/work/{id}/return-tuple").status_code == 500
        assert "was removed or replaced while it was in use" in server.log
        server.stop()
        server.start()
        assert http.post("/accounts", json={"name": "Kept"}).status_code == 201


def test_a_column_that_was_dropped_is_named_in_the_log_only(
    new_server: NewServer, connect: Connect, new_account: NewAccount, tells_internals: Tells
) -> None:
    server = started(new_server())
    with connect(server) as http, ExitStack() as stack:
        id = new_account(http)
        other = stack.enter_context(closing(raw(server)))
        other.execute("ALTER TABLE account DROP COLUMN note")
        for again in range(2):
            answers = [
                http.post("/accounts", json={"name": "Bob"}),
                http.get(f"/accounts/{id}/told"),
                http.get("/"),
            ]
            assert {answer.status_code for answer in answers} == {500}
            assert not any(tells_internals(answer.text, "") for answer in answers)
            if not again:
                server.stop()
                server.start()
        assert "Table 'account' has no column 'note'" in server.log


def test_a_row_that_does_not_fit_is_an_error_of_ours_and_shows_no_value(
    new_server: NewServer, connect: Connect, new_account: NewAccount, tells_internals: Tells
) -> None:
    server = started(new_server())
    with connect(server) as http, ExitStack() as stack:
        id = new_account(http)
        other = stack.enter_context(closing(raw(server)))
        other.execute("UPDATE account SET balance = 'canary-7f3a91'")
        assert is_told_by_id(http.get(f"/accounts/{id}/told"))
        assert is_told_by_id(http.patch(f"/accounts/{id}", json={"name": "Bob"}))
        page = http.get("/")
        assert page.status_code == 500
        assert not tells_internals(page.text, "")
    assert "does not fit its class: balance" in server.log
    assert "canary" not in server.log


@pytest.fixture
def nothing_open() -> Iterator[None]:
    nitro_entities.state.state.reset()
    yield
    nitro_entities.state.state.reset()


@pytest.mark.usefixtures("nothing_open")
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "Set NITRO_DATABASE_URL"),
        ("user:hunter2@host", "Set NITRO_DATABASE_URL"),
        ("mysql://user:hunter2@127.0.0.1/x", "Use a URL such as sqlite:///data.db"),
        ("postgresql://user:hunter2@127.0.0.1:1/x", "NITRO_DATABASE_URL, or configure"),
        ("sqlite:////proc/none/data.db", "Cannot use the database file /proc/none/data.db"),
        ("sqlite:////", "NITRO_DATABASE_URL, or configure"),
        ("sqlite:////etc/hostname", "NITRO_DATABASE_URL, or configure"),
    ],
)
def test_a_database_url_that_is_wrong_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    class Note(Entity):
        _persistence_backend_class = SQLModelBackend
        text: str

    monkeypatch.setenv("NITRO_DATABASE_URL", url)
    for ask in (Note.all, lambda: Note(text="a").save(), Note.all):
        with pytest.raises(EntityError) as caught:
            ask()
        assert said in str(caught.value)
        assert "hunter2" not in str(caught.value)
