"""What every broker promises, over the memory, Redis and PostgreSQL."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from nitro_events import configure
from nitro_events.instances import BrokerClosed, QueueFull, broker
from nitro_events.instances.broker import log_at
from nitro_events.instances.log import Letter, Log
from nitro_events.instances.memory import MemoryLog
from nitro_events.instances.outgoing import Outgoing
from nitro_events.instances.remote import LogBroker
from nitro_events.settings import SettingsError
from nitro_events.state import state
from support import postgres, redis

SECRET = "a secret of all the instances"


between_processes = pytest.mark.parametrize("place", ["redis", "postgresql"], indirect=True)


class Listener:
    def __init__(self, on: LogBroker) -> None:
        self.heard: list[tuple[int, str, tuple[str, ...], bytes]] = []
        self.losses = 0
        self.changed = threading.Condition()
        on.listen(self.receive, self.lose)
        until(lambda: on.position > 0)

    def receive(self, *message: Any) -> None:
        with self.changed:
            self.heard.append(message)
            self.changed.notify_all()

    def lose(self) -> None:
        with self.changed:
            self.losses += 1
            self.changed.notify_all()

    def await_data(self, *data: bytes) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.data == [*data], 10), self.data

    def await_loss(self) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.losses > 0, 10)

    @property
    def data(self) -> list[bytes]:
        return [message[3] for message in self.heard]


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.002)


class Place:
    """A log that brokers can be opened on; all are closed at the end."""

    def __init__(self, kind: str, url: str, stack: ExitStack) -> None:
        self.kind = kind
        self.url = url
        self._stack = stack
        self._memory = MemoryLog(keep=1000)

    def log(self, **options: int) -> Log:
        if self.kind == "memory":
            self._memory.keep = options.get("keep", self._memory.keep)
            return self._memory
        said = "".join(f"&{name}={value}" for name, value in options.items())
        return log_at(self.url + said)

    def broker(self, **options: int) -> LogBroker:
        made = LogBroker(self.log(**options))
        self._stack.callback(made.close)
        return made

    def clear(self) -> None:
        """Lose everything, as a server does that keeps nothing."""
        if self.kind == "memory":
            self._memory.clear()
        elif self.kind == "redis":
            import redis as driver

            with driver.Redis.from_url(self.url.partition("?")[0]) as client:
                client.delete("test@live", "test@live:meta", *client.keys("test@live:by:*"))
        else:
            self.execute("TRUNCATE test_live")

    def execute(self, said: str, *values: object) -> None:
        import psycopg

        with psycopg.connect(self.url.partition("?")[0], autocommit=True) as connection:
            connection.execute(said.encode(), values)


@pytest.fixture(params=["memory", "redis", "postgresql"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    configure(secret=SECRET)
    url = ""
    if request.param == "redis":
        url = f"{redis.server()}?prefix=test"
    elif request.param == "postgresql":
        database = postgres.database()
        database.empty()
        url = f"{database.url}?prefix=test"
    with ExitStack() as stack:
        made = Place(request.param, url, stack)
        if request.param == "redis":
            made.clear()
        yield made


def test_everybody_hears_everything_in_one_order_own_messages_included(place: Place) -> None:
    one, other = place.broker(), place.broker()
    by_one, by_other = Listener(one), Listener(other)

    def publish(on: LogBroker, name: str) -> None:
        for number in range(50):
            on.publish("live", ("City:7", "City"), f"{name}{number}".encode())

    threads = [threading.Thread(target=publish, args=one_) for one_ in ((one, "a"), (other, "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    until(lambda: len(by_one.heard) == len(by_other.heard) == 100)
    assert by_one.heard == by_other.heard
    assert [data for data in by_one.data if data[:1] == b"a"] == [
        f"a{n}".encode() for n in range(50)
    ]
    positions = [message[0] for message in by_one.heard]
    assert positions == sorted(set(positions))
    assert {message[1:3] for message in by_one.heard} == {("live", ("City:7", "City"))}
    assert one.id == other.id
    assert one.position == positions[-1]


def test_what_was_published_before_listening_began_is_not_heard(place: Place) -> None:
    one, other = place.broker(), place.broker()
    one.publish("live", (), b"early")
    assert one.flush()

    listener = Listener(other)
    one.publish("live", (), b"late")

    listener.await_data(b"late")


def test_any_bytes_and_any_topics_arrive_as_they_were(place: Place) -> None:
    one = place.broker()
    listener = Listener(one)
    data, topics = bytes(range(256)) * 1000, ("Ort:\N{SNOWMAN}\n\0", "'\ud800", "")

    one.publish("event", topics, data)

    listener.await_data(data)
    assert listener.heard[0][1:3] == ("event", topics)


def test_who_comes_back_gets_what_was_missed(place: Place) -> None:
    one, other = place.broker(), place.broker()
    here, there = Listener(one), Listener(other)
    for number in range(10):
        one.publish("live", ("a",), b"%d" % number)
    until(lambda: len(here.heard) == len(there.heard) == 10)

    assert other.since(here.heard[3][0]) == here.heard[4:]
    assert other.since(here.heard[9][0]) == []


def test_what_was_cut_is_not_claimed_to_be_known(place: Place) -> None:
    one = place.broker(keep=1)
    listener = Listener(one)
    beginning = one.position
    count = 3 if place.kind != "redis" else 250  # Redis cuts by whole nodes
    for number in range(count):
        one.publish("live", (), b"%d" % number)
    # one that cannot keep up with so short a log misses some, and is told so
    until(lambda: listener.data[-1:] == [b"%d" % (count - 1)])
    if place.kind == "postgresql":
        # only what is older than a minute is cut
        place.execute("UPDATE test_live SET at = at - interval '2 minutes'")
        one.publish("live", (), b"last")
        until(lambda: listener.data[-1:] == [b"last"])

    until(lambda: one.since(beginning) is None)
    assert one.since(listener.heard[-1][0]) == []


def test_positions_of_nowhere_are_not_claimed_to_be_known(place: Place) -> None:
    one = place.broker()
    assert one.since(1) is None  # it was never reached
    Listener(one)

    assert one.since(0) is None
    assert one.since(-5) is None
    assert one.since(one.position + 1) is None
    assert one.since(2**80) is None


def test_when_everything_is_lost_everybody_is_told_and_positions_count_for_nothing(
    place: Place,
) -> None:
    one, other = place.broker(), place.broker()
    here, there = Listener(one), Listener(other)
    one.publish("live", (), b"before")
    here.await_data(b"before")
    there.await_data(b"before")
    identity, position = one.id, one.position

    place.clear()
    other.publish("live", (), b"after")

    here.await_data(b"before", b"after")
    there.await_data(b"before", b"after")
    assert here.losses == there.losses == 1
    assert one.id == other.id != identity
    assert one.since(position) is None


def test_a_loss_is_noticed_when_nothing_is_published_too(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nitro_events.instances.tail._WAIT_SECONDS", 0.1)
    one = place.broker()
    listener = Listener(one)

    place.clear()

    listener.await_loss()
    assert listener.losses == 1


def test_a_server_that_went_back_to_an_older_state_is_noticed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nitro_events.instances.tail._WAIT_SECONDS", 0.1)
    one = place.broker()
    listener = Listener(one)
    one.publish("live", (), b"1")
    one.publish("live", (), b"2")
    listener.await_data(b"1", b"2")
    identity = one.id

    if place.kind == "memory":
        del place._memory.entries[-1]
    elif place.kind == "redis":
        import redis as driver

        with driver.Redis.from_url(place.url.partition("?")[0]) as client:
            client.xdel("test@live", client.xrevrange("test@live", count=1)[0][0])
    else:
        place.execute("DELETE FROM test_live WHERE id = (SELECT max(id) FROM test_live)")

    listener.await_loss()
    one.publish("live", (), b"3")
    listener.await_data(b"1", b"2", b"3")
    assert one.id != identity


def test_what_the_server_forgot_of_a_sender_is_noticed_by_the_sender(place: Place) -> None:
    one = place.log().open()
    letters = [Letter(number, b"[]", b"", b"") for number in (1, 2, 3)]
    one.append("me", 0, letters[:1])
    before = one.standing().begin.epoch

    one.append("me", 2, letters[2:])  # the second was acknowledged and is not there

    assert one.standing().begin.epoch != before
    one.close()


def test_what_is_sent_again_is_there_once(place: Place) -> None:
    session = place.log().open()
    letters = [Letter(number, b"[]", b"", b"") for number in (1, 2, 3)]

    session.append("me", 0, letters[:2])
    session.append("me", 0, letters)

    begin = session.standing().begin.position
    found = [entry.letter.number for entry in session.span(begin) if entry.letter]
    assert found == [1, 2, 3]
    session.close()


def test_messages_that_somebody_else_wrote_are_ignored(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    one = place.broker()
    listener = Listener(one)
    one.publish("live", (), b"genuine")
    listener.await_data(b"genuine")
    forger = place.log().open()

    forger.append("evil", 0, [Letter(1, b'["live", ["a"]]', b"<script>", b"x" * 16)])
    before = one.position
    entries = forger.span(before)
    genuine = entries[0]
    assert genuine.letter is not None
    forger.append("evil", 1, [genuine.letter._replace(number=2)])  # with somebody's seal
    forger.close()
    one.publish("live", (), b"genuine too")

    listener.await_data(b"genuine", b"genuine too")
    assert listener.losses == 0
    assert [message[3] for message in one.since(before) or ()] == [b"genuine too"]
    assert "NITRO_SECRET" in caplog.text


def test_what_raises_in_a_listener_stops_nobody(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    one = place.broker()

    def fail(*_: object) -> None:
        raise RuntimeError("mine")

    one.listen(fail, fail)
    listener = Listener(one)
    one.publish("live", (), b"1")
    one.publish("live", (), b"2")

    listener.await_data(b"1", b"2")
    assert caplog.text.count("RuntimeError: mine") == 2


def test_what_is_queued_is_sent_before_the_end_and_nothing_afterwards(place: Place) -> None:
    one, other = place.broker(), place.broker()
    listener = Listener(other)
    for number in range(100):
        one.publish("live", (), b"%d" % number)

    one.close()

    listener.await_data(*(b"%d" % number for number in range(100)))
    with pytest.raises(BrokerClosed):
        one.publish("live", (), b"")


def test_no_thread_outlives_its_broker(place: Place) -> None:
    one = place.broker()
    Listener(one)
    one.publish("live", (), b"1")
    one.flush()

    one.close()

    assert [t.name for t in threading.enumerate() if t.name.startswith("nitro-events")] == []


def test_publishing_does_not_wait_for_a_server_that_is_away_and_says_when_it_is_too_much() -> None:
    configure(secret=SECRET)
    log = MemoryLog()
    log.away = True
    going = threading.Event()
    going.set()
    outgoing = Outgoing(log, going, most=100, most_bytes=1000)

    start = time.perf_counter()
    for _ in range(100):
        outgoing.put("live", (), b"12345")
    taken = time.perf_counter() - start
    with pytest.raises(QueueFull, match="100 messages with 500 bytes wait"):
        outgoing.put("live", (), b"")
    log.away = False

    assert taken < 1
    assert outgoing.flush(10)
    with pytest.raises(QueueFull, match="which is the most"):
        outgoing.put("live", (), b"x" * 1001)
    outgoing.stop(0)
    outgoing.join()


def test_what_could_not_be_sent_at_the_end_is_told(caplog: pytest.LogCaptureFixture) -> None:
    configure(secret=SECRET)
    log = MemoryLog()
    log.away = True
    one = LogBroker(log)
    one.publish("live", (), b"1")

    one.close(0.1)

    assert "1 messages for the other instances were not sent: This log is away" in caplog.text


def test_there_is_no_broker_without_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NITRO_EVENTS_URL", raising=False)
    assert state.part(broker) is None


def test_a_url_of_something_else_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingsError, match="begins with one of redis://") as caught:
        configure(events_url="mysql://me:password@host")

    assert "password" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["redis://h/0?keep=none", "postgresql://h/d?prefix=a;b", "redis://h:port/0"]
)
def test_an_option_that_cannot_be_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        log_at(url)


def test_a_reset_ends_the_broker_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NITRO_EVENTS_URL", f"{redis.server()}?prefix=test")
    made = state.part(broker)
    assert made is not None
    assert state.part(broker) is made

    state.reset()

    with pytest.raises(BrokerClosed):
        made.publish("live", (), b"")


FORK = """
import json, os, sys, threading, time
from nitro_events import configure
from nitro_events.instances.broker import log_at
from nitro_events.instances.remote import LogBroker

