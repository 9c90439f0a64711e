"""FastHTML's own answer, written where it may wait for a store."""

from collections.abc import Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from nitro_events.http.request import current_request
from nitro_events.threads import in_thread
from nitro_starlette.responses import commit

__all__ = ["InThread"]


class InThread(Response):
    """The response that *write* returns; it is called in a worker thread, once that is sent."""

    def __init__(self, write: Callable[[], Response], status: int) -> None:
        super().__init__(status_code=status)
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Store what was changed until now, write, and send."""
        request = current_request.get()
        if request is not None:
            await commit(request, self.status_code)
            await request.identify()  # parts ask who looks at them
        response = await in_thread(self._write)
        await response(scope, receive, send)
