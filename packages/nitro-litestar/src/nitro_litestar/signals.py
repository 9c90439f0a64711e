"""``ReadSignals``: what the browser's signals are, as an annotation of a handler's parameter."""

from typing import Annotated, Any

from litestar import Request
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter, SkipValidationMarker

from nitro_events import Signals
from nitro_events.http.asgi import request_of
from nitro_events.http.inputs import may_be_signals, sent_signals
from nitro_events.http.problems import HttpError
from nitro_events.signals import BadSignals

__all__ = ["ReadSignals", "read_signals", "takes_signals"]

_NAME = "nitro-signals"


async def read_signals(request: Request[Any, Any, Any]) -> Signals:
    """Read the signals that Datastar sent with *request*, from the query or from the body.

    For dependencies: ``Provide(read_signals)``. Raises HTTPException 400 when they are not a JSON
    object, 413 when they are too large, 415 for a charset that is not read.
    """
    neutral = request_of(request.scope, request.receive)  # type: ignore[arg-type]
    body = await request.body() if may_be_signals(neutral) else b""
    try:
        return sent_signals(neutral, body)
    except BadSignals as error:
        raise HTTPException(str(error), status_code=error.status) from None
    except HttpError as error:
        raise HTTPException(error.detail, status_code=error.status) from None


# for Litestar a parameter that nobody sends and that is not described: we fill it in
ReadSignals = Annotated[
    Signals,
    QueryParameter(name=_NAME, required=False, include_in_schema=False),
    SkipValidationMarker(),
]
"""``signals: ReadSignals`` gives attribute access to what the browser sent."""


def takes_signals(handler: HTTPRouteHandler) -> tuple[str, ...]:
    """Return the names of the parameters of *handler* that are annotated with `ReadSignals`."""
    fields = handler.parsed_fn_signature.parameters
    return tuple(
        name
        for name, field in fields.items()
        if isinstance(field.kwarg_definition, QueryParameter)
        and field.kwarg_definition.name == _NAME
    )
