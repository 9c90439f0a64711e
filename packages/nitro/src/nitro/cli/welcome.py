"""What to type next, when nothing was typed."""

from __future__ import annotations

from pathlib import Path

from nitro.cli.application import named
from nitro.cli.mistakes import Mistake

__all__ = ["next_steps"]


def next_steps() -> str:
    """Return what fits to the folder that somebody stands in."""
    try:
        application = named(None)
    except Mistake as exc:
        return f"By the way: {exc}"
    if application is not None:
        return f"Here is {application}. Try: nitro doctor"
    if Path("pyproject.toml").exists() or list(Path().glob("*.py")):
        return "Name your application, as in: nitro doctor main:app"
    return "Nothing is here yet. Try: nitro new my-project"
