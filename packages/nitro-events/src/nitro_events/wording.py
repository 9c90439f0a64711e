"""What is wrong with a value, in words for the person who typed it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError
from pydantic_core import PydanticKnownError

from nitro_events.texts import Text
from nitro_events.trees import path_of

if TYPE_CHECKING:
    from nitro_events.fields import Field

__all__ = ["FILL_IN", "NO_NUMBER", "NO_UPLOAD", "fields_messages", "messages_of"]

FILL_IN = Text("Fill in this field")
NO_NUMBER = Text("Enter a number")
NO_UPLOAD = Text("Upload the file first, and send what the answer has as its token")
_WHOLE = Text("Enter a whole number")
_DATE = Text("Enter a date, such as 2026-01-31")
_TIME = Text("Enter a time, such as 14:30")
_MOMENT = Text("Enter a date and time, such as 2026-01-31 14:30")

# by pydantic's error type; what is missing here keeps pydantic's own text
_WORDS: dict[str, Text] = {
    "missing": FILL_IN,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": Text("This number is too large"),
    "int_from_float": _WHOLE,
    "float_type": NO_NUMBER,
    "float_parsing": NO_NUMBER,
    "decimal_parsing": NO_NUMBER,
    "decimal_type": NO_NUMBER,
    "decimal_max_places": Text("Enter at most {decimal_places} digits after the point"),
    "decimal_max_digits": Text("Enter at most {max_digits} digits"),
    "decimal_whole_digits": Text("Enter at most {whole_digits} digits before the point"),
    "finite_number": NO_NUMBER,
    "bool_parsing": Text("Enter yes or no"),
    "string_too_long": Text("Enter at most {max_length} characters"),
    "string_pattern_mismatch": Text("This does not have the expected form"),
    "greater_than": Text("Enter more than {gt}"),
    "greater_than_equal": Text("Enter {ge} or more"),
    "less_than": Text("Enter less than {lt}"),
    "less_than_equal": Text("Enter {le} or less"),
    "multiple_of": Text("Enter a multiple of {multiple_of}"),
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "time_parsing": _TIME,
    "enum": Text("Choose one of {expected}"),
    "literal_error": Text("Choose one of {expected}"),
    "timezone_aware": Text("Enter a moment with its time zone, such as 2026-01-31T14:30+01:00"),
    "zoneinfo_str": Text("Enter a time zone, such as Europe/Zurich"),
    "time_delta_parsing": Text("Enter a duration, such as 01:30:00 or P1DT2H"),
    "url_parsing": Text("Enter an address, such as https://example.org"),
    "url_scheme": Text("Enter an address, such as https://example.org"),
    "uuid_parsing": Text("This does not have the expected form"),
    "bytes_type": FILL_IN,
    "nitro_no_upload": NO_UPLOAD,
    "bytes_too_short": Text("This file is too small"),
    "too_short": Text("Add at least {min_length}"),
    "too_long": Text("There may be {max_length} at most"),
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
        if least == 1:
            return FILL_IN
        return Text("Enter at least {min_length} characters", min_length=least)
    words = _WORDS.get(kind)
    if words is not None:
        return Text(words, **limits) if limits else words
    if kind == "value_error":
        return text.removeprefix("Value error, ")
    return _of_pydantic(kind, text, limits)


def _of_pydantic(kind: str, text: str, limits: Mapping[str, Any]) -> str:
    """Return pydantic's own *text*, with what it was made of where that is known."""
    try:
        known = PydanticKnownError(cast("Any", kind), dict(limits) or None)
        made = Text(known.message_template, **limits)
    except (KeyError, TypeError, ValueError):  # a text of somebody else
        return text
    return made if made == text else text
