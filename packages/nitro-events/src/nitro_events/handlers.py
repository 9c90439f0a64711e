"""Who handles which event, and how a handler of any kind is called.

blinker keeps receivers in sets, calls them in no order, stops at the first error and refuses to
mix sync and async ones. So each signal gets one receiver of ours, a `Dispatcher`, which runs the
handlers that `on` registered.
"""

from __future__ import annotations

import asyncio
import fnmatch
import functools
import inspect
import logging
import threading
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from contextvars import ContextVar
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from blinker import NamedSignal, Signal, default_namespace

from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

__all__ = ["Dispatcher", "Handler", "Handlers", "current_sender", "is_pattern"]

Function: TypeAlias = "Callable[..., Any]"
Kind: TypeAlias = Literal["sync", "async", "generator", "async generator"]

Step: TypeAlias = "tuple[Handler, Function, tuple[str, ...] | None, bool]"
"""One call of a plan: the handler; its function; the keywords to give, None to call the function
with the sender and all of them; whether the result is what it returns, if not a coroutine. A
plain tuple, because those are unpacked fastest."""
Key: TypeAlias = "tuple[Signal | str, ...]"
"""What a plan is for: the signal, then the names of the keywords."""

_log = logging.getLogger("nitro_events")
_MAX_PLANS = 1024

current_sender: ContextVar[object] = ContextVar("nitro_current_sender", default=None)
"""The sender of the event that is being handled."""


class Handler:
    """A function that handles an event, looked at once: its kind and the keywords it names."""

    __slots__ = ("_first", "_names", "function", "kind", "name", "order", "takes_sender")

    def __init__(self, function: Function, order: tuple[int, int] = (0, 0)) -> None:
        self.function = function
        self.name: str = getattr(function, "__qualname__", repr(function))
        self.order = order
        self.kind = _kind(function)
        self.takes_sender, self._first, self._names = _parameters(function)

    def __repr__(self) -> str:
        return f"<Handler {self.name} ({self.kind})>"

    def step(self, names: Collection[str]) -> Step:
        """Return how to call the function with an event that carries *names*."""
        wanted = tuple(name for name in names if self._takes(name))
        direct = self.takes_sender and len(wanted) == len(names)
        return self, self.function, None if direct else wanted, self.kind == "sync"

    def call(self, sender: object, given: Mapping[str, object]) -> Any:
        """Call the function with the sender, if it takes one, and with what is *given*."""
        return self.function(sender, **given) if self.takes_sender else self.function(**given)

    def _takes(self, name: str) -> bool:
        return name != self._first if self._names is None else name in self._names


