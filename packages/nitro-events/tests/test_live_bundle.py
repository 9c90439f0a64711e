"""Several streams over one connection: each complete and in order, and all end together."""

import asyncio
import re
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from nitro_events import Hub, Stream, configure, patch_signals
from nitro_events.live import pace
from nitro_events.live.bundle import Bundle, find_bundle
from nitro_events.live.clients import Client
from nitro_events.state import state

ANN = Client("id:ann", 4, "ann")


@pytest.fixture(autouse=True)
def _secret(_fresh_state: None) -> None:
    configure(secret="a secret for these tests alone")


class Shown:
    """A view that says what it is called."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.topics = frozenset({key})

    def render(self) -> str:
        return f'<p id="{self.key}">shown</p>'


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(20):
            await main()

    asyncio.run(limited())


class Heard:
    """What a browser understands of a bundle: what came for each of its pages."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.parts: dict[str, str] = {}
        self._name = "before"

    async def until(self, name: str, words: str) -> str:
        while words not in self.parts.get(name, ""):
            chunk = await self.bundle.next()
            assert chunk, f"ended before {words!r}: {self.parts}"
            self.take(chunk)
        return self.parts[name]

    async def to_the_end(self) -> None:
        while chunk := await self.bundle.next():
            self.take(chunk)

    def take(self, chunk: bytes) -> None:
        for event in chunk.decode().removesuffix("\n\n").split("\n\n"):
            special = re.fullmatch(r"event: nitro-(\w+)\ndata: (.*)", event)
            if special is None:
                self.parts[self._name] = self.parts.get(self._name, "") + event + "\n\n"
            elif special[1] == "part":
                self._name = special[2]
            else:
                self.parts[special[1]] = self.parts.get(special[1], "") + special[2] + " "


def stream(hub: Hub, *topics: str, client: Client | None = ANN) -> Stream:
    return Stream(hub, topics=topics, cursor=hub.cursor(), client=client)


def say(hub: Hub, topic: str, number: int) -> None:
    hub.publish(topic, patch_signals({"n": number}))


def numbers(text: str) -> list[int]:
    return [int(found) for found in re.findall(r'"n":(\d+)', text)]


def test_each_page_gets_what_is_its_own_in_order() -> None:
    async def main() -> None:
        hub = Hub()
        bundle = Bundle(ANN, {"a": stream(hub, "x"), "b": stream(hub, "x", "y")})
        heard = Heard(bundle)
        await heard.until("b", "signals {}")
        for number in range(5):
            say(hub, "y" if number % 2 else "x", number)
            await asyncio.sleep(0)

        await heard.until("b", '"n":4')
        assert numbers(heard.parts["a"]) == [0, 2, 4]
        assert numbers(heard.parts["b"]) == [0, 1, 2, 3, 4]
        bundle.close()

    run(main)


def test_views_come_with_the_page_that_shows_them() -> None:
    async def main() -> None:
        hub = Hub()
        streams = {name: Stream(hub, [Shown(name)], client=ANN) for name in ("a", "b")}
        heard = Heard(Bundle(ANN, streams))

        assert 'id="a"' in await heard.until("a", "shown")
        assert 'id="a"' not in await heard.until("b", "shown")
        heard.bundle.close()

    run(main)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_pages_come_and_go_while_it_is_open(elsewhere: bool) -> None:
    async def main() -> None:
        hub = Hub()
        bundle = Bundle(ANN, {"a": stream(hub, "x")})
        heard = Heard(bundle)
        await heard.until("a", "signals {}")
        added = {"b": stream(hub, "x")}
        say(hub, "x", 1)

        if elsewhere:
            await asyncio.to_thread(bundle.change, added, ["c"], ["a"])
        else:
            assert bundle.change(added, ["c"], ["a"])

        await heard.until("b", '"n":1')
        await heard.until("closed", "c")
        say(hub, "x", 2)
        await heard.until("b", '"n":2')
        assert 2 not in numbers(heard.parts["a"])
        assert hub.stats()["streams"] == 1
        bundle.close()

    run(main)


def test_a_page_that_goes_before_it_has_begun_never_comes() -> None:
    async def main() -> None:
        hub = Hub()
        bundle = Bundle(ANN, {"a": stream(hub, "x")})
        await bundle.next()
        bundle.change({"b": stream(hub, "x")}, [], [])
        bundle.change({}, [], ["b"])
        await asyncio.sleep(0.05)

        assert hub.stats()["streams"] == 1
        bundle.close()

    run(main)


