"""The fields of a form or a query, read strictly."""

from __future__ import annotations

from urllib.parse import parse_qsl

from nitro_events.charsets import UnknownCharset, known_charset
from nitro_events.http.problems import BadRequest, UnsupportedMedia
from nitro_events.state import state
from nitro_events.texts import Text

__all__ = ["encoding_of", "fields_of"]


def fields_of(text: str | bytes, charset: str | None = None) -> dict[str, list[str]]:
    """Read ``a=1&b=2`` as lists by name. Raises BadRequest for too many or unreadable fields.

    What is percent-encoded is written in *charset*, else in UTF-8; UnsupportedMedia if that is
    not read here.
    """
    encoding = encoding_of(charset)
    limit = state.settings.limits.fields
    try:
        if isinstance(text, bytes):
            text = text.decode("ascii")
        pairs = parse_qsl(
            text, keep_blank_values=True, max_num_fields=limit, encoding=encoding, errors="strict"
        )
    except UnicodeError:
        msg = Text("The fields must be {charset}, percent-encoded", charset=encoding.upper())
        raise BadRequest(msg) from None
    except ValueError:
        msg = Text("There may be {count} fields at most", count=limit)
        raise BadRequest(msg) from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def encoding_of(charset: str | None) -> str:
    """Return Python's name of *charset*, UTF-8 if none is said. Raises UnsupportedMedia."""
    try:
        return "utf-8" if charset is None else known_charset(charset)
    except UnknownCharset as exc:
        raise UnsupportedMedia(str(exc)) from None
