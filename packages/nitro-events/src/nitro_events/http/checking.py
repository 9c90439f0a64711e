"""A form is looked at while it is filled in: the header ``Nitro-Check`` names fields of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from nitro_events.http.response import Response, json
from nitro_events.outcomes import Refused
from nitro_events.texts import said
from nitro_events.threads import in_thread
from nitro_events.units import discarding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nitro_events.http.inputs import Input
    from nitro_events.http.operations import Operation
    from nitro_events.http.request import Request
    from nitro_events.resources import Seal

__all__ = ["check", "fields_to_check"]

HEADER = "nitro-check"


def fields_to_check(request: Request) -> frozenset[str] | None:
    """Return the fields that *request* asks about; None if it means what it sends."""
    text = request.headers.by_name.get(HEADER)
    if text is None:
        return None
    return frozenset(unquote(name.strip()) for name in text.split(",") if name.strip())


async def check(
    request: Request, operation: Operation, given: Input, seal: Seal, asked: frozenset[str]
) -> Response:
    """Answer what would be wrong, by field, as JSON: ``{"errors": {"name": "…"}}``.

    Reading, policy and seal are those of the operation; nothing is stored.
    """

    def look() -> Mapping[str, str]:
        with discarding():
            try:
                return operation.errors(request, given, seal, asked)
            except Refused as exc:
                return exc.errors

    errors = await in_thread(look)
    told = {name: said(text) for name, text in errors.items()}
    return json({"errors": told}, headers=[("cache-control", "no-store")])
