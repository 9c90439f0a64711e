"""Durable handlers: ``@on("order.placed", durable=True)``.

The event becomes a message that is committed with the rows of the open unit, and a worker runs
the handler from it: after the commit, also after a crash, never if the unit was rolled back.

- At least once; in effect once where the handler writes to the store that keeps the message,
  because its rows and the mark that it was handled are one commit.
- A handler that fails is run again after growing pauses, and becomes a dead letter at last.
- Messages come roughly in the order of their commits; none waits for another.
- What an event carries travels as JSON (`nitro_events.wire`); an entity is loaded again, so the
  handler sees it as it is then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_events.durable.recording import arecord as arecord
from nitro_events.durable.recording import job as job
from nitro_events.durable.recording import later as later
from nitro_events.durable.recording import record as record
from nitro_events.durable.registry import register as register
from nitro_events.durable.registry import registry as registry

__all__ = [
    "Letter",
    "NoLetter",
    "Retry",
    "adrain",
    "arecord",
    "dead_letters",
    "discard",
    "drain",
    "job",
    "later",
    "record",
    "register",
    "registry",
    "replay",
    "resume",
    "start",
    "stop",
    "unknown_letters",
]

if TYPE_CHECKING:
    from nitro_events.durable.draining import adrain as adrain
    from nitro_events.durable.draining import drain as drain
    from nitro_events.durable.draining import resume as resume
    from nitro_events.durable.draining import start as start
    from nitro_events.durable.draining import stop as stop
    from nitro_events.durable.letters import Letter as Letter
    from nitro_events.durable.letters import NoLetter as NoLetter
    from nitro_events.durable.letters import dead_letters as dead_letters
    from nitro_events.durable.letters import discard as discard
    from nitro_events.durable.letters import replay as replay
    from nitro_events.durable.letters import unknown_letters as unknown_letters
    from nitro_events.durable.options import Retry as Retry
else:
    from importlib import import_module

    _HOME_OF = {
        "adrain": "draining",
        "drain": "draining",
        "resume": "draining",
        "start": "draining",
        "stop": "draining",
        "Letter": "letters",
        "NoLetter": "letters",
        "dead_letters": "letters",
        "discard": "letters",
        "replay": "letters",
        "unknown_letters": "letters",
        "Retry": "options",
    }

    def __getattr__(name: str) -> object:
        home = _HOME_OF.get(name)
        if home is None:
            msg = f"module 'nitro_events.durable' has no attribute {name!r}"
            raise AttributeError(msg)
        value = globals()[name] = getattr(import_module(f"nitro_events.durable.{home}"), name)
        return value
