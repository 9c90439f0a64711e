"""The parts of a form with files, read strictly: `multipart/form-data`.

What a browser says of a file, its name and its type, is not to be trusted, and dropped here.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from nitro_events.http.form_fields import encoding_of
from nitro_events.http.problems import BadRequest, TooLarge
from nitro_events.state import state
from nitro_events.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import ModuleType

    from python_multipart.multipart import MultipartCallbacks

    from nitro_events.http.request import Request

__all__ = [
    "MULTIPART",
    "Begin",
    "Parts",
    "PartsReader",
    "Sink",
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


Begin: TypeAlias = "Callable[[str, str], Sink | None]"
"""Asked where a file goes, by the names of its field and of itself; None: into memory."""


class Sink(Protocol):
    """Takes the content of one file."""

    def write(self, piece: bytes, /) -> None:
        """Add *piece*."""
        ...

    def end(self) -> str:
        """Return the text of the field that stands for the file."""
        ...


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
    reader = PartsReader(request)
    reader.write(body)
    return reader.end()


class PartsReader:
    """Puts together what the parser tells of one part after the other.

    Raises as `parts_of` does. *begin* may take files elsewhere while they come.
    """

    def __init__(self, request: Request, begin: Begin | None = None) -> None:
        self.parts = Parts()
        self._begin_file = begin
        self._sink: Sink | None = None
        self._held = 0
        encoding = encoding_of(request.charset)
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

        with self._explained():
            self._parser = self._made(request.headers.get("content-type", ""))

    def write(self, piece: bytes) -> None:
        """Read on."""
        with self._explained():
            self._parser.write(piece)

    def end(self) -> Parts:
        """Return what was read, which is a whole form."""
        with self._explained():
            self._parser.finalize()
        if not self._whole:
            msg = Text("The form is not complete")
            raise BadRequest(msg)
        return self.parts

    def _made(self, content_type: str) -> Any:
        multipart = _library()
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": _adding(self._header),
            "on_header_value": _adding(self._value),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finished,
        }
        _, options = multipart.parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if not 0 < len(boundary) <= _LONGEST_BOUNDARY:
            msg = Text("The Content-Type names no boundary")
            raise BadRequest(msg)
        return multipart.MultipartParser(
            boundary,
            callbacks,
            max_header_count=_MOST_HEADERS,
            max_header_size=_LONGEST_HEADER,
        )

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except UnicodeError:
            msg = Text("The parts of the form must be {charset}", charset=self._encoding.upper())
            raise BadRequest(msg) from None
        except ValueError:
            msg = Text("The parts of the form cannot be told apart")
            raise BadRequest(msg) from None

    def _begin(self) -> None:
        self._count += 1
        limit = state.settings.limits.fields
        if self._count > limit:
            msg = Text("There may be {count} fields at most", count=limit)
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
            msg = Text("Each part of the form needs a name")
            raise BadRequest(msg)
        self._name = options[b"name"].decode(self._encoding)
        self._file = b"filename" in options
        named = options.get(b"filename")
        self._named_file = bool(named)
        if named and self._begin_file is not None:
            self._sink = self._begin_file(self._name, named.decode(self._encoding, "replace"))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._sink is not None:
            self._sink.write(data[start:end])
            return
        self._held += end - start
        if self._held > state.settings.limits.body:
            most = state.settings.limits.body
            msg = Text("The fields of the form may have {most} bytes at most", most=most)
            raise TooLarge(msg)
        self._content.extend(data[start:end])

    def _end(self) -> None:
        if self._sink is not None:
            sink, self._sink = self._sink, None
            self.parts.texts.setdefault(self._name, []).append(sink.end())
        elif not self._file:
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
