"""The relay: takes messages out of the stores and has their handlers run.

Several may run, in one process and in many: who changes a delivery from waiting to running has it.
Messages come roughly in the order of their commits, and none waits for another: one that fails
is tried again later while those behind it go on. A handler that needs an order must look for it
in the data.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
from collections import deque
from contextlib import contextmanager
from contextvars import Context
from typing import TYPE_CHECKING

from nitro_events.durable.handover import hand_over
from nitro_events.durable.life import Watch
from nitro_events.durable.options import options
from nitro_events.durable.queue import WAITING, queues
from nitro_events.durable.registry import registry
from nitro_events.durable.runner import Taken, runner
from nitro_events.durable.troubles import Troubles
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from nitro_events.durable.queue import Delivery, Queue

__all__ = ["Relay"]

log = logging.getLogger("nitro_events")

PORTION = 20
"""How many deliveries are looked up at once, for each thread."""
TAKE_IN = 10
"""How many portions of an outbox are taken in before handlers are run again."""
FIRST_PAUSE = 0.01
PURGE_EVERY = 600.0
REPORT_EVERY = 300.0


class Busy:
    """How many messages this process is at."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0

    @contextmanager
    def one_more(self) -> Generator[None]:
        """Count one more while the block runs."""
        with self._lock:
            self.count += 1
        try:
            yield
        finally:
            with self._lock:
                self.count -= 1

    def forget(self) -> None:
        """Leave what the parent process is at to it, after a fork."""
        self._lock, self.count = threading.Lock(), 0


class Relay:
    """Looks for messages and runs their handlers, in threads that `start` makes, or in `drain`."""

    def __init__(self, wanted: Callable[[Queue], bool] = lambda _: True) -> None:
        self._wanted = wanted
        self._looking = threading.Lock()
        self._found: deque[tuple[Queue, Delivery]] = deque()
        self._watch = Watch()
        self._troubles = Troubles()
        self._threads: list[threading.Thread] = []
        self._awake = threading.Condition()
        self._calls = 0
        self._busy = state.part(Busy)
        self._stopped = False
        self._next_purge = time.monotonic() + PURGE_EVERY
        self._next_report = 0.0

    @property
    def is_running(self) -> bool:
        """Whether threads look for messages."""
        return bool(self._threads) and not self._stopped

    def start(self, threads: int | None = None) -> None:
        """Begin to look for messages in so many threads; a second call does nothing."""
        with self._awake:
            if self._threads:
                return
            count = options().threads if threads is None else threads
            names = [f"nitro durable {number}" for number in range(count)]
            self._threads = [
                threading.Thread(target=Context().run, args=(self._work,), name=name, daemon=True)
                for name in names
            ]
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Look now: there may be a message."""
        with self._awake:
            self._calls += 1
            self._awake.notify_all()

    def stop(self, grace: float = 10.0) -> bool:
        """Finish what runs and end the threads; False if something runs longer than *grace*.

        That is taken over by others as soon as this process has ended.
        """
        with self._awake:
            self._stopped = True
            self._awake.notify_all()
        deadline = time.monotonic() + grace
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def drain(self, timeout: float = 30.0) -> int:
        """Run here all that is due, what that brings too; answer how many messages those were.

        Waits for what other threads of this process run. Messages that wait for a retry are
        left. Raises TimeoutError.
        """
        return Context().run(self._drain, time.monotonic() + timeout)

    def _drain(self, deadline: float) -> int:
        count = 0
        while time.monotonic() < deadline:
            if self._do_next():
                count += 1
            elif not self._busy.count:
                return count
            else:
                time.sleep(0.005)
        msg = f"There was still something to do for durable handlers after {count} messages"
        raise TimeoutError(msg)

    def _work(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopped:
            calls = self._calls
            try:
                worked = self._do_next()
            except Exception as exc:  # the store is busy or away
                if not (self._troubles.told(exc) or self._stopped):
                    log.warning("A message for a durable handler could not be handled: %s", exc)
                worked, pause = False, options().poll
            if worked:
                pause = FIRST_PAUSE
                continue
            with self._awake:
                if self._calls == calls and not self._stopped:
                    self._awake.wait(pause)
                pause = FIRST_PAUSE if self._calls != calls else min(pause * 2, options().poll)

    def _do_next(self) -> bool:
        """Run one handler; False if there is nothing to do."""
        with self._busy.one_more():
            with self._looking:
                if not self._found:
                    self._look()
                if not self._found:
                    return False
                queue, delivery = self._found.popleft()
            try:
                self._do(queue, delivery)
            except Taken:
                # others look at the same ones in the same order
                with self._looking:
                    random.shuffle(self._found)
            return True

    def _do(self, queue: Queue, delivery: Delivery) -> None:
        one = registry().find(delivery.handler, delivery.target)
        if one is None:
            return
        bridge = registry().bridge_of(one)
        if bridge is not None:
            hand_over(queue, delivery, one, bridge)
        else:
            runner().run(queue, delivery, one)

    def _look(self) -> None:
        names = registry().names
        trouble: Exception | None = None
        reached: list[Queue] = []
        for queue in queues():
            if not self._wanted(queue):
                continue
            error = self._troubles.at(queue) or self._look_into(queue, names)
            if error is None:
                reached.append(queue)
            trouble = error or trouble
        self._watch.look(reached)
        self._tend(reached, names)
        if trouble is not None and not self._found:
            raise trouble

    def _look_into(self, queue: Queue, names: list[str]) -> Exception | None:
        """Look up what is due in one store; answer why that failed, if it did."""
        try:
            for _ in range(TAKE_IN):
                if not queue.take_in():
                    break
            portion = PORTION * max(1, len(self._threads))
            self._found.extend((queue, one) for one in queue.due(names, portion))
        except Exception as exc:
            self._troubles.met(queue, exc)
            return exc
        self._troubles.over(queue)
        return None

    def _tend(self, chosen: list[Queue], names: list[str]) -> None:
        now = time.monotonic()
        if now >= self._next_purge:
            self._next_purge = now + PURGE_EVERY
            for queue in chosen:
                queue.purge()
        if now >= self._next_report and not self._found:
            self._next_report = now + REPORT_EVERY
            for queue in chosen:
                others = {d.handler for d in queue.in_state(WAITING, 1000)}.difference(names)
                if others:
                    log.warning(
                        "Messages wait for durable handlers that are not known here: %s. A worker "
                        "of the release that has them will run them",
                        ", ".join(sorted(others)),
                    )


def _forget() -> None:
    # only if there is one: whoever makes the first may hold a lock in the parent process
    busy = state.made(Busy)
    if busy is not None:
        busy.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
