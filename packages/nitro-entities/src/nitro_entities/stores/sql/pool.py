"""Connections that are used by one thread at a time and kept for the next."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from nitro_entities.errors import StoreBusy


class Pooled(Protocol):
    """What a pool keeps."""

    def is_lost(self) -> bool:
        """Say whether nothing can be done with it any more; asked while nobody uses it."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


P = TypeVar("P", bound=Pooled)


class _Gate(Generic[P]):
    """Somebody who waits for a connection, or for the right to open one."""

    __slots__ = ("given", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lock.acquire()
        self.given: P | None = None


class Pool(Generic[P]):
    """Hand out at most *most* connections at once, in the order in which they are asked for."""

    def __init__(self, open: Callable[[], P], *, most: int, seconds: float, name: str) -> None:
        self._open = open
        self._most = most
        self._seconds = seconds
        self._name = name
        self._idle: deque[P] = deque()
        self._waiting: deque[_Gate[P]] = deque()
        self._mutex = threading.Lock()
        self._number = 0

    def take(self) -> P:
        """Answer a connection that nobody else uses. Raises StoreBusy."""
        while True:
            if self._waiting:
                return self._wait()
            try:
                one = self._idle.pop()
            except IndexError:
                return self._wait()
            if not one.is_lost():
                return one
            self.discard(one)

    def give(self, one: P) -> None:
        """Take back a connection that can be used on."""
        self._idle.append(one)
        if self._waiting:
            self._serve()

    def discard(self, one: P) -> None:
        """Close a connection that cannot be used on."""
        one.close()
        self._free_place()

    def close(self) -> None:
        """Close those that nobody uses."""
        while self._idle:
            self.discard(self._idle.pop())

    def _wait(self) -> P:
        gate: _Gate[P] | None = None
        with self._mutex:
            if self._number < self._most:
                self._number += 1
            else:
                gate = _Gate()
                self._waiting.append(gate)
        if gate is None:
            return self._opened()
        self._serve()  # one may have come back just before
        if not gate.lock.acquire(timeout=self._seconds):
            with self._mutex:
                if gate in self._waiting:
                    self._waiting.remove(gate)
                    raise self._busy()
        if gate.given is None:
            return self._opened()
        if gate.given.is_lost():
            self.discard(gate.given)
            return self.take()
        return gate.given

    def _opened(self) -> P:
        try:
            return self._open()
        except BaseException:
            self._free_place()
            raise

    def _serve(self) -> None:
        """Hand what is idle to those who wait longest."""
        with self._mutex:
            while self._waiting and self._idle:
                try:
                    one = self._idle.pop()
                except IndexError:
                    return
                gate = self._waiting.popleft()
                gate.given = one
                gate.lock.release()

    def _free_place(self) -> None:
        """Let whoever waits longest open a connection."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().lock.release()
            else:
                self._number -= 1

    def _busy(self) -> StoreBusy:
        return StoreBusy(
            f"All {self._most} connections to {self._name} were in use for {self._seconds} s. "
            f"Commit earlier, or allow more with configure(pool_size=…)"
        )
