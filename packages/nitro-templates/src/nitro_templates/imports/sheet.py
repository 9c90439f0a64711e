"""What is left of a file: its columns, and rows of texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import grouped

Cell = object
"""A text as somebody would type it; of JSON also what is no text."""


class Unreadable(ValueError):
    """A file cannot be read; the text says why, for whoever sent it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read at most."""

    bytes: int = 10 * 1024 * 1024
    rows: int = 20_000
    columns: int = 200
    cells: int = 1_000_000
    expanded: int = 128 * 1024 * 1024
    """How large what is packed in an XLSX file may be."""
    cell: int = 100_000
    """How many characters one cell may have."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a text file is read; nothing for what is to be found out."""

    encoding: str = ""
    separator: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns of a file, and its rows, each with its number in the file."""

    kind: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    way: Way = field(default_factory=Way)
    notes: tuple[str, ...] = ()
    """What its reader should look at."""


def gathered(
    kind: str,
    rows: Iterable[tuple[int, Sequence[Cell]]],
    limits: Limits,
    way: Way | None = None,
    notes: Sequence[str] = (),
) -> Sheet:
    """Make a sheet of *rows*, the first of which names the columns. Raises Unreadable."""
    columns: tuple[str, ...] = ()
    kept: list[tuple[int, tuple[Cell, ...]]] = []
    cells = 0
    for number, row in rows:
        made = tuple(row)
        if all(cell in ("", None) for cell in made):
            continue
        while kind != "json" and made[-1] == "":  # what spreadsheets write after the last one
            made = made[:-1]
        _check_row(number, made, limits)
        if not columns:
            columns = tuple(str(cell or "").strip() for cell in made)
            continue
        cells += len(made)
        if len(kept) >= limits.rows or cells > limits.cells:
            raise Unreadable(
                _(
                    "This file has more than {rows} rows or {cells} cells. Divide it.",
                    rows=grouped(limits.rows),
                    cells=grouped(limits.cells),
                )
            )
        kept.append((number, made))
    if not kept:
        raise Unreadable(_("There are no rows in this file below the names of its columns."))
    width = max(len(columns), *(len(row) for _number, row in kept))
    if width > limits.columns:
        raise Unreadable(too_wide(limits))
    columns += ("",) * (width - len(columns))
    return Sheet(kind, columns, tuple(kept), way or Way(), tuple(notes))


def _check_row(number: int, row: tuple[Cell, ...], limits: Limits) -> None:
    if len(row) > limits.columns:
        raise Unreadable(too_wide(limits))
    if any(isinstance(cell, str) and len(cell) > limits.cell for cell in row):
        raise Unreadable(_("A cell in row {row} is too long.", row=number))


def too_wide(limits: Limits) -> str:
    """Answer what is said of a file with too many columns."""
    return _("This file has more than {columns} columns.", columns=limits.columns)
