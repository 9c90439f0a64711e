"""Several hubs over one broker: a page goes on at another process without a hole."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from nitro_events import Hub, Stream, configure, patch_signals
from nitro_events.instances.broker import Lost, Published, Receive
from nitro_events.live import remote
from nitro_events.live.cursor import read
from nitro_events.live.remote import Places
from support.live import Heard


@pytest.fixture(autouse=True)
def _secret(_fresh_state: None) -> None:
    configure(secret="a secret for these tests alone")


class Log:
    """What all instances have written, for those who ask within *kept* messages."""

    def __init__(self, kept: int = 10_000) -> None:
        self.id = "log"
        self.kept = kept
        self.lock = threading.RLock()
        self.entries: list[Published] = []
        self.listeners: list[tuple[Receive, Lost]] = []
        self.silent = False

    def append(self, channel: str, topics: tuple[str, ...], data: bytes) -> None:
        with self.lock:
            entry = (10 + len(self.entries), channel, topics, data)
            self.entries.append(entry)
            if not self.silent:
                for receive, _ in self.listeners:
                    receive(*entry)


class FakeBroker:
    """One instance's way to the log; nothing waits, and it never goes away."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.id = log.id
        self.position = 0

    def publish(self, channel: str, topics: tuple[str, ...], data: bytes) -> None:
        self._log.append(channel, topics, data)

    def listen(self, receive: Receive, lost: Lost) -> None:
        self._log.listeners.append((receive, lost))

    def since(self, position: int) -> list[Published] | None:
        with self._log.lock:
            found = [entry for entry in self._log.entries if entry[0] > position]
        return found if len(found) <= self._log.kept else None

    def flush(self, timeout: float = 5.0) -> bool:
        return True

    def close(self, timeout: float = 5.0) -> None:
        return


def hubs(log: Log, number: int) -> list[Hub]:
    made = [Hub(lambda: FakeBroker(log)) for _ in range(number)]
    for hub in made:
        hub.cursor()
    return made


def publish(hub: Hub, *numbers: int, topic: str = "news") -> None:
    for n in numbers:
        hub.publish(topic, patch_signals({"topic": topic, "n": n}))


async def hear(hub: Hub, heard: Heard, until: Callable[[], bool]) -> None:
    stream = Stream(hub, [], ["news", "City"], heard.cursor)
    try:
        async with asyncio.timeout(5):
            while not until():
                heard.take(await stream.next())
    finally:
        stream.close()


def numbers(heard: Heard) -> list[int]:
    return [n for _, n in heard.log]


def test_what_one_process_publishes_reaches_the_streams_of_all() -> None:
    async def main() -> None:
        first, second = hubs(Log(), 2)
        heard = Heard(second.cursor())
        listening = asyncio.create_task(hear(second, heard, lambda: len(heard.log) == 3))
        await asyncio.sleep(0.01)

        publish(first, 1)
        publish(second, 2)
        publish(first, 3, topic="City:7")
        await listening

        assert heard.log == [("news", 1), ("news", 2), ("City:7", 3)]

    asyncio.run(main())


def test_a_page_of_one_process_goes_on_at_another_without_a_hole() -> None:
    async def main() -> None:
        log = Log()
        first, second = hubs(log, 2)
        heard = Heard(first.cursor())
        publish(first, 1, 2)
        await hear(first, heard, lambda: len(heard.log) == 2)
        publish(second, 3, 4)
        publish(second, 5, topic="other")
        publish(first, 6, topic="City:7")
        await hear(second, heard, lambda: len(heard.log) == 5)
        publish(first, 7)
        (third,) = hubs(log, 1)  # began after all that
        await hear(third, heard, lambda: len(heard.log) == 6)
        publish(third, 8)
        await hear(first, heard, lambda: len(heard.log) == 7)

        assert numbers(heard) == [1, 2, 3, 4, 6, 7, 8]
        assert heard.resets == 0

    asyncio.run(main())


def test_a_page_is_told_when_the_broker_does_not_reach_back() -> None:
    async def main() -> None:
        first, second = hubs(Log(kept=5), 2)
        heard = Heard(first.cursor())
        publish(first, *range(10))

        await hear(second, heard, lambda: heard.resets == 1)

        assert heard.log == []
        cursor = read(heard.cursor)
        assert (cursor.hub, cursor.broker) == (second.identity, "log")

    asyncio.run(main())


