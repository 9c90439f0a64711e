"""When two senders are the same one, for handlers that listen to one sender only.

An object that has an id is its class and that id, so two loaded copies of one entity are one
sender. Texts and numbers are what they say, and anything else is itself. A class stands for
itself and all its instances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["key_of", "keys_of"]

_VALUES = (str, bytes, int, float)


def key_of(sender: object) -> Hashable:
    """Return what is equal for equal senders.

    An object without an id must be held by who keeps its key: another may get its address.
    """
    if isinstance(sender, (type, *_VALUES)):
        return sender
    id_ = getattr(sender, "id", None)
    if id_ is None or id_.__hash__ is None:
        return object, id(sender)
    return type(sender), id_


def keys_of(sender: object) -> tuple[Hashable, ...]:
    """Return every key under which *sender* may be listened to."""
    if isinstance(sender, type):
        return sender.__mro__  # itself comes first
    return (key_of(sender), *type(sender).__mro__)
