"""A lock that serves those who wait in the order of their coming."""

import threading
from collections import deque


class FairLock:
    """Be held by one at a time; may be released by another thread than the one that took it."""

    __slots__ = ("_held", "_mutex", "_waiting")

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._held = False

    def acquire(self, timeout: float = -1) -> bool:
        """Wait for the turn; False when *timeout* seconds were not enough."""
        with self._mutex:
            if not self._held:
                self._held = True
                return True
            if timeout == 0:
                return False
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append(gate)
        if gate.acquire(timeout=timeout):
            return True
        with self._mutex:
            if gate in self._waiting:
                self._waiting.remove(gate)
                return False
        return True  # it was handed over between the time-out and now

    def release(self) -> None:
        """Hand the lock to whoever waits longest."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False
