"""The parts of a form with files, read strictly: `multipart/form-data`.

What a browser says of a file, its name and its type, is not to be trusted, and dropped here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nitro_events.http.form_fields import encoding_of
from nitro_events.http.problems import BadRequest
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from python_multipart.multipart import MultipartCallbacks

    from nitro_events.http.request import Request

__all__ = [
    "MULTIPART",
    "Parts",
    "check_installed",
    "is_installed",
    "is_multipart",
    "parts_of",
]

MULTIPART = "multipart/form-data"
_MOST_HEADERS = 8
_LONGEST_HEADER = 2048
_LONGEST_BOUNDARY = 200


@dataclass(frozen=True, slots=True)
class Parts:
    """The fields of a form: texts by name, as of any form, and the files that were chosen."""

    texts: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])


def is_multipart(request: Request) -> bool:
    """Tell whether *request* brings a form with files."""
    return request.content_type == MULTIPART


def is_installed() -> bool:
    """Tell whether forms with files can be read."""
    try:
        check_installed()
    except ImportError:
        return False
    return True


def check_installed() -> None:
    """Raise ImportError that says what to install, if forms with files cannot be read."""
    _library()


def parts_of(body: bytes, request: Request) -> Parts:
    """Read *body*. Raises BadRequest for one that is no such form, or has too many parts.

    ImportError says what to install where the parser is missing.
    """
    reader = _Reader(encoding_of(request.charset))
    reader.read(body, request.headers.get("content-type", ""))
    return reader.parts


class _Reader:
    """Puts together what the parser tells of one part after the other."""

    def __init__(self, encoding: str) -> None:
        self.parts = Parts()
        self._encoding = encoding
        self._count = 0
        self._name = ""
        self._file = False
        self._named_file = False
        self._header = bytearray()
        self._value = bytearray()
        self._disposition = ""
        self._content = bytearray()
        self._whole = False

    def read(self, body: bytes, content_type: str) -> None:
        multipart = _library()
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": _adding(self._header),
            "on_header_value": _adding(self._value),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_end,
            "on_part_data": _adding(self._content),
            "on_part_end": self._end,
            "on_end": self._finished,
        }
        try:
            _, options = multipart.parse_options_header(content_type)
            boundary = options.get(b"boundary", b"")
            if not 0 < len(boundary) <= _LONGEST_BOUNDARY:
                msg = "The Content-Type names no boundary"
                raise BadRequest(msg)
            parser = multipart.MultipartParser(
                boundary,
                callbacks,
                max_header_count=_MOST_HEADERS,
                max_header_size=_LONGEST_HEADER,
            )
            parser.write(body)
            parser.finalize()
        except UnicodeError:
            msg = f"The parts of the form must be {self._encoding.upper()}"
            raise BadRequest(msg) from None
        except ValueError:
            msg = "The parts of the form cannot be told apart"
            raise BadRequest(msg) from None
        if not self._whole:
            msg = "The form is not complete"
            raise BadRequest(msg)

    def _begin(self) -> None:
        self._count += 1
        limit = state.settings.limits.fields
        if self._count > limit:
            msg = f"There may be {limit} fields at most"
            raise BadRequest(msg)
        self._disposition = ""
        self._content.clear()

    def _header_end(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            self._disposition = self._value.decode("latin-1")
        self._header.clear()
        self._value.clear()

    def _headers_end(self) -> None:
        kind, options = _library().parse_options_header(self._disposition)
        if kind != b"form-data" or b"name" not in options:
            msg = "Each part of the form needs a name"
            raise BadRequest(msg)
        self._name = options[b"name"].decode(self._encoding)
        self._file = b"filename" in options
        self._named_file = bool(options.get(b"filename"))

    def _end(self) -> None:
        if not self._file:
            text = self._content.decode(self._encoding)
            self.parts.texts.setdefault(self._name, []).append(text)
        elif self._named_file or self._content:  # else a browser says that none was chosen
            self.parts.files[self._name] = bytes(self._content)

    def _finished(self) -> None:
        self._whole = True


def _adding(to: bytearray) -> Callable[[bytes, int, int], None]:
    def add(data: bytes, start: int, end: int) -> None:
        to.extend(data[start:end])

    return add


def _library() -> ModuleType:
    try:
        from python_multipart import multipart
    except ImportError as exc:
        msg = 'A form with files needs: pip install "nitro-events[uploads]"'
        raise ImportError(msg) from exc
    return multipart
