"""What an event carries, as JSON: for the outbox, for other processes, for the queues of others.

Nothing is pickled, and nothing that arrives names code to be run: an entity travels as its class
and id and is loaded again, a typed event as its name and fields, and what has no form here is
refused where the event is emitted.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from uuid import UUID

from pydantic import BaseModel, ValidationError

from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.typed import Event

__all__ = ["JSON", "NotKnownHere", "NotPortable", "Vanished", "from_wire", "to_wire"]

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"

TAG = "$"
"""The key that marks an object which stands for something that JSON does not know."""


class NotPortable(TypeError):
    """A value of an event cannot leave this process."""


class Vanished(LookupError):
    """An entity that an event refers to is not there any more."""


class NotKnownHere(LookupError):
    """A class or a typed event has a name that this process does not know, or another shape."""


def to_wire(sender: object, values: Mapping[str, object], /) -> dict[str, JSON]:
    """Return *sender* and *values* of an event as JSON can carry them. Raises NotPortable.

    What JSON knows, tuples, sets, bytes, dates and times, Decimal and UUID arrive as they were;
    strings and numbers of a subclass arrive as plain ones.
    """
    return {
        "sender": _packed(sender, "the sender"),
        "values": {name: _packed(value, f"{name!r}") for name, value in values.items()},
    }


def from_wire(data: Mapping[str, Any], /) -> tuple[object, dict[str, Any]]:
    """Return the sender and the values that `to_wire` was given, entities as they are now.

    Raises Vanished for an entity that was deleted, NotKnownHere for what another release of the
    application sent, ValueError for what is not of `to_wire`.
    """
    try:
        sender, values = data["sender"], data["values"].items()
    except (KeyError, TypeError, AttributeError):
        msg = f"An event is an object with sender and values, got {data!r:.200}"
        raise ValueError(msg) from None
    return _unpacked(sender), {name: _unpacked(value) for name, value in values}


def _packed(value: object, where: str) -> JSON:
    try:
        return _pack(value)
    except RecursionError:
        msg = f"{where} contains itself, which JSON cannot carry"
        raise NotPortable(msg) from None
    except NotPortable as exc:
        msg = f"{where} of an event cannot leave this process: {exc}"
        raise NotPortable(msg) from None


def _pack(value: object) -> JSON:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {TAG: "float", "v": repr(float(value))}
    if isinstance(value, (list, tuple, set, frozenset)):
        return _pack_items(cast("list[object]", value))
    if isinstance(value, Mapping):
        return _pack_mapping(cast("Mapping[object, object]", value))
    for kind, (tag, write, _) in _SIMPLE.items():
        if isinstance(value, kind):
            return {TAG: tag, "v": write(value)}
    return _pack_named(value)


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        msg = f"the text {value!r:.80} has half of a surrogate pair"
        raise NotPortable(msg) from None
    return str.__str__(value)


def _pack_items(value: list[object]) -> JSON:
    items = [_pack(item) for item in value]
    if isinstance(value, list):  # pyright: ignore[reportUnnecessaryIsInstance]
        return items
    tag = next(name for name, kind in _COLLECTIONS.items() if isinstance(value, kind))
    return {TAG: tag, "v": items}


def _pack_mapping(value: Mapping[object, object]) -> JSON:
    packed: dict[str, JSON] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            msg = f"the keys of a JSON object are text, got {key!r:.80}"
            raise NotPortable(msg)
        packed[_text(key)] = _pack(item)
    return {TAG: "dict", "v": packed} if TAG in packed else packed


def _pack_named(value: object) -> JSON:
    if isinstance(value, type):
        target = state.targets.of(value)
        if target is not None:
            return {TAG: "class", "v": target.slug}
        msg = f"the class {value.__qualname__} is no entity class"
        raise NotPortable(msg)
    target = state.targets.of(type(value))
    if target is not None:
        return _pack_entity(target, value)
    if hasattr(value, "__event_name__"):
        return _pack_event(value)
    if hasattr(value, "__nitro_kind__"):
        return _pack_message(value)
    msg = (
        f"{type(value).__qualname__} has no form in JSON. Give what the handler needs as text, "
        f"numbers, lists or dicts (such as model_dump(mode='json')), an entity, or a typed event"
    )
    raise NotPortable(msg)


def _pack_entity(target: Any, value: object) -> JSON:
    id = getattr(value, "id", None)
    if id is None:
        msg = f"this {type(value).__qualname__} has no id yet. Save it (and flush the unit) first"
        raise NotPortable(msg)
    state.targets.named(target.slug)  # complains here if two classes have that name
    return {TAG: "entity", "class": target.slug, "id": target.id_of(value)}


def _pack_event(value: object) -> JSON:
    from nitro_events.typed import name_of

    event = cast("Event", value)
    facts = {name: _pack(fact) for name, fact in event.facts().items()}
    return {TAG: "event", "name": name_of(type(event)), "v": facts}


def _pack_message(value: object) -> JSON:
    from nitro_events.messages import Message, full_name

    message = cast("Message", value)
    fields = {name: _pack(getattr(message, name)) for name in type(message).model_fields}
    return {TAG: "message", "name": full_name(type(message)), "v": fields}


def _unpacked(data: Any) -> Any:
    if isinstance(data, list):
        return list(map(_unpacked, data))  # pyright: ignore[reportUnknownArgumentType]
    return _read(data) if isinstance(data, dict) else data  # pyright: ignore


def _read(data: dict[str, Any]) -> object:
    if TAG not in data:
        return {key: _unpacked(item) for key, item in data.items()}
    read = _READERS.get(data[TAG])
    if read is None:
        msg = f"This process cannot read {data[TAG]!r} in an event; a newer release sent it"
        raise NotKnownHere(msg)
    return read(data)


def _read_dict(data: dict[str, Any]) -> object:
    return {key: _unpacked(item) for key, item in data["v"].items()}


def _read_collection(data: dict[str, Any]) -> object:
    return _COLLECTIONS[data[TAG]](_unpacked(data["v"]))


def _read_class(data: dict[str, Any]) -> object:
    return _target(data["v"]).kind


def _read_entity(data: dict[str, Any]) -> object:
    found = _target(data["class"]).find(data["id"])
    if found is None:
        msg = (
            f"{data['class']}/{data['id']} was deleted since the event. Where a handler may come "
            f"too late for the entity, give the event the values that it needs"
        )
        raise Vanished(msg)
    return found


def _read_event(data: dict[str, Any]) -> object:
    from nitro_events.typed import event_type

    kind = event_type(data["name"])
    if kind is None:
        msg = f"No typed event is called {data['name']!r} here. Import the module that defines it"
        raise NotKnownHere(msg)
    return _remade(kind, data)


def _read_message(data: dict[str, Any]) -> object:
    from nitro_events.messages import kind_called

    kind = kind_called(data["name"])
    if kind is None:
        msg = f"Nobody handles {data['name']!r} here. Import the module with its handler"
        raise NotKnownHere(msg)
    return _remade(kind, data)


def _remade(kind: type[BaseModel], data: dict[str, Any]) -> object:
    try:
        return kind.model_validate(_unpacked(data["v"]), by_alias=False, by_name=True)
    except ValidationError as exc:
        msg = f"{data['name']!r} has other fields here ({exc}). Give its class a new version"
        raise NotKnownHere(msg) from None


def _target(slug: str) -> Any:
    target = state.targets.named(slug)
    if target is None:
        msg = f"No entity class is called {slug!r} here. Import the module that defines it"
        raise NotKnownHere(msg)
    return target


def _read_simple(data: dict[str, Any]) -> object:
    return _BY_TAG[data[TAG]](data["v"])


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _seconds(value: timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


def _timedelta(parts: list[int]) -> timedelta:
    return timedelta(*parts)


_COLLECTIONS: dict[str, Callable[[Any], object] | Any] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
}

# a datetime is a date too, so it is asked for first
_SIMPLE: dict[type, tuple[str, Callable[[Any], Any], Callable[[Any], object]]] = {
    datetime: ("datetime", datetime.isoformat, datetime.fromisoformat),
    date: ("date", date.isoformat, date.fromisoformat),
    time: ("time", time.isoformat, time.fromisoformat),
    timedelta: ("timedelta", _seconds, _timedelta),
    Decimal: ("decimal", str, Decimal),
    UUID: ("uuid", str, UUID),
    bytes: ("bytes", lambda value: base64.b64encode(value).decode(), _from_base64),
}

_BY_TAG: dict[str, Callable[[Any], object]] = {
    "float": float,
    **{tag: read for tag, _, read in _SIMPLE.values()},
}

_READERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "dict": _read_dict,
    "class": _read_class,
    "entity": _read_entity,
    "event": _read_event,
    "message": _read_message,
    **dict.fromkeys(_COLLECTIONS, _read_collection),
    **dict.fromkeys(_BY_TAG, _read_simple),
}