def test_every_page_counts_for_its_client_and_leaves_no_count_behind() -> None:
    async def main() -> None:
        hub = Hub()
        streams = {str(number): stream(hub, "x") for number in range(5)}
        bundle = Bundle(ANN, streams)
        heard = Heard(bundle)
        await heard.until("closed", " ")

        assert len(heard.parts["closed"].split()) == 1  # a client may have four
        assert hub.stats()["streams"] == 4
        assert not hub.clients.has_room(ANN)

        bundle.close()
        assert hub.stats()["streams"] == 0
        assert all([hub.clients.enter(ANN) for _ in range(4)])

    run(main)


def test_the_end_of_a_session_ends_all_at_once() -> None:
    async def main() -> None:
        hub = Hub()
        heard = Heard(Bundle(ANN, {"a": stream(hub, "x"), "b": stream(hub, "x")}))
        await heard.until("b", "signals {}")
        hub.close_streams("ann")
        say(hub, "x", 7)

        await heard.to_the_end()

        assert '"n":7' not in "".join(heard.parts.values())
        heard.bundle.close()

    run(main)


def test_one_that_is_too_old_ends_all_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "age", lambda: 0.1)
    monkeypatch.setattr(pace, "interval", lambda: 0.05)

    async def main() -> None:
        hub = Hub()
        heard = Heard(Bundle(ANN, {"a": stream(hub, "x"), "b": stream(hub, "x")}))
        await heard.until("b", "signals {}")

        await heard.to_the_end()

        heard.bundle.close()
        assert hub.stats()["streams"] == 0

    run(main)


def test_a_browser_that_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SEND_TIMEOUT", 0.1)
    monkeypatch.setattr(pace, "interval", lambda: 0.05)

    async def main() -> None:
        hub = Hub()
        bundle = Bundle(ANN, {"a": stream(hub, "x"), "b": stream(hub, "x")})
        await bundle.next()
        ended = asyncio.Event()
        bundle.when_over(ended.set)
        bundle.sending = True

        await ended.wait()

        bundle.close()
        assert hub.stats()["cut"] >= 1

    run(main)


def test_without_a_page_it_ends() -> None:
    async def main() -> None:
        hub = Hub()
        refused = Heard(Bundle(ANN, {}, ["a"]))
        await refused.to_the_end()
        assert refused.parts["closed"] == "a "

        left = Heard(Bundle(ANN, {"a": stream(hub, "x")}))
        await left.until("a", "signals {}")
        left.bundle.change({}, [], ["a"])
        await left.to_the_end()
        assert left.bundle.is_over
        assert hub.stats()["streams"] == 0

    run(main)


def test_where_streams_are_capped_it_is_asked_for_again() -> None:
    async def main() -> None:
        hub = Hub()
        bundle = Bundle(ANN, {"a": stream(hub, "x"), "b": stream(hub, "x")}, ["c"])
        say(hub, "x", 3)

        heard = Heard(bundle)
        heard.take(await bundle.once(5000))

        assert numbers(heard.parts["a"]) == numbers(heard.parts["b"]) == [3]
        assert heard.parts["closed"] == "c "
        assert "retry: 5000" in heard.parts["before"]
        assert "tabs" not in heard.parts  # nothing can be added to what is over
        assert hub.stats()["streams"] == 0

    run(main)


def test_only_its_own_browser_finds_it_and_only_while_it_is_open() -> None:
    async def main() -> None:
        bundle = Bundle(ANN, {"a": stream(state.hub, "x")})
        assert find_bundle(bundle.id, ANN) is None
        await bundle.next()

        assert find_bundle(bundle.id, ANN) is bundle
        assert find_bundle(bundle.id, Client("id:ben", 4, "ben")) is None
        assert find_bundle("another", ANN) is None

        bundle.close()
        assert find_bundle(bundle.id, ANN) is None
        assert not bundle.change({}, [], [])

    run(main)


def test_a_stop_from_another_thread_ends_it() -> None:
    async def main() -> None:
        hub = Hub()
        heard = Heard(Bundle(ANN, {"a": stream(hub, "x"), "b": stream(hub, "y")}))
        await heard.until("b", "signals {}")
        threading.Timer(0.05, hub.stop).start()

        await heard.to_the_end()

        heard.bundle.close()
        assert hub.stats()["streams"] == 0

    run(main)
