"""What each setting may be, in code and in words."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from nitro_events.expecting import is_a, is_some, takes

__all__ = ["SECRETS", "TAKEN"]

SECRETS = frozenset({"secret", "events_url"})
"""What is not shown in an error: the URL may hold a password."""


def _is_origins(given: Any) -> bool:
    if not is_some(str)(given):
        return False
    origins = given.split(",") if isinstance(given, str) else given
    return all(_is_origin(one.strip().rstrip("/")) for one in origins if one.strip())


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    return bool(parts.scheme and parts.netloc and not parts.path and not parts.query)


TAKEN = {
    "secret": (is_some(str), "a text, or a list of them with the newest first"),
    "policy": (takes(3), "a function: def may(caller, operation, target) -> bool"),
    "user": (takes(1), "a function of the request that answers a Caller, an id or None"),
    "prefix": (is_a(str), "a path such as '/app'"),
    "public_origin": (_is_origins, "origins such as 'https://example.org', one or a list"),
    "protect_all": (is_a(bool), "True or False"),
    "events_url": (is_a(str), "a URL such as 'redis://localhost:6379/0'"),
    "strict_events": (is_a(bool), "True or False"),
    "middleware": (is_a(list, tuple), "a list of generator functions"),
}
