"""What is wrong with a value, in words for the person who typed it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from nitro_events.trees import path_of

if TYPE_CHECKING:
    from nitro_events.fields import Field

__all__ = ["FILL_IN", "NO_NUMBER", "fields_messages", "messages_of"]

FILL_IN = "Fill in this field"
NO_NUMBER = "Enter a number"
_WHOLE = "Enter a whole number"
_DATE, _TIME = "Enter a date, such as 2026-01-31", "Enter a time, such as 14:30"
_MOMENT = "Enter a date and time, such as 2026-01-31 14:30"

# by pydantic's error type; what is missing here keeps pydantic's own text
_WORDS = {
    "missing": FILL_IN,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": "This number is too large",
    "int_from_float": _WHOLE,
    "float_type": NO_NUMBER,
    "float_parsing": NO_NUMBER,
    "decimal_parsing": NO_NUMBER,
    "decimal_type": NO_NUMBER,
    "decimal_max_places": "Enter at most {decimal_places} digits after the point",
    "decimal_max_digits": "Enter at most {max_digits} digits",
    "decimal_whole_digits": "Enter at most {whole_digits} digits before the point",
    "finite_number": NO_NUMBER,
    "bool_parsing": "Enter yes or no",
    "string_too_long": "Enter at most {max_length} characters",
    "string_pattern_mismatch": "This does not have the expected form",
    "greater_than": "Enter more than {gt}",
    "greater_than_equal": "Enter {ge} or more",
    "less_than": "Enter less than {lt}",
    "less_than_equal": "Enter {le} or less",
    "multiple_of": "Enter a multiple of {multiple_of}",
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "time_parsing": _TIME,
    "enum": "Choose one of {expected}",
    "literal_error": "Choose one of {expected}",
    "timezone_aware": "Enter a moment with its time zone, such as 2026-01-31T14:30+01:00",
    "zoneinfo_str": "Enter a time zone, such as Europe/Zurich",
    "time_delta_parsing": "Enter a duration, such as 01:30:00 or P1DT2H",
    "url_parsing": "Enter an address, such as https://example.org",
    "url_scheme": "Enter an address, such as https://example.org",
    "uuid_parsing": "This does not have the expected form",
    "bytes_type": FILL_IN,
    "bytes_too_short": "This file is too small",
    "too_short": "Add at least {min_length}",
    "too_long": "There may be {max_length} at most",
}


def messages_of(error: ValidationError, field: Field | None = None) -> dict[str, str]:
    """Return the first message per place in *error*, never with the values that were given.

    The place is the name of the argument or field; with *field*, which alone was read, the
    dotted name inside it, "" for all of it.
    """
    messages: dict[str, str] = {}
    for item in error.errors(include_url=False, include_input=False):
        loc = item["loc"] or _about(item.get("ctx"))
        name = path_of(field, loc) if field is not None else (str(loc[0]) if loc else "")
        messages.setdefault(name, _words(item["type"], item["msg"], item.get("ctx", {})))
    return messages


def fields_messages(error: ValidationError, fields: Mapping[str, Field]) -> dict[str, str]:
    """Return the first message per place in *error*, which is about several *fields* at once.

    Places inside nested models and lists have dotted names, such as `lines.0.quantity`.
    """
    messages: dict[str, str] = {}
    for item in error.errors(include_url=False, include_input=False):
        first, *rest = item["loc"] or _about(item.get("ctx")) or ("",)
        field = fields.get(str(first))
        inside = "" if field is None else path_of(field, rest)
        name = f"{first}.{inside}" if inside else str(first)
        messages.setdefault(name, _words(item["type"], item["msg"], item.get("ctx", {})))
    return messages


def _about(said: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return where a validator of several fields wants its message: its error names a *field*."""
    field = (said or {}).get("field")
    return (field,) if isinstance(field, str) else ()


def _words(kind: str, text: str, limits: Mapping[str, Any]) -> str:
    if kind == "string_too_short":
        least = limits["min_length"]
        return FILL_IN if least == 1 else f"Enter at least {least} characters"
    words = _WORDS.get(kind)
    return text.removeprefix("Value error, ") if words is None else words.format_map(limits)