configure(secret="a secret of all the instances")
one = LogBroker(log_at(sys.argv[1]))
heard = []
one.listen(lambda *message: heard.append(message[3].decode()), lambda: heard.append("lost"))
while not one.position:
    time.sleep(0.01)
one.publish("live", (), b"parent")
one.flush()
one.since(one.position)  # a connection that the child inherits
child = os.fork()
if not child:
    heard.clear()
    assert one.position == 0
    one.listen(lambda *message: heard.append(message[3].decode()), lambda: heard.append("lost"))
    while not one.position:
        time.sleep(0.01)
    one.since(one.position)
    one.publish("live", (), b"child")
    while heard != ["child"]:
        time.sleep(0.01)
    one.close()
    os._exit(7)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
one.publish("live", (), b"again")
deadline = time.monotonic() + 10
while len(heard) < 3 and time.monotonic() < deadline:
    time.sleep(0.01)
print(json.dumps([code, heard, one.since(one.position)]))
"""


@between_processes
def test_a_forked_child_is_an_instance_of_its_own(place: Place) -> None:
    command = [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", "-c", FORK]

    done = subprocess.run(
        [*command, place.url], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stderr == ""
    assert json.loads(done.stdout) == [7, ["parent", "child", "again"], []]


EXIT = """
import sys
from nitro_events import configure
from nitro_events.instances import broker
from nitro_events.state import state

