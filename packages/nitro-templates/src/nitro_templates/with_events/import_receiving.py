"""The form with the file of an import, read as it comes."""

from __future__ import annotations

from dataclasses import dataclass

from nitro_events.http.inputs import Input, form_input
from nitro_events.http.multipart import PartsReader, is_multipart
from nitro_events.http.problems import BadRequest
from nitro_events.http.request import Request
from nitro_events.seal import BadSeal
from nitro_events.state import state
from nitro_events.texts import Text
from nitro_templates.table.importing import FILE, MOST, SIZE

_FIELDS = 64 * 1024
"""Room for what is in the form besides the file."""


@dataclass(slots=True)
class Received:
    """A form with a file, as it came."""

    given: Input
    content: bytes = b""
    name: str = ""


class _File(bytearray):
    name = ""

    def write(self, piece: bytes, /) -> None:
        """Add *piece*."""
        self.extend(piece)

    def end(self) -> str:
        """Answer the text of the field."""
        return self.name


async def receive(request: Request) -> Received:
    """Read the form; how large it may be was signed for this caller."""
    if not is_multipart(request):
        msg = Text("Send a form with a file")
        raise BadRequest(msg)
    try:
        signed = state.sealer.open(SIZE, request.query.get(MOST, [""])[-1])
    except BadSeal:
        signed = {}
    size = signed.get("b") if signed.get("u") == request.caller.id else None
    most = size if isinstance(size, int) else 0
    file = _File()

    def begin(field: str, name: str) -> _File | None:
        file.name = name
        return file if field == FILE and not file else None

    reader = PartsReader(request, begin)
    async for chunk in request.stream(most + _FIELDS):
        reader.write(chunk)
    parts = reader.end()
    return Received(form_input(parts.texts, parts.files), bytes(file), file.name)
