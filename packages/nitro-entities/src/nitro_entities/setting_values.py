"""What each setting may be, in code and in words."""

import os
from collections.abc import Callable
from typing import Any, cast

from nitro_entities.definition import A_BACKEND, is_backend
from nitro_entities.errors import SettingsError


def check(name: str, value: object) -> None:
    """Refuse what a setting cannot be. Raises SettingsError."""
    fits, wanted = _TAKEN[name]
    if not fits(value):
        hidden = name in ("secret", "database_url", "redis_url")  # of URLs for their passwords
        shown = f"something of type {type(value).__name__}" if hidden else repr(value)
        msg = f"{name}= takes {wanted}, got {shown}"
        raise SettingsError(msg)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_count(value: Any) -> bool:
    return _is_number(value) and isinstance(value, int) and value > 0


def _are_secrets(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_text, cast("Any", value)))
    return _is_text(value)


def _is_place(value: Any) -> bool:
    return isinstance(value, str | os.PathLike) or (
        not isinstance(value, type) and hasattr(value, "writer")
    )


_TAKEN: dict[str, tuple[Callable[[Any], bool], str]] = {
    "database_url": (_is_text, "a URL such as 'sqlite:///data.db'"),
    "redis_url": (_is_text, "a URL such as 'redis://localhost:6379/0'"),
    "backend": (is_backend, A_BACKEND),
    "clock": (callable, "a function that answers an aware datetime"),
    "new_id": (callable, "a function that answers a fresh id"),
    "busy_timeout": (_is_number, "a number of seconds, 0 or more"),
    "pool_size": (_is_count, "a whole number, 1 or more"),
    "strict_loop": (_is_switch, "True or False"),
    "durable_changes": (_is_switch, "True or False"),
    "secret": (_are_secrets, "a text, or a list of them with the newest first"),
    "files": (_is_place, "a folder, a URL such as 's3://bucket/prefix' or a storage"),
}