def test_positions_of_another_broker_mean_nothing() -> None:
    async def main() -> None:
        (first,) = hubs(Log(), 1)
        other = Log()
        other.id = "another"
        (second,) = hubs(other, 1)
        heard = Heard(first.cursor())

        await hear(second, heard, lambda: heard.resets == 1)

    asyncio.run(main())


def test_a_page_made_before_the_broker_was_heard_loads_again() -> None:
    async def main() -> None:
        log = Log()
        log.silent = True
        (hub,) = hubs(log, 1)
        heard = Heard(hub.cursor())
        publish(hub, 1)  # nobody here hears of it
        log.silent = False
        publish(hub, 2)

        await hear(hub, heard, lambda: heard.resets == 1)

        again = Heard(hub.cursor())
        publish(hub, 3)
        await hear(hub, again, lambda: len(again.log) == 1)
        assert numbers(again) == [3]
        assert again.resets == 0

    asyncio.run(main())


def test_a_loss_at_the_broker_is_told_to_every_page_once() -> None:
    async def main() -> None:
        log = Log()
        first, second = hubs(log, 2)
        heard = Heard(first.cursor())
        listening = asyncio.create_task(hear(first, heard, lambda: heard.resets == 1))
        await asyncio.sleep(0.01)

        for _, lost in log.listeners:
            lost()
        await listening

        again = Heard(first.cursor())
        publish(second, 1)
        await hear(first, again, lambda: len(again.log) == 1)
        publish(second, 2)
        await hear(second, again, lambda: len(again.log) == 2)
        assert numbers(again) == [1, 2]
        assert again.resets == 0

    asyncio.run(main())


def test_the_streams_of_a_caller_are_closed_in_every_process() -> None:
    from nitro_events.live.clients import Client

    async def main() -> None:
        first, second = hubs(Log(), 2)
        stream = Stream(second, [], ["news"], client=Client("id:ann", 5, "ann"))
        await stream.next()

        first.close_streams("ann")

        assert await asyncio.wait_for(stream.next(), 1) == b""
        stream.close()

    asyncio.run(main())


def test_places_are_found_both_ways_and_forgotten_in_the_end() -> None:
    places = Places(limit=10)
    for number in range(1, 25):
        places.add(number, number * 100, "log")

    assert places.remote_at(24) == 2400
    assert places.remote_at(1000) == 2400
    assert places.remote_at(1) == 0
    assert places.local_at(2350) == 23
    assert places.local_at(1) is None


def test_a_broker_that_hangs_holds_up_neither_pages_that_come_back_nor_renders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remote, "ANSWER", 0.1)
    go_on = threading.Event()

    class Hanging(FakeBroker):
        def since(self, position: int) -> list[Published] | None:
            go_on.wait(10)
            return super().since(position)

    class Shown:
        key, topics = "v", frozenset({"City"})

        def render(self) -> str:
            return '<p id="v">0</p>'

    async def come_back(hub: Hub, cursor: str) -> bytes:
        stream = Stream(hub, [Shown()], ["news"], cursor)
        chunk = await stream.next()
        while b"<p" not in chunk:
            chunk += await stream.next()
        stream.close()
        return chunk

    async def main() -> None:
        log = Log()
        one, other = Hub(lambda: FakeBroker(log)), Hub(lambda: Hanging(log))
        cursor, _ = one.cursor(), other.cursor()
        publish(one, 1)
        async with asyncio.timeout(5):
            chunks = await asyncio.gather(*(come_back(other, cursor) for _ in range(40)))
        go_on.set()

        assert all(b"nitro-live-reset" in chunk for chunk in chunks)

    asyncio.run(main())


def test_who_missed_more_than_a_page_has_loads_the_page_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remote, "MAX_REPLAY", 1000)
    one, other = hubs(Log(), 2)
    heard = Heard(one.cursor())
    publish(one, *range(100))

    asyncio.run(hear(other, heard, lambda: heard.resets > 0))

    assert heard.resets == 1
    assert heard.log == []


def test_a_stream_that_was_open_before_it_was_said_where_instances_meet_hears_all() -> None:
    async def main() -> None:
        log = Log()
        found: list[FakeBroker] = []
        early = Hub(lambda: found[0] if found else None)
        (other,) = hubs(log, 1)
        heard = Heard(early.cursor())
        listening = asyncio.create_task(hear(early, heard, lambda: len(heard.log) == 2))
        await asyncio.sleep(0.01)
        found.append(FakeBroker(log))

        publish(early, 1)
        publish(other, 2)
        await listening

        assert numbers(heard) == [1, 2]

    asyncio.run(main())
