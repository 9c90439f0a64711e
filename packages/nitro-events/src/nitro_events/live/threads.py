"""How many threads answer requests here, as the server says that runs them.

Gunicorn is asked by `nitro_events.live.workers`. Others are known by what they leave behind: uWSGI
puts a module of its own into the process, and Waitress names its threads.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

__all__ = ["answering_threads"]


def answering_threads() -> int | None:
    """Return their number, None where no server says it."""
    uwsgi: Any = sys.modules.get("uwsgi")
    if hasattr(uwsgi, "opt"):
        said = {_text(name): _text(value) for name, value in uwsgi.opt.items()}
        found = said.get("gevent") or said.get("async") or said.get("threads") or "1"
        return int(found) if found.isdigit() else 1
    if "waitress" in sys.modules:
        names = [thread.name for thread in threading.enumerate()]
        return sum(name.startswith("waitress-") for name in names) or None
    return None


def _text(value: object) -> str:
    if isinstance(value, list):
        value = value[-1] if value else ""  # pyright: ignore[reportUnknownVariableType]
    return value.decode() if isinstance(value, bytes) else str(value)  # pyright: ignore[reportUnknownArgumentType]
