"""What a generator yields is sent as it comes, and is committed before."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from nitro_events.actions import command, functions, query
from nitro_events.http.asgi import send_response
from nitro_events.http.dispatch import answer
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.http.streaming import patches_from
from nitro_events.patches import Patch, patch_elements, patch_signals
from nitro_events.settings import configure
from nitro_events.state import state

STREAM = {"accept": "text/event-stream", "host": "here"}


def declared(kind: Callable[..., Any], function: Callable[..., Any], name: str) -> None:
    """Declare *function* as if a module did."""
    function.__name__ = function.__qualname__ = name
    kind(function)
    assert name in functions()


async def answered(path: str, method: str = "POST", **headers: str) -> Response:
    given = {**STREAM, **headers}
    response = await answer(Request(method, path, headers=given))
    assert response is not None
    return response


async def chunks_of(response: Response) -> list[bytes]:
    assert response.chunks is not None
    return [chunk async for chunk in response.chunks]


def test_a_query_streams_its_patches_one_by_one() -> None:
    steps: list[str] = []

    async def count() -> AsyncIterator[Patch]:
        for number in range(3):
            steps.append(f"yields {number}")
            yield patch_signals({"n": number})

    declared(query, count, "count")

    async def run() -> list[str]:
        response = await answered("/count", "GET")
        assert ("content-type", "text/event-stream") in response.headers
        assert response.chunks is not None
        async for chunk in response.chunks:
            steps.append(chunk.decode().splitlines()[1])
        return steps

    assert asyncio.run(run()) == [
        "yields 0",
        'data: signals {"n":0}',
        "yields 1",
        'data: signals {"n":1}',
        "yields 2",
        'data: signals {"n":2}',
    ]


def test_a_plain_generator_streams_from_a_thread() -> None:
    def count() -> Iterator[Patch]:
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        yield patch_signals({"n": 1})
        yield patch_signals({"n": 2})

    declared(command, count, "count")

    chunks = asyncio.run(_all("/count"))
    assert len(chunks) == 2


async def _all(path: str, method: str = "POST", **headers: str) -> list[bytes]:
    return await chunks_of(await answered(path, method, **headers))


def test_what_was_yielded_is_stored_when_it_is_sent(shelf: Any) -> None:
    async def lend_all() -> AsyncIterator[Patch]:
        for pages in (1, 2):
            book = shelf.load("b1")
            book.pages = pages
            yield patch_signals({"pages": pages})

    declared(command, lend_all, "lend_all")
    seen: list[int] = []

    async def run() -> None:
        response = await answered("/lend_all")
        assert response.chunks is not None
        async for _ in response.chunks:
            seen.append(shelf.stored["b1"].pages)

    asyncio.run(run())
    assert seen == [1, 2]


def test_a_failure_takes_back_only_what_was_not_sent(shelf: Any, caplog: Any) -> None:
    async def lend() -> AsyncIterator[Patch]:
        shelf.load("b1").pages = 1
        yield patch_signals({"pages": 1})
        shelf.load("b1").pages = 2
        raise RuntimeError("internal-detail")

    declared(command, lend, "lend")

    chunks = asyncio.run(_all("/lend"))

    assert len(chunks) == 2
    assert b"internal" not in chunks[1]
    assert chunks[1].endswith(b"\n\n")
    assert shelf.stored["b1"].pages == 1
    assert "internal-detail" in caplog.text


def test_a_failure_before_the_first_is_an_ordinary_answer(shelf: Any) -> None:
    async def lend() -> AsyncIterator[Patch]:
        shelf.load("b1").pages = 2
        raise LookupError("x")
        yield patch_signals({})

    declared(command, lend, "lend")

    response = asyncio.run(answered("/lend"))
    assert response.status == 500
    assert shelf.stored["b1"].pages == 300


def test_a_query_stores_nothing_however_long_it_streams(shelf: Any) -> None:
    async def peek() -> AsyncIterator[Patch]:
        for pages in (1, 2):
            shelf.load("b1").pages = pages
            yield patch_signals({})

    declared(query, peek, "peek")

    assert len(asyncio.run(_all("/peek", "GET"))) == 2
    assert shelf.stored["b1"].pages == 300


def test_a_generator_without_values_is_nothing() -> None:
    async def none() -> AsyncIterator[Patch]:
        for _ in ():
            yield patch_signals({})

    declared(command, none, "none")

    assert asyncio.run(answered("/none")).status == 204


def test_a_program_that_reads_no_stream_gets_a_list() -> None:
    async def numbers() -> AsyncIterator[int]:
        yield 1
        yield 2

    declared(query, numbers, "numbers")

    response = asyncio.run(answered("/numbers", "GET", accept="application/json"))
    assert json.loads(response.body) == [1, 2]


def test_a_generator_that_never_ends_is_bounded_where_it_is_collected(caplog: Any) -> None:
    configure(limits={"items": 50})
    closed: list[bool] = []

    async def numbers() -> AsyncIterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.append(True)

    declared(query, numbers, "numbers")

    response = asyncio.run(answered("/numbers", "GET", accept="application/json"))
    assert response.status == 500
    assert closed == [True]
    assert "more than 50" in caplog.text


def test_markup_mappings_and_entities_become_patches(shelf: Any) -> None:
    class Markup:
        def __html__(self) -> str:
            return "<p id=a>x</p>"

    assert patches_from(Markup()) == [patch_elements("<p id=a>x</p>")]
    assert patches_from({"a": 1}) == [patch_signals({"a": 1})]
    assert b"secret-token" not in patches_from(shelf.find("b1"))[0].encode()
    assert patches_from([patch_signals({}), patch_signals({})]) == [patch_signals({})] * 2
    assert patches_from(None) == []
    with pytest.raises(TypeError, match="made of patches"):
        patches_from("text")


def serve(response: Response, *, leave_after: int | None = None) -> list[dict[str, Any]]:
    """Send *response* to a client that leaves after so many messages."""

    async def run() -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []
        left = asyncio.Event()

        async def send(message: Any) -> None:
            sent.append(dict(message))
            if leave_after is not None and len(sent) >= leave_after:
                left.set()
            await asyncio.sleep(0)

        async def receive() -> dict[str, Any]:
            await left.wait()
            return {"type": "http.disconnect"}

        await asyncio.wait_for(send_response(response, receive, send), 5)
        return sent

    return asyncio.run(run())


def endless(closed: list[bool]) -> Response:
    async def chunks() -> AsyncGenerator[bytes]:
        try:
            while True:
                yield b"x"
                await asyncio.sleep(0.001)
        finally:
            closed.append(True)

    return Response(200, chunks=chunks())


def test_a_client_that_leaves_ends_the_generator() -> None:
    closed: list[bool] = []

    sent = serve(endless(closed), leave_after=3)

    assert closed == [True]
    assert all(message.get("more_body", True) for message in sent)


def test_a_process_that_goes_down_ends_the_answer_well() -> None:
    closed: list[bool] = []
    response = endless(closed)
    state.hub.stop()

    sent = serve(response)

    assert closed == [True]
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
