"""What is wrong with a value, in words for the person who typed it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

__all__ = ["FILL_IN", "messages_of"]

FILL_IN = "Fill in this field"
_WHOLE, _NUMBER = "Enter a whole number", "Enter a number"
_DATE, _TIME = "Enter a date, such as 2026-01-31", "Enter a time, such as 14:30"
_MOMENT = "Enter a date and time, such as 2026-01-31 14:30"

# by pydantic's error type; what is missing here keeps pydantic's own text
_WORDS = {
    "missing": FILL_IN,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": "This number is too large",
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_max_places": "Enter at most {decimal_places} digits after the point",
    "decimal_max_digits": "Enter at most {max_digits} digits",
    "decimal_whole_digits": "Enter at most {whole_digits} digits before the point",
    "finite_number": _NUMBER,
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
}


def messages_of(error: ValidationError) -> dict[str, str]:
    """Return the first message per field of *error*, never with the values that were given."""
    messages: dict[str, str] = {}
    for item in error.errors(include_url=False, include_input=False):
        name = str(item["loc"][0]) if item["loc"] else ""
        messages.setdefault(name, _words(item["type"], item["msg"], item.get("ctx", {})))
    return messages


def _words(kind: str, text: str, limits: Mapping[str, Any]) -> str:
    if kind == "string_too_short":
        least = limits["min_length"]
        return FILL_IN if least == 1 else f"Enter at least {least} characters"
    words = _WORDS.get(kind)
    return text.removeprefix("Value error, ") if words is None else words.format_map(limits)
