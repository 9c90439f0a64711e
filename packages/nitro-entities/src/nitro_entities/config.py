"""Settings: argument, then environment, then default; looked up at first use."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nitro_entities.state import state

DEFAULT_FOLDER = ".nitro"


@dataclass(slots=True)
class Settings:
    """What `configure` sets; None means "not said"."""

    database_url: str | None = None
    backend: type[Any] | None = None
    clock: Callable[[], datetime] | None = None
    new_id: Callable[[], str] | None = None
    busy_timeout: float = 10.0


def settings() -> Settings:
    """Answer the settings of this process."""
    return state.part(Settings)


def configure(
    *,
    database_url: str | None = None,
    backend: type[Any] | None = None,
    clock: Callable[[], datetime] | None = None,
    new_id: Callable[[], str] | None = None,
    busy_timeout: float | None = None,
) -> None:
    """Set what is given and leave the rest as it is.

    *database_url* wins over ``NITRO_DATABASE_URL``. *backend* is for plain entities that name
    none. *clock* answers an aware datetime, *new_id* a fresh id. *busy_timeout* is in seconds.
    Stores that are open already keep their settings.
    """
    now = settings()
    if database_url is not None:
        now.database_url = database_url
    if backend is not None:
        now.backend = backend
    if clock is not None:
        now.clock = clock
    if new_id is not None:
        now.new_id = new_id
    if busy_timeout is not None:
        now.busy_timeout = busy_timeout


def utc_now() -> datetime:
    """Answer the present moment of the configured clock."""
    clock = settings().clock
    return datetime.now(UTC) if clock is None else clock()


def database_url() -> str:
    """Answer the URL of the database; the default one gets its folder made."""
    url = settings().database_url or os.environ.get("NITRO_DATABASE_URL")
    if url:
        return url
    folder = Path(DEFAULT_FOLDER)
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return f"sqlite:///{folder / 'data.db'}"
