"""Blocking work of an async request, in the thread where Django keeps its connections."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async

__all__ = ["RequestThread"]

P = ParamSpec("P")
T = TypeVar("T")


class RequestThread:
    """Calls functions in the thread that Django has for the sync code of one request.

    Connections to databases are closed there, and tests have their transaction there. Streams go
    on when the request is *over*: what they do takes any thread.
    """

    def __init__(self) -> None:
        self.over = False

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what *function* returns."""
        if self.over:
            return await asyncio.to_thread(function, *args, **kwargs)
        return await sync_to_async(function)(*args, **kwargs)
