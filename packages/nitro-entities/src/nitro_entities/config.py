"""Settings: argument, then environment, then default; looked up at first use."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nitro_entities import setting_values
from nitro_entities.errors import EntityError
from nitro_entities.state import state

if TYPE_CHECKING:
    from nitro_entities.files.places import Storage

DEFAULT_FOLDER = ".nitro"


@dataclass(slots=True)
class Settings:
    """What `configure` sets; None means "not said"."""

    database_url: str | None = None
    backend: type[Any] | None = None
    clock: Callable[[], datetime] | None = None
    new_id: Callable[[], str] | None = None
    busy_timeout: float = 10.0
    redis_url: str | None = None
    pool_size: int = 20
    strict_loop: bool | None = None
    durable_changes: bool | None = None
    secrets: tuple[str, ...] = ()
    files: "str | os.PathLike[str] | Storage | None" = None


def settings() -> Settings:
    """Answer the settings of this process."""
    return state.part(Settings)


def configure(
    *,
    database_url: str | None = None,
    redis_url: str | None = None,
    backend: type[Any] | None = None,
    clock: Callable[[], datetime] | None = None,
    new_id: Callable[[], str] | None = None,
    busy_timeout: float | None = None,
    pool_size: int | None = None,
    strict_loop: bool | None = None,
    durable_changes: bool | None = None,
    secret: str | Sequence[str] | None = None,
    files: "str | os.PathLike[str] | Storage | None" = None,
) -> None:
    """Set what is given and leave the rest as it is.

    *database_url* and *redis_url* win over ``NITRO_DATABASE_URL`` and ``NITRO_REDIS_URL``.
    *backend* is for plain entities that name none. *clock* answers an aware datetime, *new_id* a
    fresh id. *busy_timeout* is how many seconds to wait for a store that others hold, *pool_size*
    how many connections to a server are kept at most. *strict_loop* (or ``NITRO_STRICT_LOOP=1``)
    turns the warning about calls that would stop the event loop into an error.
    *durable_changes* (or ``NITRO_DURABLE_CHANGES=1``) keeps change records in the database, in
    the transaction of the rows, for other processes. *secret*, one or several with the newest
    first, signs what browsers keep; it wins over ``NITRO_SECRET``. *files* is where stored files
    are: a folder, ``s3://bucket/prefix`` or a storage; it wins over ``NITRO_FILES``. Stores that
    are open already keep their settings. Raises SettingsError for values that cannot be.
    """
    given = {name: value for name, value in locals().items() if value is not None}
    for name, value in given.items():
        setting_values.check(name, value)
    if secret is not None:
        given.pop("secret")
        given["secrets"] = (secret,) if isinstance(secret, str) else tuple(secret)
    now = settings()
    for name, value in given.items():
        setattr(now, name, value)


def utc_now() -> datetime:
    """Answer the present moment of the configured clock. Raises EntityError."""
    clock = settings().clock
    return datetime.now(UTC) if clock is None else _aware(clock())


def _aware(moment: Any) -> datetime:
    if isinstance(moment, datetime) and moment.utcoffset() is not None:
        return moment
    msg = (
        f"The clock answered {moment!r}, which is no moment that others can be compared with. "
        f"Let configure(clock=…) have a function that answers an aware datetime, such as "
        f"lambda: datetime.now(UTC)"
    )
    raise EntityError(msg)


def strict_loop() -> bool:
    """Say whether a call that would stop the event loop is an error."""
    return _switch(settings().strict_loop, "NITRO_STRICT_LOOP")


def durable_changes() -> bool:
    """Say whether change records are kept in the database."""
    return _switch(settings().durable_changes, "NITRO_DURABLE_CHANGES")


def _switch(said: bool | None, variable: str) -> bool:
    if said is not None:
        return said
    return os.environ.get(variable, "").lower() not in ("", "0", "false", "no")


def redis_url() -> str:
    """Answer the URL of the Redis server."""
    return settings().redis_url or os.environ.get("NITRO_REDIS_URL") or "redis://127.0.0.1:6379/0"


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
