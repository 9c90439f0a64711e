"""Slices of an ordered query, found by position in the order instead of by counting rows."""

import base64
import binascii
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar, cast

from pydantic_core import from_json, to_json

from nitro_entities.conditions import Order, Specs
from nitro_entities.errors import InvalidCursor
from nitro_entities.fields import PRIMITIVE_OF, Primitive

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """A few entities in order, and where the neighbours begin.

    *next* and *previous* go into `slice(after=…)` and `slice(before=…)`; None means that
    there is nothing on that side.
    """

    items: list[T]
    next: str | None
    previous: str | None


class Cursor(NamedTuple):
    """A position in an order: the sort values of one row, the id last.

    *inclusive* means that a row at exactly this position belongs to the slice.
    """

    values: tuple[Primitive, ...]
    inclusive: bool = False


def full_order(order: Sequence[Order]) -> tuple[Order, ...]:
    """Answer *order* made unambiguous: the id breaks ties, in the direction of the last field."""
    keys: list[Order] = []
    for key in order:
        if key.field not in {known.field for known in keys}:
            keys.append(key)
        if key.field == "id":
            return tuple(keys)  # nothing can come after the id
    return (*keys, Order("id", keys[-1].descending if keys else False))


def encode(order: Sequence[Order], cursor: Cursor) -> str:
    """Write a cursor as text that fits into a URL."""
    values = [_to_json(value) for value in cursor.values]
    payload = [_signature(order), int(cursor.inclusive), *values]
    text = to_json(payload, inf_nan_mode="constants")
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def decode(order: Sequence[Order], text: str, specs: Specs) -> Cursor:
    """Read a cursor back. Raises InvalidCursor for anything that `encode` did not write."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        payload = from_json(raw)
    except (ValueError, binascii.Error, RecursionError):
        raise _invalid(text) from None
    if not isinstance(payload, list):
        raise _invalid(text)
    parts = cast("list[object]", payload)
    if len(parts) != len(order) + 2:
        raise _invalid(text)
    signature, inclusive, *values = parts
    if signature != _signature(order) or inclusive not in (0, 1):
        raise _invalid(text)
    try:
        primitives = tuple(_from_json(value) for value in values)
    except ValueError:
        raise _invalid(text) from None
    for key, value in zip(order, primitives, strict=True):
        spec = specs[key.field]
        allowed = PRIMITIVE_OF.get(spec.kind, ())
        if not (isinstance(value, allowed) or (value is None and spec.nullable)):
            raise _invalid(text)
    return Cursor(primitives, bool(inclusive))


def assemble(
    order: Sequence[Order],
    rows: Sequence[T],
    positions: Sequence[tuple[Primitive, ...]],
    *,
    more_after: bool,
    more_before: bool,
    anchor: Cursor | None,
) -> tuple[str | None, str | None]:
    """Answer the texts of *next* and *previous* for a slice of *rows*.

    An empty slice hands back its *anchor*, so that turning round finds the row at it.
    """
    if rows:
        after = encode(order, Cursor(positions[-1])) if more_after else None
        before = encode(order, Cursor(positions[0])) if more_before else None
        return after, before
    if anchor is None:
        return None, None
    turned = encode(order, Cursor(anchor.values, inclusive=not anchor.inclusive))
    return (turned if more_after else None), (turned if more_before else None)


def _signature(order: Iterable[Order]) -> str:
    text = ",".join(("-" if key.descending else "") + key.field for key in order)
    return f"{zlib.crc32(text.encode()):x}"


def _to_json(value: Primitive) -> object:
    return {"b": value.hex()} if isinstance(value, bytes) else value


def _from_json(value: object) -> Primitive:
    if value is None or isinstance(value, (str, int, float)):
        if isinstance(value, str):
            value.encode()  # lone surrogates are no text
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise ValueError
        return value
    if isinstance(value, dict):
        match cast("dict[str, object]", value):
            case {"b": str(digits), **rest} if not rest:
                return bytes.fromhex(digits)
            case _:
                pass
    raise ValueError


def _invalid(text: str) -> InvalidCursor:
    return InvalidCursor(
        f"{text[:80]!r} is not a position in this order. Take next or previous of a slice "
        f"of the same query, or start without one"
    )
