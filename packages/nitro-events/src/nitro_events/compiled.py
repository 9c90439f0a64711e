"""A plan written out as one function, for handlers that simply run.

What a loop would ask at every event (which keywords does this handler take, is it async?) is
answered when the function is written. The text depends on the shape of the plan only and is
compiled once for each; the handlers are handed in.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable
from functools import lru_cache
from types import CoroutineType
from typing import TYPE_CHECKING, Any, TypeAlias

from blinker import default_namespace

from nitro_events.running import collected, current_sender, failed, finish, finished, noted

if TYPE_CHECKING:
    from nitro_events.handler import Handler, Kind
    from nitro_events.plans import Plan

__all__ = ["compiled"]

Step: TypeAlias = "tuple[Kind, str]"
"""One handler: its kind, and the arguments of its call as they are written."""

_HELPERS = {
    "enter": current_sender.set,
    "leave": current_sender.reset,
    "namespace": default_namespace,
    "noted": noted,
    "failed": failed,
    "finish": finish,
    "finished": finished,
    "collected": collected,
    "CoroutineType": CoroutineType,
}


def compiled(plan: Plan, names: tuple[str, ...], *, is_async: bool = False) -> Callable[..., Any]:
    """Return what runs the handlers of *plan* for an event that carries *names*."""
    unique: dict[object, Handler] = {}
    for handler in plan.handlers:  # one that hears an event in several ways runs once
        unique.setdefault(handler.identity, handler)
    handlers = list(unique.values())
    steps = tuple((handler.kind, _arguments(handler, names)) for handler in handlers)
    typed = any(handler.options.event is not None for handler in handlers)
    make = _factory(steps, plan.signal is not None, typed, is_async)
    return make(
        plan.name,
        plan.signal,
        None if plan.signal is None else plan.signal.receivers,
        plan.expected,
        plan.arun if is_async else plan.run,
        *(part for handler in handlers for part in (handler, handler.function)),
    )


def _arguments(handler: Handler, names: tuple[str, ...]) -> str:
    subject = "event" if handler.options.event is not None else "sender"
    given = [subject] if handler.takes_sender else []
    for name in handler.wanted(names):
        value = "sender" if subject == "event" else f"values[{name!r}]"
        given.append(f"{name}={value}" if _can_be_written(name) else f"**{{{name!r}: {value}}}")
    return ", ".join(given)


def _can_be_written(name: str) -> bool:
    # other letters are read as their plain forms, and names such as __debug__ are refused
    plain = name.isascii() and name.isidentifier() and not name.startswith("__")
    return plain and not keyword.iskeyword(name)


@lru_cache(maxsize=512)
def _factory(
    steps: tuple[Step, ...], has_signal: bool, typed: bool, is_async: bool
) -> Callable[..., Callable[..., Any]]:
    parts = [f"h{number}, f{number}" for number in range(len(steps))]
    given = ", ".join(["name", "signal", "receivers", "expected", "general", *parts])
    guard = "len(receivers) != expected or signal.is_muted" if has_signal else "name in namespace"
    awaits = "await " if is_async else ""
    lines = [
        f"def make({given}):",
        f" {'async ' if is_async else ''}def run(sender, values, event=None):",
        f"  if {guard}{' or event is None' if typed else ''}:",
        f"   return {awaits}general(sender, values, event)",
        "  errors = None",
        "  token = enter(sender)",
        "  try:",
        *(line for number, step in enumerate(steps) for line in _call(number, step, is_async)),
        "   pass",
        "  finally:",
        "   leave(token)",
        "  if errors is not None:",
        "   raise failed(name, errors)",
        f"  return [{', '.join(f'r{number}' for number in range(len(steps)))}]",
        " return run",
    ]
    if not steps:  # nobody to call: nothing to set up
        lines[4:-2] = ["  return []"]
        del lines[-2]
    scope: dict[str, Any] = dict(_HELPERS)
    exec(compile("\n".join(lines), "<handlers of an event>", "exec"), scope)
    found: Callable[..., Callable[..., Any]] = scope["make"]
    return found


def _call(number: int, step: Step, is_async: bool) -> list[str]:
    kind, arguments = step
    call = f"f{number}({arguments})"
    lines = ["   try:"]
    if kind == "generator":
        lines.append(f"    r{number} = collected(h{number}, {call})")
    elif kind == "async" and is_async:
        lines.append(f"    r{number} = await {call}")
    elif kind != "sync":
        done = f"finished(h{number}, {call})" if is_async else f"finish(h{number}, {call})"
        lines.append(f"    r{number} = {'await ' if is_async else ''}{done}")
    elif is_async:
        lines += [
            f"    r{number} = {call}",
            f"    if r{number} is not None and hasattr(r{number}.__class__, '__await__'):",
            f"     r{number} = await r{number}",
        ]
    else:
        lines += [
            f"    r{number} = {call}",
            f"    if r{number}.__class__ is CoroutineType:",
            f"     r{number} = finish(h{number}, r{number})",
        ]
    return [
        *lines,
        "   except Exception as exc:",
        f"    errors = [*(errors or ()), noted(exc, h{number})]",
    ]
