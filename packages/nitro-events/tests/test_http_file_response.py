"""A file that was opened for an answer is let go of, whoever leaves and whenever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from nitro_events.http.asgi import send_response
from nitro_events.http.file_response import file_response
from nitro_events.http.iterables import Chunks
from nitro_events.http.request import Request
from nitro_events.http.response import Response

CONTENT = [b"one", b"two", b"three"]


class Reader:
    """A file in pieces, which knows whether somebody has it open."""

    def __init__(self) -> None:
        self.open = 0

    def __call__(self, start: int, length: int | None) -> Iterator[bytes]:
        self.open += 1
        return self._pieces()

    def _pieces(self) -> Iterator[bytes]:
        try:
            yield from CONTENT
        finally:
            self.open -= 1


def answer_of(reader: Reader, method: str = "GET") -> Response:
    size = sum(map(len, CONTENT))
    request = Request(method, "/")
    return file_response(
        request, reader, size=size, type="text/plain", name="a", tag="1", inline=False
    )


async def _asgi(response: Response, *, takes: int) -> list[bytes]:
    """Send to a client that takes so many messages, and leaves."""
    taken: list[bytes] = []
    left = asyncio.Event()

    async def send(message: Any) -> None:
        if len(taken) == takes:
            left.set()
            await asyncio.Future()
        taken.append(message.get("body", b""))

    async def receive() -> Any:
        await left.wait()
        return {"type": "http.disconnect"}

    await send_response(response, receive, send)
    return taken


@pytest.mark.parametrize("takes", [0, 1, 2, 9])
def test_an_asgi_client_that_leaves_leaves_no_file_open(takes: int) -> None:
    reader = Reader()
    taken = asyncio.run(_asgi(answer_of(reader), takes=takes))

    assert reader.open == 0
    assert taken == [b"", *CONTENT, b""][:takes]


async def _cancelled(response: Response) -> None:
    async def never(*_: Any) -> Any:
        await asyncio.Future()

    serving = asyncio.ensure_future(send_response(response, never, never))
    await asyncio.sleep(0)
    serving.cancel()
    await asyncio.wait([serving])


def test_an_answer_that_is_given_up_before_it_begins_leaves_no_file_open() -> None:
    reader = Reader()
    asyncio.run(_cancelled(answer_of(reader)))

    assert reader.open == 0


@pytest.mark.parametrize("takes", [0, 1, 3])
def test_a_wsgi_client_that_leaves_leaves_no_file_open(takes: int) -> None:
    reader = Reader()
    chunks = answer_of(reader).chunks
    assert chunks is not None
    parts = Chunks(chunks, whole=True)
    taken = [next(parts) for _ in range(takes)]
    parts.close()

    assert reader.open == 0
    assert taken == CONTENT[:takes]


def test_a_head_opens_nothing() -> None:
    reader = Reader()
    answer = answer_of(reader, "HEAD")

    assert (answer.status, reader.open) == (200, 0)


def test_what_cannot_be_read_is_told_before_anything_is_sent() -> None:
    def broken(start: int, length: int | None) -> Iterator[bytes]:
        raise FileNotFoundError
        yield b""

    with pytest.raises(FileNotFoundError):
        answer_of(broken)  # type: ignore[arg-type]