configure(secret="a secret of all the instances", events_url=sys.argv[1])
state.part(broker).publish("live", (), b"goodbye")
"""


@between_processes
def test_what_is_published_just_before_the_process_ends_is_sent(place: Place) -> None:
    listener = Listener(place.broker())

    subprocess.run(
        [sys.executable, "-W", "error", "-c", EXIT, place.url],
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )

    listener.await_data(b"goodbye")


EVERYWHERE = """
import json, sys, time
from nitro_events import configure, emit, on
from nitro_events.instances import broker
from nitro_events.state import state

configure(secret="a secret of all the instances", events_url=sys.argv[1])
here, heard = [], []

@on("order.*", everywhere=True)
def everywhere(sender, number):
    heard.append([sender, number])

@on("order.placed")
async def only_here(sender, number):
    here.append(number)

while not state.part(broker).position:
    time.sleep(0.01)
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    emit("order.placed", sys.argv[2], number=number)
deadline = time.monotonic() + 20
while len(heard) < 60 and time.monotonic() < deadline:
    time.sleep(0.01)
time.sleep(0.1)
print(json.dumps([here, heard]), flush=True)
"""


@between_processes
def test_handlers_that_run_everywhere_run_once_in_every_process(place: Place) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", EVERYWHERE, place.url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "abc"
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[0] for process in processes]

    for text in said:
        here, heard = json.loads(text)
        assert here == list(range(20))
        assert len(heard) == 60
        for name in "abc":
            assert [number for sender, number in heard if sender == name] == list(range(20))


PRELOADED = """
import os, sys, time
from nitro_events import configure, emit, on
from nitro_events.instances import broker
from nitro_events.state import state