class Handlers:
    """All registered handlers: by signal and by pattern of names."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._by_signal: dict[Signal, list[Handler]] = {}
        self._by_pattern: list[tuple[str, Handler]] = []
        self._dispatchers: dict[Signal, Dispatcher] = {}
        self._plans: dict[Key, tuple[Step, ...]] = {}
        self._count = 0
        self._running: set[asyncio.Task[Any]] = set()
        state.on_reset(self.clear)

    def add(self, signal: Signal, function: Function, priority: int) -> None:
        """Let *function* handle *signal*; a second time changes only its priority."""
        with self._lock:
            handlers = self._by_signal.setdefault(signal, [])
            handlers[:] = [h for h in handlers if h.function is not function]
            handlers.append(self._new(function, priority))
            self._attach(signal)
            self._plans.clear()

    def add_pattern(self, pattern: str, function: Function, priority: int) -> None:
        """Let *function* handle every event whose name fits *pattern*."""
        with self._lock:
            self._by_pattern.append((pattern, self._new(function, priority)))
            # signals made by blinker alone know nothing of patterns
            for name, signal in list(default_namespace.items()):
                if fnmatch.fnmatchcase(name, pattern):
                    self._attach(signal)
            self._plans.clear()

    def clear(self) -> None:
        """Forget every handler and leave the signals."""
        with self._lock:
            for signal, dispatcher in self._dispatchers.items():
                Signal.disconnect(signal, dispatcher)
            self._dispatchers.clear()
            self._by_signal.clear()
            self._by_pattern.clear()
            self._plans.clear()

    def plan(self, signal: Signal | str, names: Collection[str] = ()) -> tuple[Step, ...]:
        """Return who is to be called, in order, for an event that carries *names*.

        *signal* may be a name that nobody has a signal for. Made once, until somebody registers.
        """
        key = (signal, *names)
        found = self._plans.get(key)
        if found is not None:
            return found
        with self._lock:
            plan = tuple(handler.step(names) for handler in self._ordered(signal))
            # names come from URLs too: remembering them must not cost memory without end
            if len(self._plans) >= _MAX_PLANS:
                self._plans.clear()
            self._plans[key] = plan
            return plan

    def run(
        self,
        signal: Signal | str,
        sender: object,
        values: Mapping[str, object],
        others: Iterable[Function] = (),
    ) -> list[Any]:
        """Run the handlers, then *others*; async ones as tasks of a loop that is running here.

        Every handler runs; afterwards their exceptions are raised as one ExceptionGroup.
        """
        plan = self._plans.get((signal, *values)) or self.plan(signal, values)
        if others:
            plan += tuple(Handler(function).step(values) for function in others)
        if not plan:
            return []
        results: list[Any] = []
        errors: list[Exception] = []
        token = current_sender.set(sender)
        try:
            for handler, function, names, plain in plan:
                try:
                    if names is None:
                        result = function(sender, **values)
                    else:
                        result = handler.call(sender, {name: values[name] for name in names})
                    if not plain or isinstance(result, CoroutineType):
                        result = self._finish(handler, result)
                    results.append(result)
                except Exception as exc:
                    errors.append(_noted(exc, handler))
        finally:
            current_sender.reset(token)
        if errors:
            raise _group(signal, errors)
        return results

    async def arun(
        self,
        signal: Signal | str,
        sender: object,
        values: Mapping[str, object],
        others: Iterable[Function] = (),
    ) -> list[Any]:
        """Run the handlers one after the other, awaiting the async ones; errors as in `run`."""
        plan = self._plans.get((signal, *values)) or self.plan(signal, values)
        if others:
            plan += tuple(Handler(function).step(values) for function in others)
        if not plan:
            return []
        results: list[Any] = []
        errors: list[Exception] = []
        token = current_sender.set(sender)
        try:
            for handler, function, names, plain in plan:
                try:
                    if names is None:
                        result = function(sender, **values)
                    else:
                        result = handler.call(sender, {name: values[name] for name in names})
                    if not plain or _is_awaitable(result):
                        result = await _finished(handler, result)
                    results.append(result)
                except Exception as exc:
                    errors.append(_noted(exc, handler))
        finally:
            current_sender.reset(token)
        if errors:
            raise _group(signal, errors)
        return results

    def others(self, signal: Signal, sender: object) -> list[Function]:
        """Return what plain blinker code connected to *signal*, in order of connection."""
        if not signal.receivers or (len(signal.receivers) == 1 and signal in self._dispatchers):
            return []
        found = [r for r in Signal.receivers_for(signal, sender) if not _is_ours(r)]
        if len(found) < 2:
            return found
        place = {key: at for at, key in enumerate(signal.receivers)}
        return sorted(found, key=lambda receiver: place.get(_receiver_id(receiver), 0))

    def _ordered(self, signal: Signal | str) -> list[Handler]:
        name = signal if isinstance(signal, str) else getattr(signal, "name", None)
        chosen = [] if isinstance(signal, str) else list(self._by_signal.get(signal, ()))
        if isinstance(name, str):
            chosen += [h for p, h in self._by_pattern if fnmatch.fnmatchcase(name, p)]
        chosen.sort(key=lambda handler: handler.order)
        unique: dict[int, Handler] = {}
        for handler in chosen:
            unique.setdefault(id(handler.function), handler)
        return list(unique.values())

    def _new(self, function: Function, priority: int) -> Handler:
        self._count += 1
        return Handler(function, (-priority, self._count))

    def _attach(self, signal: Signal) -> None:
        if signal not in self._dispatchers:
            dispatcher = self._dispatchers[signal] = Dispatcher(self, signal)
            signal.connect(dispatcher, weak=False)

    def _finish(self, handler: Handler, result: Any) -> Any:
        if handler.kind == "generator":
            return list(result)
        work = _finished(handler, result)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(work)
        task = loop.create_task(work, name=f"nitro handler {handler.name}")
        self._running.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(functools.partial(self._ended, handler))
        return task

    def _ended(self, handler: Handler, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("Handler %s failed", handler.name, exc_info=error)


class Dispatcher:
    """The one receiver that a signal has of ours: runs its handlers in order."""

    __slots__ = ("__weakref__", "_handlers", "_signal")

    def __init__(self, handlers: Handlers, signal: Signal) -> None:
        self._handlers = handlers
        self._signal = signal

    def __call__(self, sender: object = None, /, **values: object) -> list[Any]:
        """Run the handlers of this signal, see `Handlers.run`."""
        return self._handlers.run(self._signal, sender, values)


def is_pattern(name: str) -> bool:
    """Whether *name* stands for many names, like ``order.*``."""
    return any(sign in name for sign in "*?[")


def _is_ours(receiver: object) -> bool:
    return isinstance(receiver, Dispatcher)


def _receiver_id(receiver: Function) -> object:
    if inspect.ismethod(receiver):
        return id(receiver.__func__), id(receiver.__self__)
    return id(receiver)


def _is_awaitable(result: object) -> bool:
    return result is not None and isinstance(result, Awaitable)


async def _finished(handler: Handler, result: Any) -> Any:
    if handler.kind == "generator":
        return list(result)
    if handler.kind == "async generator":
        return [item async for item in cast("AsyncIterable[Any]", result)]
    return await result


def _kind(function: Function) -> Kind:
    inner: Any = function
    while isinstance(inner, functools.partial):
        inner = inner.func  # pyright: ignore[reportUnknownMemberType]
    if not inspect.isroutine(inner) and not inspect.isclass(inner):
        inner = inner.__call__
    if inspect.isasyncgenfunction(inner):
        return "async generator"
    if inspect.iscoroutinefunction(inner):
        return "async"
    return "generator" if inspect.isgeneratorfunction(inner) else "sync"


def _parameters(function: Function) -> tuple[bool, str | None, frozenset[str] | None]:
    """Return whether there is room for the sender, its name, and the keywords (None: all)."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:  # some builtins have no signature: they get the sender only
        return True, None, frozenset()
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    rest = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    first = positional[0] if positional else None
    first_name = first.name if first and first.kind is first.POSITIONAL_OR_KEYWORD else None
    takes_sender = first is not None or rest
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return takes_sender, first_name, None
    named = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    return takes_sender, first_name, frozenset(named - {first_name})


def _noted(exc: Exception, handler: Handler) -> Exception:
    exc.add_note(f"raised in the handler {handler.name}")
    return exc


def _group(signal: Signal | str, errors: Sequence[Exception]) -> ExceptionGroup[Exception]:
    name = signal if isinstance(signal, str) else getattr(signal, "name", None) or repr(signal)
    named = isinstance(signal, (str, NamedSignal))
    count = "One handler" if len(errors) == 1 else f"{len(errors)} handlers"
    return ExceptionGroup(f"{count} of {name!r} failed" if named else f"{count} failed", errors)
