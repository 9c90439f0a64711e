"""Reading the log as it grows: in order, each message once, and never past a gap unseen."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from nitro_events.instances.letters import Reader
from nitro_events.instances.pauses import Pauses

if TYPE_CHECKING:
    from nitro_events.instances.broker import Lost, Published, Receive
    from nitro_events.instances.log import Entry, Log, Mark, Session

__all__ = ["Tail"]

_log = logging.getLogger("nitro_events")

_WAIT_SECONDS = 2.0
"""How long to wait for entries before looking whether the log is still the same one."""


class Tail:
    """The thread that follows the log, from its end at the time when it begins.

    *anchored* is set when it knows where it begins.
    """

    def __init__(self, log: Log, anchored: threading.Event) -> None:
        self._server = log
        self._anchored = anchored
        self._reader = Reader()
        self._listeners: tuple[tuple[Receive, Lost], ...] = ()
        self._session: Session | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="nitro-events-read", daemon=True)
        self.mark: Mark | None = None

    def add(self, receive: Receive, lost: Lost) -> None:
        """Let somebody listen from now on."""
        with self._lock:
            self._listeners = (*self._listeners, (receive, lost))

    def start(self) -> None:
        """Begin to follow the log."""
        self._thread.start()

    def stop(self) -> None:
        """End soon: nothing is delivered after what is being delivered now."""
        self._stopping.set()
        with self._lock:
            session = self._session
        if session is not None:
            session.wake()

    def join(self, timeout: float) -> None:
        """Wait for the end of the thread, unless this is the thread."""
        if self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _run(self) -> None:
        pauses = Pauses()
        while not self._stopping.is_set():
            session: Session | None = None
            try:
                session = self._server.open()
                self._hold(session)
                self._resume(session)
                if pauses.count:
                    pauses.over()
                    _log.info("The other instances are heard again")
                while not self._stopping.is_set():
                    self._read(session)
            except Exception as exc:
                if self._stopping.is_set():
                    return
                self._complain(exc, pauses)
                self._stopping.wait(pauses.next())
            finally:
                self._hold(None)
                if session is not None:
                    session.close()

    def _complain(self, exc: Exception, pauses: Pauses) -> None:
        if pauses.count == 0:
            unforeseen = not isinstance(exc, self._server.errors)
            told = "The other instances cannot be heard, trying again: %s"
            _log.warning(told, exc, exc_info=exc if unforeseen else None)

    def _hold(self, session: Session | None) -> None:
        with self._lock:
            self._session = session

    def _read(self, session: Session) -> None:
        assert self.mark is not None
        entries = session.read(self.mark.position, _WAIT_SECONDS)
        for entry in entries:
            if self._stopping.is_set():
                return
            self._take(entry)
        if not entries:
            self._resume(session)

    def _resume(self, session: Session) -> None:
        """Make sure that the log is still the one that was read up to `mark`."""
        standing = session.standing()
        mark = self.mark
        if mark is None:
            self.mark = standing.newest
            self._anchored.set()
        elif standing.begin.epoch != mark.epoch:
            self._begin_anew(standing.begin)
        elif standing.oldest <= mark.position and not _is_there(session, mark):
            # the server went back to an older state: what some have read is not there any more
            session.renew(mark.epoch)
            self._begin_anew(session.standing().begin)

    def _begin_anew(self, begin: Mark) -> None:
        self.mark = begin
        self._lose()

    def _take(self, entry: Entry) -> None:
        assert self.mark is not None
        before, now = self.mark, entry.mark
        found = self._reader.read(entry)
        if found is None and not entry.begins and not now.follows(before):
            # what others put there has no place in our count
            self.mark = now._replace(epoch=before.epoch, ordinal=before.ordinal)
            return
        if not now.follows(before):
            self.mark = now  # who is told asks for the identity
            self._lose()
        if found is not None:
            self._deliver(found)
        self.mark = now

    def _deliver(self, found: Published) -> None:
        for receive, _ in self._listeners:
            try:
                receive(*found)
            except Exception:
                _log.exception("A message of another instance could not be handled")

    def _lose(self) -> None:
        _log.warning("Messages of other instances may be lost: their log was cut or lost")
        for _, lost in self._listeners:
            try:
                lost()
            except Exception:
                _log.exception("The loss of messages could not be handled")


def _is_there(session: Session, mark: Mark) -> bool:
    found = session.span(mark.position, 1)
    return bool(found) and found[0].mark[1::2] == mark[1::2]  # the position and the stamp
