"""Finding out what others wrote into our stores."""

import threading
from typing import Protocol, runtime_checkable

from nitro_entities.log import log_exception

POLL_SECONDS = 0.05
"""How often stores are looked at that do not tell by themselves."""

_AGAIN_SECONDS = 1.0
_PATIENCE_SECONDS = 2.0


class Watched(Protocol):
    """A store in which others can write: it finds out on its own when it is polled.

    It enters itself in ``feed().watched`` when it is opened and leaves it when it is closed.
    It is polled only when somebody watches.
    """

    def poll(self) -> None:
        """Publish what others changed since the last time, and deliver it."""


@runtime_checkable
class Following(Protocol):
    """A store that waits for the news of others, in a thread that is made for it.

    It enters itself in ``feed().watched`` like one that is polled, which it is not then.
    """

    def watch(self, stop: threading.Event) -> None:
        """Publish and deliver what others change until *stop* is set; look at it often.

        When it raises, that is logged and it is called again a second later; after a fork it is
        called in the child. It begins with an unknown change for each class in use, unless it
        knows that nothing was missed since the last call: a gap is never silent.
        """


class Watchers:
    """One thread that polls, and one for each store that follows."""

    def __init__(self) -> None:
        self.stores: list[Watched | Following] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._followers: list[_Follower] = []
        self._failing: dict[int, str] = {}

    @property
    def running(self) -> bool:
        """Say whether somebody looks for changes of others."""
        return self._thread is not None

    def start(self) -> None:
        """Start the thread if it does not run; the caller sees to it that only one does."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="nitro-changes", daemon=True)
            self._thread.start()

    def start_in_child(self) -> None:
        """Go on after a fork, which leaves the threads behind and copies held locks."""
        was_running, self._thread = self.running, None
        self._stop, self._followers = threading.Event(), []
        if was_running:
            self.start()

    def close(self) -> None:
        """End all threads."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=2 * _PATIENCE_SECONDS)

    def _run(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            present = tuple(self.stores)
            self._let_go(present)
            for store in present:
                if isinstance(store, Following):
                    self._follow(store)
                else:
                    self._poll(store)
        self._let_go(())

    def _poll(self, store: Watched) -> None:
        try:
            store.poll()
        except Exception as exc:
            # said once, not 20 times a second
            if self._failing.get(id(store)) != str(exc):
                self._failing[id(store)] = str(exc)
                log_exception("Could not look for changes in %r", store)
        else:
            self._failing.pop(id(store), None)

    def _follow(self, store: Following) -> None:
        if all(follower.store is not store for follower in self._followers):
            self._followers.append(_Follower(store))

    def _let_go(self, present: "tuple[Watched | Following, ...]") -> None:
        """End the threads of stores that were closed."""
        gone = [f for f in self._followers if all(f.store is not store for store in present)]
        self._followers = [f for f in self._followers if f not in gone]
        for follower in gone:
            follower.stop.set()
        for follower in gone:
            follower.thread.join(timeout=_PATIENCE_SECONDS)


class _Follower:
    """The thread of one store."""

    def __init__(self, store: Following) -> None:
        self.store = store
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._run, name="nitro-follower", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        failing = ""
        while not self.stop.is_set():
            try:
                self.store.watch(self.stop)
                failing = ""
            except Exception as exc:
                if failing != str(exc) and not self.stop.is_set():
                    failing = str(exc)
                    log_exception("Could not look for changes in %r", self.store)
            self.stop.wait(_AGAIN_SECONDS)
