"""Values of each kind as text, numbers and bytes, and back.

Equal values have equal primitives, with one exception: a Decimal keeps its trailing zeros,
1.50 stays 1.50. Where it must be found by its text alone, in a unique field, it loses them.
"""

import enum
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast

from pydantic import SecretStr

from nitro_entities.fields.kinds import Kind, Primitive

# what an encoder may raise for a value that nobody validated, or that cannot be kept
UNFIT = (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError)

_MICROSECOND = timedelta(microseconds=1)
_LONGEST_DECIMAL = 16_000  # PostgreSQL compares 16,383 places behind the point


def sortable(kind: Kind, primitive: Primitive) -> Any:
    """Answer what sorts like the value that *primitive* stands for."""
    if kind is Kind.DECIMAL and isinstance(primitive, str):
        return Decimal(primitive)
    return primitive


def checked_text(value: str) -> str:
    """Answer *value*. Raises ValueError for what databases take for no text."""
    if "\0" in value:
        msg = "it contains the character NUL, which no database keeps. Remove it, or use bytes"
        raise ValueError(msg)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            msg = (
                "it contains half of a surrogate pair, which is no text. "
                "Decode with errors='replace', or use bytes"
            )
            raise ValueError(msg) from None
    return value


def is_plain_text(values: Iterable[Any]) -> bool:
    """Say whether `checked_text` need not look at *values* one by one."""
    try:
        together = "".join(values)
    except TypeError:
        return False
    return together.isascii() and "\0" not in together


def normal_decimal(value: Decimal) -> str:
    """Answer the same text for all spellings of one number: 1.50, 1.5 and 15E-1 are 1.5."""
    text = _encode_decimal(value)
    if value == 0:
        return "0"
    sign, digits, places = Decimal(text).as_tuple()
    exponent = cast("int", places)
    while digits[-1] == 0:
        digits, exponent = digits[:-1], exponent + 1
    return str(Decimal((sign, digits, exponent)))


def _encode_number(value: float) -> float:
    if value != value:  # SQL databases would keep a NaN as NULL
        msg = "nan is no number that can be kept. Use None, with float | None"
        raise ValueError(msg)
    return value + 0.0  # turns -0.0 into 0.0


def _encode_integer(value: int) -> int:
    if -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
        return value
    msg = "the number is too big: a whole number has 64 bits. Use Decimal or str"
    raise ValueError(msg)


def _encode_datetime(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat(timespec="microseconds")
    try:
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    except OverflowError:
        msg = "in UTC the moment lies outside the years 1 to 9999. Use a moment further inside"
        raise ValueError(msg) from None


def _encode_time(value: time) -> str:
    if value.tzinfo is None:
        return value.isoformat(timespec="microseconds")
    msg = (
        "a time of day with a zone has no order without its day. "
        "Use AwareDatetime, or keep the zone in a field of its own"
    )
    raise ValueError(msg)


def _encode_duration(value: timedelta) -> int:
    steps = value // _MICROSECOND
    if -0x8000000000000000 <= steps <= 0x7FFFFFFFFFFFFFFF:
        return steps
    msg = "the time is longer than 292,000 years. Use a shorter one, or None for no limit"
    raise ValueError(msg)


def _encode_decimal(value: Decimal) -> str:
    if type(value) is not Decimal:
        value = Decimal(value)  # a default that nobody validated: 0
    if not value.is_finite():
        msg = f"{value} is no number that can be kept. Use None, with Decimal | None"
        raise ValueError(msg)
    text = str(value)
    if ("E" in text or len(text) > _LONGEST_DECIMAL) and (
        len(text) > _LONGEST_DECIMAL
        or not -_LONGEST_DECIMAL < value.adjusted() < _LONGEST_DECIMAL
        or cast("int", value.as_tuple().exponent) < -_LONGEST_DECIMAL
    ):
        msg = f"a Decimal has at most {_LONGEST_DECIMAL} digits here. Round it, or use str"
        raise ValueError(msg)
    return text


def _encode_enum(value: Any) -> Primitive:
    # the bare value, where the class says use_enum_values
    return cast("Primitive", value.value if isinstance(value, enum.Enum) else value)


def _encode_enum_integer(value: Any) -> Primitive:
    return _encode_integer(cast("int", _encode_enum(value)))


def _encode_enum_text(value: Any) -> Primitive:
    return checked_text(cast("str", _encode_enum(value)))


ENCODE: dict[Kind, Callable[[Any], Primitive]] = {
    Kind.TEXT: checked_text,
    Kind.NUMBER: _encode_number,
    Kind.INTEGER: _encode_integer,
    Kind.DATETIME: _encode_datetime,
    Kind.DATE: date.isoformat,
    Kind.TIME: _encode_time,
    Kind.DURATION: _encode_duration,
    Kind.DECIMAL: _encode_decimal,
    Kind.UUID: str,
    Kind.ENUM_TEXT: _encode_enum_text,
    Kind.ENUM_INTEGER: _encode_enum_integer,
    Kind.SECRET_TEXT: lambda value: checked_text(value.get_secret_value()),
}

# what stored values compare and sort by, where not by themselves: sortable() of the primitive
KEY: dict[Kind, Callable[[Any], Any]] = {
    Kind.DATETIME: _encode_datetime,
    Kind.DATE: date.isoformat,
    Kind.TIME: _encode_time,
    Kind.DURATION: _encode_duration,
    Kind.UUID: str,
    Kind.ENUM_TEXT: _encode_enum,
    Kind.ENUM_INTEGER: _encode_enum,
    Kind.SECRET_TEXT: lambda value: value.get_secret_value(),
}

DECODE: dict[Kind, Callable[[Any], Any]] = {
    Kind.BOOLEAN: bool,
    Kind.DATETIME: datetime.fromisoformat,
    Kind.DATE: date.fromisoformat,
    Kind.TIME: time.fromisoformat,
    Kind.DURATION: lambda value: timedelta(microseconds=value),
    Kind.DECIMAL: Decimal,
    Kind.UUID: uuid.UUID,
    Kind.SECRET_TEXT: SecretStr,
}

# what pydantic-core does faster by itself while it validates a row
BY_PYDANTIC = frozenset(
    {Kind.BOOLEAN, Kind.DATETIME, Kind.DATE, Kind.TIME, Kind.DECIMAL, Kind.UUID,
     Kind.ENUM_TEXT, Kind.ENUM_INTEGER, Kind.SECRET_TEXT}
)  # fmt: skip
