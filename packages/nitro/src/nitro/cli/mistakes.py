"""What people got wrong, told without a traceback of ours."""

from __future__ import annotations

import sys
import traceback
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from nitro.adapters import ADAPTERS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from traceback import FrameSummary

__all__ = ["USAGE", "Mistake", "is_expected", "own_error"]

USAGE = 2
"""The exit code of a command that was called wrongly, as that of typer."""

OURS = (
    *("nitro", "nitro_entities", "nitro_events", "nitro_templates"),
    *(name.replace("-", "_") for name in ADAPTERS.values()),
)
EXPECTED = {
    "nitro_entities.errors": "EntityError",
    "nitro_events.settings": "SettingsError",
    "nitro.projects.names": "ProjectError",
}


class Mistake(Exception):
    """A command cannot do what was asked; the text says what to do instead."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


def is_expected(error: Exception) -> bool:
    """Tell whether the text of *error* says all: one that our modules raise for people to read."""
    for module, name in EXPECTED.items():
        # a module that is not loaded has raised nothing
        known = getattr(sys.modules.get(module), name, None)
        if known is not None and isinstance(error, known):
            return True
    return False


def own_error(error: BaseException, here: Path) -> str:
    """Return *error* as Python would print it, without the frames that are not the application's.

    Those of ours are left out, and those of the import system.
    """
    stack = traceback.extract_tb(error.__traceback__)
    ours = tuple(_folders_of(OURS))
    shown = [frame for frame in stack if not _is_beside(frame, ours)]
    lines = traceback.format_list(shown)
    lines += traceback.format_exception_only(error)
    return "".join(lines).replace(f"{here}/", "").rstrip()


def _is_beside(frame: FrameSummary, ours: tuple[str, ...]) -> bool:
    is_import = frame.filename.startswith("<frozen ") or "/importlib/" in frame.filename
    return is_import or frame.filename.startswith(ours)


def _folders_of(packages: Iterable[str]) -> list[str]:
    found: list[str] = []
    for name in packages:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            found.append(f"{Path(spec.origin).parent}/")
    return found
