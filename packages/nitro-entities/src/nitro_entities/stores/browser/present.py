"""Which session is the present one: that of a block, of a request, or of a script."""

import asyncio
import contextvars
import secrets
import threading
import weakref
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, NamedTuple

from nitro_entities.state import state
from nitro_entities.stores.browser.session import BrowserSession

Source = Callable[[], BrowserSession | None]


class Sessions:
    """Where the session of the present request comes from.

    A joint sets *source*: it answers the session of the request that is being answered, or None
    if there is none.
    """

    def __init__(self) -> None:
        self.source: Source | None = None


def sessions() -> Sessions:
    """Answer where sessions come from."""
    return state.part(Sessions)


class _Own(NamedTuple):
    """The session of a script, and where it was made."""

    session: BrowserSession
    owner: Sessions
    thread: int
    task: "weakref.ref[asyncio.Task[Any]] | None"


_given: contextvars.ContextVar[BrowserSession | None] = contextvars.ContextVar(
    "nitro_browser_session", default=None
)
_own: contextvars.ContextVar[_Own | None] = contextvars.ContextVar(
    "nitro_own_browser_session", default=None
)


@contextmanager
def browser_session(session: BrowserSession | None = None) -> Generator[BrowserSession]:
    """Let the entities of the browser be those of *session* inside the ``with`` block.

    Tasks started inside, and threads that get a copy of the context (``asyncio.to_thread``), see
    the same ones. Without *session* it is an empty one that nobody sends anywhere.
    """
    inside = _nobodys() if session is None else session
    token = _given.set(inside)
    try:
        yield inside
    finally:
        _given.reset(token)


def current_session() -> BrowserSession:
    """Answer the session that entities of the browser are read from and saved to.

    That is the one of the ``with browser_session()`` around, else that of the request that is
    being answered. Without either, as in a script, it is one that lives in the memory of this
    thread (in async code: of this task) and belongs to nobody: what is saved can be got again
    there, is sent to no browser, is seen in no other thread or task, and is gone with it. A
    server without an adapter of ours has to open a `browser_session` for each request, or the
    requests that one worker thread answers would share this one.
    """
    given = _given.get()
    if given is not None:
        return given
    source = sessions().source
    found = None if source is None else source()
    return _own_session() if found is None else found


def _own_session() -> BrowserSession:
    thread, task = threading.get_ident(), _current_task()
    own = _own.get()
    # contexts are copied into tasks and threads: what was made elsewhere is somebody else's
    if own is not None and own.owner is sessions() and own.thread == thread:
        made_in = None if own.task is None else own.task() or own
        if made_in is task:
            return own.session
    session = _nobodys()
    place = None if task is None else weakref.ref(task)
    _own.set(_Own(session, sessions(), thread, place))
    return session


def _nobodys() -> BrowserSession:
    return BrowserSession(caller=f"nobody:{secrets.token_hex(8)}")


def _current_task() -> "asyncio.Task[Any] | None":
    try:
        return asyncio.current_task()
    except RuntimeError:  # no event loop runs in this thread
        return None