configure(secret="a secret of all the instances", events_url=sys.argv[1])
heard = []

@on("order.placed", everywhere=True)
def everywhere(sender):
    heard.append(sender)

def wait_for(what):
    deadline = time.monotonic() + 20
    while not what() and time.monotonic() < deadline:
        time.sleep(0.01)

wait_for(lambda: state.part(broker).position)
listening, ready = os.pipe()
child = os.fork()
if not child:
    wait_for(lambda: state.part(broker).position)
    emit("order.placed", "child")
    os.write(ready, b".")
    wait_for(lambda: len(heard) == 2)
    time.sleep(0.1)
    state.part(broker).close()
    os._exit(7 if heard == ["child", "parent"] else 1)
os.read(listening, 1)
wait_for(lambda: heard == ["child"])
emit("order.placed", "parent")
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(0 if code == 7 and heard == ["child", "parent"] else 1)
"""


@between_processes
def test_a_worker_that_is_forked_from_a_loaded_application_hears_shared_events_too(
    place: Place,
) -> None:
    command = [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", "-c", PRELOADED]

    done = subprocess.run(
        [*command, place.url], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_no_driver_is_loaded_before_a_broker_is_needed() -> None:
    said = (
        "import sys, nitro_events.instances\n"
        "found = {'redis', 'psycopg', 'nitro_entities'} & set(sys.modules)\n"
        "sys.exit(', '.join(found) or 0)"
    )

    subprocess.run([sys.executable, "-c", said], check=True, timeout=60)


def test_secrets_that_are_configured_after_listening_began_are_used(place: Place) -> None:
    configure(env="production")
    state.settings.set(secret=())
    listening = place.broker()
    listener = Listener(listening)  # handlers are imported before everything is configured
    sender = place.broker()
    with pytest.raises(SettingsError, match="NITRO_SECRET"):
        sender.publish("live", (), b"too early")

    configure(secret=SECRET)
    sender.publish("live", (), b"1")

    listener.await_data(b"1")


def test_messages_signed_with_the_old_secret_are_heard_while_secrets_change(place: Place) -> None:
    one = place.broker()
    listener = Listener(one)
    one.publish("live", (), b"old")
    assert one.flush()

    configure(secret=["a newer secret of all of them", SECRET])
    one.publish("live", (), b"new")

    listener.await_data(b"old", b"new")


def test_a_driver_that_is_missing_is_told_by_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nitro_events.instances.redis", None)
    monkeypatch.delitem(sys.modules, "nitro_events.instances.redis")
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(ModuleNotFoundError, match=r"pip install 'nitro-events\[redis\]'"):
        log_at("redis://127.0.0.1/0")


@between_processes
def test_nothing_is_logged_of_the_password(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    scheme = place.url.partition("://")[0]
    one = LogBroker(log_at(f"{scheme}://me:hunter2@127.0.0.1:1/0"))
    one.publish("live", (), b"1")
    until(lambda: "trying again" in caplog.text)
    one.close(0)

    assert "hunter2" not in caplog.text + repr(one)
