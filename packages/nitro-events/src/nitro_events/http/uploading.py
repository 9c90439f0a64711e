"""A form with files that are put away while they come, in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_events.allowances import uploads_of
from nitro_events.http.multipart import PartsReader
from nitro_events.state import state
from nitro_events.threads import in_thread
from nitro_events.uploads import RefusedFile, keeper, refusal, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nitro_events.fields import Field
    from nitro_events.http.multipart import Parts
    from nitro_events.http.request import Request
    from nitro_events.uploads import Sink

__all__ = ["PIECE", "parts_as_they_come", "write_body"]

PIECE = 256 * 1024
"""How many bytes are written at a time."""


async def parts_as_they_come(request: Request, fields: Mapping[str, Field]) -> Parts:
    """Read the form that *request* brings; files for *fields* are kept by who keeps them.

    The text of such a field is what stands for the file. Raises as `parts_of` does.
    """
    sinks: list[_SignedSink] = []
    allowed = uploads_of(request.caller)

    def begin(field: str, name: str) -> _SignedSink | None:
        item = fields.get(field)
        if item is None:
            return None
        inner = keeper().begin(item.annotation, name, allowed)
        sinks.append(_SignedSink(inner, request.caller.id))
        return sinks[-1]

    reader = PartsReader(request, begin)
    try:
        await write_body(request, reader.write, state.settings.limits.upload)
        return await in_thread(reader.end)
    except BaseException:
        for sink in sinks:  # nobody is told what stands for those that came
            await in_thread(sink.discard)
        raise


async def write_body(request: Request, write: Callable[[bytes], object], most: int) -> None:
    """Hand the body, *most* bytes at most, to *write* in large pieces, in a thread."""
    held = bytearray()
    async for chunk in request.stream(most):
        held += chunk
        if len(held) >= PIECE:
            await in_thread(write, bytes(held))
            held.clear()
    await in_thread(write, bytes(held))


class _SignedSink:
    """Takes a file and signs for it; one that is refused is read to its end and forgotten."""

    def __init__(self, inner: Sink, caller_id: str | None) -> None:
        self._inner = inner
        self._caller_id = caller_id
        self._refused: str | None = None

    def write(self, piece: bytes, /) -> None:
        if self._refused is None:
            try:
                self._inner.write(piece)
            except RefusedFile as exc:
                self._refused = exc.text
                self._inner.cancel()

    def end(self) -> str:
        if self._refused is None:
            try:
                return signed(self._inner.end(), self._caller_id)
            except RefusedFile as exc:
                self._refused = exc.text
        return refusal(self._refused)

    def discard(self) -> None:
        self._inner.discard()
