import asyncio
import logging
import re
import threading
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Hashable
from contextvars import ContextVar
from typing import Any

import pytest

from nitro_events import Hub, Stream, configure, patch_elements, patch_signals
from nitro_events.live import pace
from nitro_events.live import shared as shared_module
from nitro_events.live.clients import Client
from nitro_events.live.cursor import read as read_cursor
from nitro_events.live.frames import Frame
from nitro_events.state import state

user: ContextVar[str] = ContextVar("user", default="nobody")


@pytest.fixture(autouse=True)
def _secret(_fresh_state: None) -> None:
    configure(secret="a secret for these tests alone")


class Shown:
    """A view of one number; *slow* seconds pass between reading it and returning."""

    def __init__(
        self, key: Hashable = "v", topics: tuple[str, ...] = ("City",), *, slow: float = 0
    ) -> None:
        self.key = key
        self.topics = frozenset(topics)
        self.value: object = 0
        self.slow = slow
        self.failing = 0
        self.renders = 0
        self.threads: set[int] = set()
        self.users: list[str] = []

    def render(self) -> str:
        self.renders += 1
        self.threads.add(threading.get_ident())
        self.users.append(user.get())
        if self.failing:
            self.failing -= 1
            raise ValueError("secret detail")
        value = self.value
        if self.slow:
            time.sleep(self.slow)
        return f'<p id="{self.key}">{value}</p>'


