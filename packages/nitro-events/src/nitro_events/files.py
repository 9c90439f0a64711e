"""The content of a file in a form: how large it may be, and what stands for it elsewhere."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable

from nitro_events.state import state
from nitro_events.texts import Text

__all__ = ["NO_BASE64", "from_base64", "largest", "said", "stand_in", "too_large"]

USUAL = 1024 * 1024
_ROOM = 32 * 1024
NO_BASE64 = Text("Send this as base64")


def stand_in(content: bytes) -> str:
    """Return what is compared and shown in place of *content*: its size, and a hash of it."""
    return f"{len(content)}:{hashlib.sha256(content).hexdigest()[:32]}"


def largest(metadata: Iterable[object] = ()) -> int:
    """Return how many bytes a file may have: as declared, else a mebibyte.

    Never more than what a request may bring along with the rest of a form.
    """
    items = [one for item in metadata for one in (item, *getattr(item, "metadata", ()))]
    limits = [getattr(item, "max_length", None) for item in items]
    declared = [limit for limit in limits if isinstance(limit, int)]
    body = state.settings.limits.body
    return min(*(declared or [USUAL]), body - min(_ROOM, body // 4))


def too_large(content: bytes, most: int) -> str | None:
    """Return what to say of *content* if it has more than *most* bytes."""
    if len(content) <= most:
        return None
    said_most = {"size": said(len(content)), "most": said(most)}
    return Text("This file has {size}. Choose one of {most} at most", **said_most)


def said(size: int) -> str:
    """Write a number of bytes for people, rounded down: "12 KB"."""
    for unit, length in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if size >= length:
            tenths = size * 10 // length
            whole, tenth = divmod(tenths, 10)
            return f"{whole}.{tenth} {unit}" if tenth and whole < 10 else f"{whole} {unit}"
    return f"{size} byte{'' if size == 1 else 's'}"


def from_base64(text: str) -> bytes | None:
    """Return what a program sends in JSON, None if it is no base64 of either alphabet."""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (ValueError, binascii.Error):
        return None
