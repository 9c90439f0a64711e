"""A client that loses its connection again and again has heard what one has that never does."""

import asyncio
import os
import random
from collections.abc import Iterator

import pytest

from nitro_events import Hub, Stream, configure, patch_signals
from support.live import Heard

PROOF = bool(os.environ.get("NITRO_PROOF"))
DROPS = 1000 if PROOF else 30
TOPICS = [f"topic-{n}" for n in range(50)]


@pytest.fixture(autouse=True)
def _secret(_fresh_state: None) -> None:
    configure(secret="a secret for these tests alone")


class Publisher:
    """Publishes numbered patches to random topics, in bursts."""

    def __init__(self, hub: Hub, seed: int) -> None:
        self._hub = hub
        self._random = random.Random(seed)
        self.log: list[tuple[str, int]] = []

    def burst(self, most: int) -> None:
        for _ in range(self._random.randint(1, most)):
            topic = self._random.choice(TOPICS)
            self._hub.publish(topic, patch_signals({"topic": topic, "n": len(self.log)}))
            self.log.append((topic, len(self.log)))


async def listen(hub: Hub, heard: Heard, bytes_left: int) -> None:
    """Read one stream until so many bytes came, wherever in an event that is."""
    stream = Stream(hub, [], TOPICS, heard.cursor)
    try:
        while bytes_left > 0 and (chunk := await stream.next()):
            heard.take(chunk[:bytes_left])
            bytes_left -= len(chunk)
    finally:
        heard.break_off()
        stream.close()


def offsets(seed: int) -> Iterator[int]:
    chance = random.Random(seed)
    while True:
        yield chance.choice([chance.randint(1, 300), chance.randint(1, 80_000)])


async def drop_often(away: int) -> tuple[Heard, Heard, Publisher]:
    """Return a client that was dropped, one that was not, and who published."""
    hub = Hub()
    dropped, constant = Heard(hub.cursor()), Heard(hub.cursor())
    publisher = Publisher(hub, seed=away)
    following = asyncio.create_task(listen(hub, constant, 1 << 40))
    cuts = offsets(away)
    for _ in range(DROPS):
        reading = asyncio.create_task(listen(hub, dropped, next(cuts)))
        while not reading.done():
            publisher.burst(10)
            await asyncio.sleep(0)
        await reading
        publisher.burst(away)  # while it is away
        await asyncio.sleep(0)
        if dropped.resets:
            break
    last = asyncio.create_task(listen(hub, dropped, 1 << 40))
    async with asyncio.timeout(10):
        while constant.log != publisher.log or (
            not dropped.resets and len(dropped.log) < len(publisher.log)
        ):
            await asyncio.sleep(0.01)
    hub.stop()
    await asyncio.gather(last, following)
    return dropped, constant, publisher


def test_a_client_that_is_dropped_again_and_again_has_heard_everything_once() -> None:
    dropped, constant, publisher = asyncio.run(drop_often(away=60))

    assert dropped.resets == constant.resets == 0
    assert dropped.log == constant.log == publisher.log


def test_a_client_that_is_away_for_too_long_is_told_so() -> None:
    hub = Hub()
    dropped = Heard(hub.cursor())
    publisher = Publisher(hub, seed=1)
    while len(publisher.log) < 60_000:
        publisher.burst(1000)

    async def come_back() -> None:
        listening = asyncio.create_task(listen(hub, dropped, 1 << 40))
        async with asyncio.timeout(5):
            while not dropped.resets:
                await asyncio.sleep(0.01)
        hub.stop()
        await listening

    asyncio.run(come_back())

    assert dropped.resets == 1
    assert dropped.log == []