class Gated(Shown):
    """A view whose renders have read their value and wait for the gate."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.may_end = threading.Event(), threading.Event()

    def render(self) -> str:
        value = super().render()
        self.begun.set()
        self.may_end.wait(5)
        return value


class Reader:
    """Reads one stream as a browser would: applies frames, remembers the last id."""

    def __init__(self, stream: Stream) -> None:
        self._chunks: AsyncGenerator[bytes, None] = aiter(stream)
        self._next: asyncio.Task[bytes] | None = None
        self.text = ""
        self.last_id: int | None = None

    async def read(self, within: float = 2.0) -> str:
        """Return the next chunk, "" if there is none in time."""
        if self._next is None:
            self._next = asyncio.ensure_future(anext(self._chunks))
        done, _ = await asyncio.wait({self._next}, timeout=within)
        if not done:
            return ""
        self._next = None
        chunk = done.pop().result().decode()
        assert chunk.endswith("\n\n")
        for found in re.findall(r"^id: (\S+)$", chunk, re.M):
            self.last_id = read_cursor(found).position
        self.text += chunk
        return chunk

    async def until(self, wanted: str, within: float = 3.0) -> str:
        end = time.monotonic() + within
        while wanted not in self.text:
            assert time.monotonic() < end, f"{wanted!r} not in {self.text!r}"
            await self.read(max(0.01, end - time.monotonic()))
        return self.text

    async def close(self) -> None:
        if self._next is not None:
            self._next.cancel()
            await asyncio.gather(self._next, return_exceptions=True)
        await self._chunks.aclose()


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(20):
            await main()

    asyncio.run(limited())


def test_without_a_cursor_the_state_comes_first() -> None:
    async def main() -> None:
        hub, view = Hub(), Shown()
        view.value = "<now>"
        reader = Reader(Stream(hub, [view]))

        await reader.until("<now>")

        assert reader.text.startswith("retry: ")
        assert reader.last_id == hub.position
        assert threading.get_ident() not in view.threads
        await reader.close()

    run(main)


def test_with_a_fresh_cursor_nothing_is_rendered() -> None:
    async def main() -> None:
        hub, view = Hub(), Shown()
        hub.touch({"City"})
        reader = Reader(Stream(hub, [view], cursor=hub.cursor()))

        assert "elements" not in await reader.read()
        assert await reader.read(0.1) == ""

        assert view.renders == 0
        await reader.close()

    run(main)


def test_with_an_old_cursor_what_changed_is_sent() -> None:
    async def main() -> None:
        hub = Hub()
        changed, same = Shown("changed"), Shown("same", ("Country",))
        cursor = hub.position
        hub.touch({"City", "City:7"})
        reader = Reader(Stream(hub, [changed, same], cursor=hub.cursor(cursor)))

        await reader.until('id="changed"')

        assert same.renders == 0
        assert reader.last_id == hub.position
        await reader.close()

    run(main)


def test_the_first_change_after_quiet_is_pushed_at_once() -> None:
    async def main() -> None:
        hub, view = Hub(), Shown()
        reader = Reader(Stream(hub, [view], cursor=hub.cursor()))
        await reader.read()
        best = 1.0
        for number in range(1, 6):
            await asyncio.sleep(0.06)
            view.value = f"n{number}."
            begin = time.perf_counter()
            hub.touch({"City"})
            await reader.until(f"n{number}.")
            best = min(best, time.perf_counter() - begin)

        assert best < 0.02
        await reader.close()

    run(main)


def test_many_changes_are_few_renders_and_the_last_state_arrives() -> None:
    async def main() -> None:
        hub, view = Hub(), Shown()
        reader = Reader(Stream(hub, [view], cursor=hub.cursor()))
        await reader.read()

        begin = time.monotonic()
        for number in range(300):
            view.value = f"n{number}."
            hub.touch({"City"})
            await asyncio.sleep(0.001)
        await reader.until("n299.")
        elapsed = time.monotonic() - begin

        assert view.renders <= elapsed / 0.04 + 3
        await reader.close()

    run(main)


def test_one_render_serves_all_streams_of_a_key() -> None:
    async def main() -> None:
        hub = Hub()
        views = [Shown() for _ in range(50)]
        readers = [Reader(Stream(hub, [view])) for view in views]
        for reader in readers:
            await reader.until('id="v"')
        assert sum(view.renders for view in views) == 1
        await asyncio.sleep(0.05)

        for view in views:
            view.value = "new"
        hub.touch({"City"})
        for reader in readers:
            await reader.until("new")

        assert sum(view.renders for view in views) == 2
        assert hub.stats()["views"] == 1
        for reader in readers:
            await reader.close()
        assert hub.stats()["views"] == hub.stats()["streams"] == 0
        assert hub._relays == {}

    run(main)


def test_a_frame_that_says_the_same_is_not_sent_again() -> None:
    async def main() -> None:
        hub, view = Hub(), Shown()
        reader = Reader(Stream(hub, [view]))
        await reader.until('id="v"')

        hub.touch({"City"})
        assert await reader.read(0.15) == ""

        assert view.renders == 2
        await reader.close()

    run(main)


class Pieces(str):
    """Markup that knows itself in pieces."""

    frame = "v"
    pieces: dict[str, str]


class ShownInPieces(Shown):
    def render(self) -> str:
        super().render()
        html = Pieces(f'<div id="v"><p id="a">{self.value}</p><p id="b">same</p></div>')
        html.pieces = {"a": f'<p id="a">{self.value}</p>', "b": '<p id="b">same</p>'}
        return html


def test_after_its_first_state_a_page_is_sent_the_changed_pieces_alone() -> None:
    async def main() -> None:
        hub, view = Hub(), ShownInPieces()
        reader = Reader(Stream(hub, [view], cursor=hub.cursor()))
        await reader.read()

        view.value = "one"
        hub.touch({"City"})
        assert "same" in await reader.until("one")
        await asyncio.sleep(0.05)
        view.value = "two"
        hub.touch({"City"})
        assert "same" not in (await reader.until("two")).rpartition("event:")[2]
        await reader.close()

    run(main)


def test_a_page_made_after_the_last_change_is_known_to_show_its_state() -> None:
    async def main() -> None:
        hub, view = Hub(), ShownInPieces()
        first = Reader(Stream(hub, [view]))
        await first.until("same")
        await asyncio.sleep(0.05)
        second = Reader(Stream(hub, [view], cursor=hub.cursor()))
        await second.read()

        view.value = "new"
        hub.touch({"City"})
        assert "same" not in (await second.until("new")).rpartition("event:")[2]
        for reader in (first, second):
            await reader.close()

    run(main)


def test_a_change_during_a_render_causes_another() -> None:
    async def main() -> None:
        hub, view = Hub(), Shown(slow=0.1)
        reader = Reader(Stream(hub, [view], cursor=hub.cursor()))
        await reader.read()

        view.value = "one"
        hub.touch({"City"})
        await asyncio.sleep(0.05)  # the value was read, the render is not done
        view.value = "two"
        position = hub.touch({"City"})

        await reader.until("one")
        assert reader.last_id is None or reader.last_id < position
        await reader.until("two")
        assert reader.last_id == position
        await reader.close()

    run(main)


def test_a_stream_that_joins_during_a_render_gets_no_old_state() -> None:
    async def main() -> None:
        hub, view = Hub(), Shown(slow=0.1)
        first = Reader(Stream(hub, [view]))
        await first.read()
        await asyncio.sleep(0.03)
        view.value = "two"
        hub.touch({"City"})
        second = Reader(Stream(hub, [view]))

        await second.until(">two<")
        await first.until(">two<")

        assert second.last_id == hub.position
        await first.close()
        await second.close()

    run(main)


def test_a_page_that_is_newer_than_a_running_render_is_not_taken_back() -> None:
    async def main() -> None:
        hub, view = Hub(), Gated()
        first = Reader(Stream(hub, [view]))
        await first.read()
        await asyncio.to_thread(view.begun.wait, 2)
        view.value = "new"
        hub.touch({"City"})
        # this page was made after the change; the render that runs began before it
        second = Reader(Stream(hub, [view], cursor=hub.cursor()))
        await second.read()
        reading = asyncio.gather(first.until(">new<"), second.until(">new<"))
        await asyncio.sleep(0.01)
        view.may_end.set()
        await reading

        assert ">0<" in first.text
        assert ">0<" not in second.text
        await first.close()
        await second.close()

    run(main)


def test_the_id_never_claims_what_was_not_sent() -> None:
    async def main() -> None:
        hub = Hub()
        fast, slow = Shown("fast"), Shown("slow", slow=0.2)
        cursor = hub.position
        reader = Reader(Stream(hub, [fast, slow], cursor=hub.cursor(cursor)))
        await reader.read()

        fast.value = slow.value = "new"
        position = hub.touch({"City"})
        await reader.until('id="fast">new')
        assert (reader.last_id or cursor) < position
        await reader.until('id="slow">new')

        assert reader.last_id == position
        await reader.close()

    run(main)


def test_touch_from_threads_reaches_every_loop() -> None:
    hub = Hub()
    views = [Shown(f"v{number}") for number in range(3)]
    ready = threading.Barrier(4)
    last: list[str] = []

    def serve(view: Shown) -> None:
        async def main() -> None:
            reader = Reader(Stream(hub, [view]))
            await reader.until("id=")
            await asyncio.to_thread(ready.wait)
            await reader.until(">done<", 10)
            last.append(reader.text)
            await reader.close()

        run(main)

    threads = [threading.Thread(target=serve, args=(view,)) for view in views]
    for thread in threads:
        thread.start()
    ready.wait(10)
    writers = [
        threading.Thread(target=lambda: [hub.touch({"City"}) for _ in range(300)])
        for _ in range(3)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    for view in views:
        view.value = "done"
    hub.touch({"City", "City:1"})
    for thread in threads:
        thread.join(20)

    assert len(last) == 3
    assert hub.stats()["streams"] == 0


def test_a_loop_that_is_faster_than_the_caller_misses_nothing() -> None:
    class Eager:
        """A loop that has run a callback before the thread that gave it goes on."""

        def call_soon_threadsafe(self, callback: Callable[[], None]) -> None:
            thread = threading.Thread(target=callback)
            thread.start()
            thread.join(0.2)

    hub = Hub()
    heard: list[int] = []

    class Listening(Stream):
        def offer(self, frame: Frame) -> None:
            heard.append(frame.position)

    stream = Listening(hub, [], ["City"])
    hub.attach(stream, Eager(), None)  # type: ignore[arg-type]

    positions = [hub.publish("City", patch_signals({"n": number})) for number in range(3)]

    assert heard == positions


def test_what_is_published_while_publishing_has_a_position_of_its_own() -> None:
    """As a finalizer or a signal handler may do, in the thread that is publishing."""

    class Interrupted:
        """A loop where telling is interrupted once by another publishing."""

        def call_soon_threadsafe(self, callback: Callable[[], None]) -> None:
            if not inner:
                inner.append(hub.publish("City", patch_signals({"n": 2})))

    hub = Hub()
    inner: list[int] = []
    cursor = hub.position
    hub.attach(Stream(hub, [], ["City"]), Interrupted(), None)  # type: ignore[arg-type]

    outer = hub.publish("City", patch_signals({"n": 1}))

    missed = hub._log.since({"City"}, cursor)
    assert missed is not None
    assert [frame.position for frame in missed] == [outer, *inner] == [cursor + 1, cursor + 2]
    assert _numbers(b"".join(frame.data for frame in missed).decode()) == [1, 2]
    assert hub._log.since({"City"}, outer) == missed[1:]
    assert hub.position == cursor + 2


def test_a_loop_that_was_closed_with_streams_does_no_harm() -> None:
    hub = Hub()
    loop = asyncio.new_event_loop()
    stream = Stream(hub, [Shown()], ["City"], hub.cursor())
    chunks = aiter(stream)
    loop.run_until_complete(anext(chunks))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()

    hub.touch({"City"})
    hub.publish("City", patch_signals({"a": 1}))
    hub.stop()

    assert hub.stats()["streams"] == 0
    assert stream is not None


def test_patches_arrive_in_order_and_once() -> None:
    async def main() -> None:
        hub = Hub()
        for number in range(3):
            hub.publish("City:1", patch_signals({"n": number}))
        cursor = hub.position
        for number in range(3, 6):
            hub.publish("City:2", patch_signals({"n": number}))
        reader = Reader(Stream(hub, [], ["City", "City:2"], hub.cursor(cursor)))
        await reader.read()
        for number in range(6, 100):
            hub.publish("City:1", patch_signals({"n": number}))
        await reader.until('"n":99}')

        assert _numbers(reader.text) == list(range(3, 100))
        assert reader.last_id == hub.position
        await reader.close()

    run(main)


def test_a_stream_hears_only_its_topics() -> None:
    async def main() -> None:
        hub = Hub()
        reader = Reader(Stream(hub, [], ["City:1"], hub.cursor()))
        await reader.read()

        hub.publish("City:2", patch_signals({"n": 2}))
        hub.publish("City", patch_signals({"n": 0}))
        hub.publish("City:1", patch_signals({"n": 1}))
        await reader.until('"n":1}')

        assert _numbers(reader.text) == [1]
        await reader.close()

    run(main)


def test_a_view_of_one_hears_a_change_of_all_but_not_of_another() -> None:
    async def main() -> None:
        hub, view = Hub(), Shown(topics=("City:7",))
        reader = Reader(Stream(hub, [view], cursor=hub.cursor()))
        await reader.read()

        view.value = "wrong"
        hub.touch({"City", "City:8"})
        assert await reader.read(0.1) == ""
        view.value = "right"
        hub.touch({"City"})
        await reader.until("right")

        await reader.close()

    run(main)


def test_patches_that_may_be_lost_are_an_explicit_reset() -> None:
    async def main() -> None:
        hub, view = Hub(), Shown()
        cursor = hub.position
        for number in range(1100):
            hub.publish("City", patch_signals({"n": number}))
        reader = Reader(Stream(hub, [view], ["City"], hub.cursor(cursor)))

        await reader.until("nitro-live-reset")
        await reader.until('id="v"')

        mark = '<div id="nitro-live-reset" data-nitro-reset hidden></div>'
        reset = f"event: datastar-patch-elements\ndata: elements {mark}\n"
        assert reader.text.count(reset) == reader.text.count("nitro-live-reset") == 1
        assert _numbers(reader.text) == []
        assert reader.last_id == hub.position
        await reader.close()

    run(main)


@pytest.mark.parametrize("whose", ["another", "older", "newer", "forged", "garbage"])
def test_a_cursor_that_says_nothing_here_resets_only_pages_with_patches(whose: str) -> None:
    async def main() -> None:
        hub = Hub()
        signed = hub.cursor()
        cursor = {
            "another": Hub().cursor(),
            "older": hub.cursor(hub.position - 10),
            "newer": hub.cursor(hub.position + 10),
            # not the last letter: some of its bits say nothing
            "forged": signed[:-2] + ("A" if signed[-2] != "A" else "B") + signed[-1],
            "garbage": "17",
        }[whose]
        with_topics = Reader(Stream(hub, [Shown("a")], ["City"], cursor))
        without = Reader(Stream(hub, [Shown("b")], [], cursor))

        await with_topics.until("nitro-live-reset")
        await with_topics.until('id="a"')
        await without.until('id="b"')

        assert "nitro-live-reset" not in without.text
        await with_topics.close()
        await without.close()

    run(main)


def test_a_client_that_lags_behind_is_cut_and_can_resume() -> None:
    async def main() -> None:
        hub = Hub()
        reader = Reader(Stream(hub, [], ["City"], hub.cursor()))
        await reader.read()

        for number in range(10):
            hub.publish("City", patch_signals({"n": number}))
        await reader.until('"n":9}')
        for number in range(10, 400):
            hub.publish("City", patch_signals({"n": number}))
            if number % 50 == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        with pytest.raises(StopAsyncIteration):
            await reader.read()
        again = Reader(Stream(hub, [], ["City"], hub.cursor(reader.last_id)))
        await again.until('"n":399}')

        assert _numbers(reader.text + again.text) == list(range(400))
        assert hub.stats()["cut"] == 1
        assert hub.stats()["streams"] == 1
        await again.close()

    run(main)


def test_a_slow_reader_of_views_skips_to_the_newest_state() -> None:
    async def main() -> None:
        hub, view = Hub(), Shown()
        reader = Reader(Stream(hub, [view], cursor=hub.cursor()))
        await reader.read()
        for number in range(5):
            view.value = f"n{number}."
            hub.touch({"City"})
            await asyncio.sleep(0.06)

        await reader.until("n4.")

        assert "n1." not in reader.text
        await reader.close()

    run(main)


def test_a_render_that_fails_once_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        hub, view = Hub(), Shown()
        view.failing = 1
        reader = Reader(Stream(hub, [view]))

        await reader.until('id="v"')

        assert "nitro-live-reset" not in reader.text
        assert "secret" not in reader.text
        assert "secret detail" in caplog.text
        assert reader.last_id == hub.position
        await reader.close()

    with caplog.at_level(logging.ERROR):
        run(main)


@pytest.mark.parametrize(
    "error", [StopIteration, asyncio.CancelledError, SystemExit, GeneratorExit]
)
def test_a_render_may_raise_what_no_future_can_carry(error: type[BaseException]) -> None:
    class Odd(Shown):
        def render(self) -> str:
            shown = super().render()
            if self.renders == 1:
                raise error
            return shown

    async def main() -> None:
        reader = Reader(Stream(Hub(), [Odd()]))
        await reader.until('<p id="v">0</p>')
        await reader.close()

    run(main)


def test_a_render_that_keeps_failing_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        hub, bad, good = Hub(), Shown("bad"), Shown("good", ("Country",))
        bad.failing = 4
        cursor = hub.position
        reader = Reader(Stream(hub, [bad, good], cursor=hub.cursor(cursor)))
        await reader.read()
        hub.touch({"City"})

        await reader.until("nitro-live-reset")
        good.value = "works"
        hub.touch({"Country"})
        await reader.until("works")
        assert (reader.last_id or cursor) == cursor
        await reader.until('id="bad"', 5)

        assert reader.text.count("nitro-live-reset") == 1
        assert "secret" not in reader.text
        assert reader.last_id == hub.position
        await reader.close()

    run(main)


def test_a_view_is_rendered_in_the_context_its_stream_was_made_in() -> None:
    async def main() -> None:
        hub, view = Hub(), Shown()
        token = user.set("anna")
        stream = Stream(hub, [view])
        user.reset(token)
        reader = Reader(stream)

        await reader.until('id="v"')

        assert view.users == ["anna"]
        await reader.close()

    run(main)


def test_a_quiet_stream_gives_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "HEARTBEAT", 0.03)

    async def main() -> None:
        hub = Hub()
        reader = Reader(Stream(hub, [], [], hub.cursor()))
        await reader.read()
        position = hub.touch({"Unrelated"})

        assert (await reader.read()).startswith(": \n")
        assert reader.last_id == position
        assert await reader.read() == ": \n\n"
        await reader.close()

    run(main)


def test_stop_ends_all_streams_and_refuses_new_ones() -> None:
    async def main() -> None:
        hub = Hub()
        streams = [Stream(hub, [Shown(slow=0.2)], ["City"]) for _ in range(3)]
        readers = [Reader(stream) for stream in streams]
        for reader in readers:
            await reader.read()
        begin = time.monotonic()

        threading.Thread(target=hub.stop).start()
        for reader in readers:
            with pytest.raises(StopAsyncIteration):
                await reader.until("what never comes")

        assert time.monotonic() - begin < 0.15
        assert hub.stats()["streams"] == 0
        cursor = hub.position
        hub.publish("City", patch_signals({"n": 1}))
        late = Reader(Stream(hub, [Shown()], ["City"], hub.cursor(cursor)))
        await late.read()
        with pytest.raises(StopAsyncIteration):
            await late.read()
        # it was told nothing, so it must ask again for all of it
        assert _numbers(late.text) == []
        assert late.last_id is None

    run(main)


def test_a_stream_is_read_once() -> None:
    async def main() -> None:
        stream = Stream(Hub(), [])
        reader = Reader(stream)
        await reader.read()
        await reader.close()
        with pytest.raises(RuntimeError, match="read once"):
            await anext(aiter(stream))

    run(main)


def test_looking_for_changes_elsewhere_begins_with_the_first_stream() -> None:
    async def main() -> None:
        hub, view = Hub(), Shown()
        begun: list[int] = []
        state.stream_openers.append(lambda: begun.append(1))
        cursor = hub.position
        # nobody looked while the page was made, so its state may be old already
        first = Reader(Stream(hub, [view], cursor=hub.cursor(cursor)))
        await first.until('id="v"')
        second = Reader(Stream(hub, [view], cursor=hub.cursor()))
        await second.read()

        assert begun == [1]
        assert view.renders == 1
        await first.close()
        await second.close()

    run(main)


def test_nothing_is_lost_in_a_storm_of_changes_joins_and_breaks() -> None:
    async def main() -> None:
        hub = Hub()
        values = {"a": 0, "b": 0}
        settle, stop = threading.Event(), threading.Event()
        published = 0

        class Storm:
            def __init__(self, key: str) -> None:
                self.key = key
                self.topics = frozenset({f"T:{key}"})

            def render(self) -> str:
                value = values[self.key]
                time.sleep(0.002)
                return f'<p id="{self.key}">{value};</p>'

        def write() -> None:
            nonlocal published
            while not stop.is_set():
                for key in values:
                    values[key] += 1
                    hub.touch({"T", f"T:{key}"})
                hub.publish("P", patch_signals({"n": published}))
                published += 1
                time.sleep(0.003)

        async def browse(seed: int) -> None:
            cursor = hub.cursor()
            shown = dict(values)
            numbers: list[int] = []

            def complete() -> bool:
                # seen again after a break is allowed, missed is not
                return not writer.is_alive() and (
                    shown == values and set(numbers) == set(range(published))
                )

            rounds = 0
            while True:
                rounds += 1
                # the last stream is open while the writer goes on, and is read to the end
                last_round = settle.is_set()
                give_up = time.monotonic() + 10
                reader = Reader(Stream(hub, [Storm("a"), Storm("b")], ["P"], cursor))
                heard: list[int] = []
                left = 3 + (seed + rounds) % 5
                while not complete() if last_round else left:
                    assert time.monotonic() < give_up, (shown, values, numbers[-5:], published)
                    chunk = await reader.read(0.2)
                    left -= 1
                    # the break may come in the middle: then the rest of the chunk is lost
                    if (seed + rounds) % 3 == 0 and not last_round and chunk.count("\n\n") > 1:
                        chunk = chunk[: chunk.index("\n\n") + 2]
                        left = 0
                    _apply(chunk, shown, heard)
                    numbers += heard[len(heard) - len(_numbers(chunk)) :]
                    if found := re.findall(r"^id: (\S+)$", chunk, re.M):
                        cursor = found[-1]
                    assert "nitro-live-reset" not in chunk
                await reader.close()
                assert heard == list(range(heard[0], heard[-1] + 1) if heard else ())
                if last_round:
                    return

        writer = threading.Thread(target=write)
        browsers = [asyncio.create_task(browse(seed)) for seed in range(8)]
        await asyncio.sleep(0)
        writer.start()
        try:
            await asyncio.sleep(1.5)
            settle.set()
            await asyncio.sleep(1)
        finally:
            stop.set()
        await asyncio.gather(*browsers)
        assert hub.stats()["streams"] == 0

    run(main)


def test_large_patches_are_too_much_before_many_are() -> None:
    async def main() -> None:
        hub = Hub()
        stream = Stream(hub, [], ["City"], hub.cursor())
        cursor = id_of(await stream.next())

        for number in range(20):
            hub.publish("City", patch_signals({"n": number, "x": "x" * 50_000}))
        await asyncio.sleep(0.01)

        assert await stream.next() == b""
        assert hub.stats()["cut"] == 1
        stream.close()
        again = Reader(Stream(hub, [], ["City"], cursor))
        await again.until('"n":19,')
        await again.close()

    run(main)


def test_what_a_client_missed_comes_in_pieces_with_ids_of_their_own() -> None:
    async def main() -> None:
        hub = Hub()
        cursor = hub.cursor()
        positions = [hub.publish("City", patch_signals({"x": "x" * 20_000})) for _ in range(20)]
        stream = Stream(hub, [], ["City"], cursor)
        chunks = [await stream.next()]
        while len(b"".join(chunks)) < 400_000:
            chunks.append(await stream.next())

        assert max(map(len, chunks)) < 100_000
        found = re.findall(rb"^id: (\S+)$", b"".join(chunks), re.M)
        assert [read_cursor(id.decode()).position for id in found] == positions
        stream.close()

    run(main)


def test_of_many_patches_to_one_element_a_slow_client_gets_the_last() -> None:
    async def main() -> None:
        hub = Hub()
        reader = Reader(Stream(hub, [], ["City"], hub.cursor()))
        await reader.read()

        for number in range(1000):
            hub.publish("City", patch_elements(f'<p id="a">{number}.</p>'))
            if number % 100 == 0:
                await asyncio.sleep(0)
        await reader.until("999.")

        assert reader.text.count('<p id="a">') < 40
        assert hub.stats()["cut"] == 0
        await reader.close()
        assert hub.stats()["left_out"] > 900

    run(main)


def test_the_state_of_the_views_comes_before_any_patch() -> None:
    async def main() -> None:
        hub, view = Hub(), Shown(slow=0.1)
        cursor = hub.cursor()
        hub.touch({"City"})
        hub.publish("news", patch_signals({"n": 1}))
        reader = Reader(Stream(hub, [view], ["news"], cursor))
        await reader.read()
        hub.publish("news", patch_signals({"n": 2}))

        await reader.until('"n":2}')

        assert reader.text.index('id="v"') < reader.text.index('"n":1}')
        assert _numbers(reader.text) == [1, 2]
        assert reader.last_id == hub.position
        await reader.close()

    run(main)


def test_a_view_that_cannot_be_shown_does_not_hold_up_the_patches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "HOLD", 0.1)

    async def main() -> None:
        hub, view = Hub(), Shown(slow=1)
        reader = Reader(Stream(hub, [view], ["news"]))
        await reader.read()
        hub.publish("news", patch_signals({"n": 1}))

        await reader.until('"n":1}', 0.6)

        assert 'id="v"' not in reader.text
        assert reader.last_id is None
        await reader.close()

    run(main)


def test_a_page_that_shows_another_view_gets_its_state_and_every_patch() -> None:
    async def main() -> None:
        hub, view = Hub(), Shown()
        cursor = hub.cursor()
        hub.publish("news", patch_signals({"n": 1}))
        reader = Reader(Stream(hub, [view], ["news"], "!" + cursor))

        await reader.until('id="v"')
        await reader.until('"n":1}')

        assert "nitro-live-reset" not in reader.text
        await reader.close()

    run(main)


def test_a_stream_ends_when_it_is_old_and_goes_on_in_a_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "HEARTBEAT", 0.08)
    monkeypatch.setattr(pace, "MAX_AGE", 0.1)

    async def main() -> None:
        hub = Hub()
        reader = Reader(Stream(hub, [], ["news"], hub.cursor()))
        with pytest.raises(StopAsyncIteration):
            while True:
                await reader.read()
        hub.publish("news", patch_signals({"n": 1}))
        again = Reader(Stream(hub, [], ["news"], hub.cursor(reader.last_id)))
        await again.until('"n":1}')

        assert hub.stats()["cut"] == 0
        await reader.close()
        await again.close()

    run(main)


def test_a_stream_that_is_closed_ends_for_who_waits_for_it() -> None:
    async def main() -> None:
        stream = Stream(Hub(), [], ["news"])
        await stream.next()
        waiting = asyncio.create_task(stream.next())
        await asyncio.sleep(0.01)
        stream.close()

        assert await asyncio.wait_for(waiting, 1) == b""

    run(main)


def test_a_stream_that_was_asked_for_before_its_caller_left_ends_at_once() -> None:
    async def main() -> None:
        hub = Hub()
        ann = Client("id:ann", 10, "ann")
        before = Stream(hub, [], ["news"], client=ann)
        hub.close_streams("ann")
        after, other = (Stream(hub, [], ["news"], client=ann), Stream(hub, [], ["news"]))
        for stream in (before, after, other):
            await stream.next()

        assert [one.is_over for one in (before, after, other)] == [True, False, False]
        for stream in (before, after, other):
            stream.close()

    run(main)


def test_old_streams_do_not_end_all_at_once() -> None:
    ages = {round(pace.age()) for _ in range(100)}

    assert len(ages) > 50
    assert min(ages) >= 0.8 * pace.MAX_AGE
    assert max(ages) <= 1.2 * pace.MAX_AGE


def test_failures_do_not_keep_a_dropped_view_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_module, "FIRST_RETRY", 0.01)

    async def main() -> None:
        hub, view = Hub(), Shown()
        view.failing = 1000
        reader = Reader(Stream(hub, [view]))
        await reader.until("nitro-live-reset")
        await reader.close()
        await asyncio.sleep(0.2)
        renders = view.renders
        await asyncio.sleep(0.2)

        assert view.renders == renders
        assert len(asyncio.all_tasks()) == 1

    run(main)


def id_of(chunk: bytes) -> str:
    return chunk.rpartition(b"id: ")[2].partition(b"\n")[0].decode()


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'signals \{"n":(\d+)\}', text)]


def _apply(chunk: str, shown: dict[str, int], numbers: list[int]) -> None:
    for key, value in re.findall(r'<p id="(\w)">(\d+);</p>', chunk):
        shown[key] = int(value)
    numbers.extend(_numbers(chunk))
