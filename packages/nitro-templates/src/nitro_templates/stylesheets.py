"""Stylesheets of the application, served as ours are: under a URL that changes with the file."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from nitro_templates.bundles import BUNDLES
from nitro_templates.state import state

if TYPE_CHECKING:
    from nitro_templates.assets import Asset

__all__ = ["checked", "own_stylesheet", "own_stylesheets"]

_log = logging.getLogger("nitro_templates")


class _Missed(set[Path]):
    """The files that were said to be missing."""


def checked(given: str | Path | Iterable[str | Path]) -> tuple[Path, ...]:
    """Answer the files as `configure` takes them; ValueError for what cannot be told apart."""
    paths = tuple(map(Path, [given] if isinstance(given, str | Path) else given))
    names = [path.name for path in paths]
    for path in paths:
        if path.suffix != ".css":
            msg = f"stylesheets takes files that end with .css, not {str(path)!r}"
            raise ValueError(msg)
        if path.name in BUNDLES or names.count(path.name) > 1:
            msg = f"stylesheets has {str(path)!r}, and {path.name} is taken. Give it another name"
            raise ValueError(msg)
    return paths


def own_stylesheets() -> list[Asset]:
    """Answer the files of ``configure(stylesheets=…)`` as they are now, without missing ones."""
    found = (_read(path) for path in state.stylesheets)
    return [asset for asset in found if asset is not None]


def own_stylesheet(name: str) -> Asset | None:
    """Answer the one called *name*, None if there is none."""
    return next((_read(path) for path in state.stylesheets if path.name == name), None)


def _read(path: Path) -> Asset | None:
    try:
        status = path.stat()
        return _as_of(path, status.st_mtime_ns, status.st_size)
    except OSError as exc:
        missed = state.part(_Missed)
        if path not in missed:
            missed.add(path)
            _log.warning(
                "The stylesheet %s cannot be read (%s): pages go without it. If Tailwind makes "
                "it, run: nitro tw build", path, exc.strerror,
            )  # fmt: skip
        return None


@lru_cache(maxsize=64)
def _as_of(path: Path, changed: int, size: int) -> Asset:
    """Read *path*, which has *size* bytes since it was *changed*."""
    from nitro_templates.assets import Asset

    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:16]
    return Asset(path.name, body, "text/css; charset=utf-8", digest)
