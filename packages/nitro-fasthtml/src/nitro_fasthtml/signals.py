"""``ReadSignals``: what the browser's signals are, as an annotation of a handler's parameter."""

from typing import Self

from starlette.requests import Request

from nitro_events import Signals
from nitro_starlette.signals import read_signals

__all__ = ["ReadSignals"]


class ReadSignals(Signals):
    """``signals: ReadSignals`` gives attribute access to what the browser sent."""

    __slots__ = ()

    # FastHTML calls it by the kinds of its parameters, older ones by their order; to it, a `dict`
    # with arguments is another kind
    @classmethod
    async def __from_request__(cls, data: dict, request: Request) -> Self:  # type: ignore[type-arg] # pyright: ignore[reportMissingTypeArgument, reportUnknownParameterType]
        """Be asked by FastHTML for the value of a parameter. Raises as `read_signals` does."""
        return cls(dict(await read_signals(request)))
