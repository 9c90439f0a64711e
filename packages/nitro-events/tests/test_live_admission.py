"""Who may listen to what, and how many streams there may be."""

import asyncio
import logging
from typing import Any

import pytest

from nitro_events import Caller, Stream, configure, emit_signals
from nitro_events.http.problems import TooManyRequests
from nitro_events.http.request import Request, current_request
from nitro_events.live.admission import TooManyTopics, client_of, open_stream
from nitro_events.live.clients import Client, Clients
from nitro_events.state import state


@pytest.fixture(autouse=True)
def _secret(_fresh_state: None) -> None:
    configure(secret="a secret for these tests alone")


def request(caller: Caller | None = None) -> Request:
    return Request("GET", "/", headers={"nitro-live": ""}, caller=caller or Caller("ann"))


class View:
    topics = frozenset({"City"})

    def __init__(self, key: str = "v", text: str = "") -> None:
        self.key = key
        self.text = text

    def render(self) -> str:
        return f'<p id="v">{self.text}</p>'


def allowing(*topics: str) -> Any:
    def policy(caller: Caller, operation: str, target: object) -> bool:
        return operation == "listen" and target in topics

    return policy


def test_only_topics_that_the_policy_grants_are_listened_to(
    caplog: pytest.LogCaptureFixture,
) -> None:
    configure(policy=allowing("news"))

    with caplog.at_level(logging.WARNING):
        streams = [open_stream(request(), [], ["news", "salaries"]) for _ in range(3)]

    assert all(stream is not None and stream.topics == {"news"} for stream in streams)
    assert caplog.text.count("salaries") == 1


def test_production_grants_nobody_a_topic_by_itself() -> None:
    configure(env="production")

    assert open_stream(request(), [], ["news"]) is None


def test_the_views_of_a_page_need_no_leave_of_their_own() -> None:
    configure(policy=allowing())

    stream = open_stream(request(), [View()], ["news"])

    assert stream is not None
    assert stream.topics == frozenset()


def test_a_stream_has_so_many_topics_and_no_more() -> None:
    configure(limits={"topics": 3})

    assert open_stream(request(), [], ["a", "b", "c"])
    with pytest.raises(TooManyTopics, match="3 topics"):
        open_stream(request(), [], ["a", "b", "c", "d"])


def test_a_caller_with_enough_streams_gets_no_other() -> None:
    configure(limits={"streams": 2, "streams_of_address": 1})

    async def main() -> None:
        opened = [open_stream(request(), [], ["news"]) for _ in range(3)]
        chunks = [await stream.next() for stream in opened if stream is not None]

        assert [b"retry: 10000" in chunk for chunk in chunks] == [False, False, True]
        with pytest.raises(TooManyRequests, match="2 open streams") as refused:
            open_stream(request(), [], ["news"])
        assert ("retry-after", "10") in refused.value.headers
        assert open_stream(request(Caller("bob")), [], ["news"]) is not None
        for stream in opened:
            assert stream is not None
            stream.close()
        assert open_stream(request(), [], ["news"]) is not None

    asyncio.run(main())


def test_streams_are_counted_for_the_login_or_else_for_the_address() -> None:
    assert client_of(Caller("ann", host="1.2.3.4")).key == "id:ann"
    assert client_of(Caller(host="1.2.3.4")).key == "host:1.2.3.4"


def test_who_left_is_not_remembered() -> None:
    clients = Clients()
    client = Client("a", 1)

    assert clients.enter(client)
    assert not clients.enter(client)
    clients.leave(client)

    assert clients.has_room(client)
    assert clients._open == {}


def test_the_streams_of_a_caller_can_be_closed() -> None:
    async def main() -> None:
        streams = [open_stream(request(Caller(name)), [], ["news"]) for name in ("ann", "bob")]
        ann, bob = (stream for stream in streams if stream is not None)
        await ann.next()
        await bob.next()

        state.hub.close_streams("ann")

        assert await asyncio.wait_for(ann.next(), 1) == b""
        emit_signals({"a": 1}, topic="news")
        assert b'"a":1' in await asyncio.wait_for(bob.next(), 1)
        ann.close()
        bob.close()

    asyncio.run(main())


class Tenants:
    """A policy that knows tenants: what stands before the dot of the caller's id."""

    def __call__(self, caller: Caller, operation: str, target: object) -> bool:
        return True

    def tenant(self, caller: Caller) -> str | None:
        return caller.id.partition(".")[0] if caller.id else None


def test_patches_stay_with_the_tenant_whose_request_made_them() -> None:
    configure(policy=Tenants())

    async def main() -> None:
        callers = [Caller("red.ann"), Caller("red.bob"), Caller("blue.eve")]
        streams = [open_stream(request(caller), [], ["news"]) for caller in callers]
        heard = [b"", b"", b""]
        for stream in streams:
            assert stream is not None
            await stream.next()
        token = current_request.set(request(callers[0]))
        emit_signals({"for": "red"}, topic="news")
        current_request.reset(token)
        emit_signals({"for": "all"}, topic="news")
        for number, stream in enumerate(streams):
            assert stream is not None
            await asyncio.sleep(0.01)
            heard[number] = await asyncio.wait_for(stream.next(), 1)
            stream.close()

        assert [b'"red"' in text for text in heard] == [True, True, False]
        assert all(b'"all"' in text for text in heard)

    asyncio.run(main())


def test_views_of_one_key_are_shared_inside_a_tenant_only() -> None:
    configure(policy=Tenants())

    async def main() -> None:
        found: list[bytes] = []
        streams: list[Stream] = []
        for name in ("red.ann", "red.bob", "blue.eve"):
            stream = open_stream(request(Caller(name)), [View(text=f"of {name}")], [])
            assert stream is not None
            streams.append(stream)
            text = b""
            while b'id="v"' not in text:
                text += await asyncio.wait_for(stream.next(), 1)
            found.append(text)
        for stream in streams:
            stream.close()

        assert b"of red.ann" in found[0]
        assert b"of red.ann" in found[1]
        assert b"of blue.eve" in found[2]

    asyncio.run(main())
