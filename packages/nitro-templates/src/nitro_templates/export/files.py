"""The kinds of files there are, and what all of them are written from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from .values import Plain

Batches = Iterable[Sequence[Sequence[Plain]]]


@dataclass(frozen=True, slots=True)
class Options:
    """How files are written. *names*: fields as programs call them, not their labels.

    *bom* is the mark by which Excel knows UTF-8, *defuse* keeps spreadsheets from running texts.
    """

    names: bool = False
    bom: bool = True
    defuse: bool = True
    separator: str = ","


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file is written from: columns as (name, label), and the rows in batches."""

    title: str
    columns: tuple[tuple[str, str], ...]
    batches: Batches
    options: Options = Options()

    @property
    def heads(self) -> list[str]:
        """The heading of each column in a file for people."""
        return [name if self.options.names else label for name, label in self.columns]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: its label on the page, its type, and what writes it, chunk by chunk."""

    extension: str
    label: str
    content_type: str
    write: Callable[[Sheet], Iterator[bytes]]
    needs: str | None = None

    def check(self) -> None:
        """Raise ImportError that says what to install, if something is missing."""
        if self.needs is not None and find_spec(self.needs) is None:
            msg = (
                f"Files of kind {self.extension!r} are written by {self.needs}, which is not "
                f"installed. Run: pip install 'nitro-templates[{self.extension}]'"
            )
            raise ImportError(msg)


def _csv(sheet: Sheet) -> Iterator[bytes]:
    from .csv_text import chunks

    return chunks(sheet)


def _xlsx(sheet: Sheet) -> Iterator[bytes]:
    from .workbook import chunks

    return chunks(sheet)


def _json(sheet: Sheet) -> Iterator[bytes]:
    from .json_text import chunks

    return chunks(sheet)


KINDS: dict[str, Kind] = {
    "csv": Kind("csv", "CSV", "text/csv; charset=utf-8", _csv),
    "xlsx": Kind(
        "xlsx",
        "Excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _xlsx,
        needs="xlsxwriter",
    ),
    "json": Kind("json", "JSON", "application/json", _json),
}
"""The kinds by name."""


def write(kind: str, sheet: Sheet) -> Iterator[bytes]:
    """Yield the file piece by piece, reading no more rows at a time than *sheet* hands over."""
    return KINDS[kind].write(sheet)
