"""How commands speak: plain text into files and pipes, with colours on a terminal."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

__all__ = [
    "asked",
    "complain",
    "jsonable",
    "marked",
    "print_json",
    "print_table",
    "say",
    "working",
]

MARKS = {
    "ok": ("✓", "+", "green"),
    "note": ("·", "-", "blue"),
    "warning": ("!", "!", "yellow"),
    "error": ("✗", "x", "red"),
}


def say(text: str = "", *, style: str | None = None) -> None:
    """Print *text*; *style* is the name of a colour, seen on a terminal only."""
    typer.echo(text if style is None else typer.style(text, fg=style))


def marked(level: str, text: str) -> None:
    """Print *text* with the mark of *level*: ok, note, warning or error."""
    mark, plain, colour = MARKS[level]
    shown = typer.style(mark if _can_print(mark) else plain, fg=colour, bold=True)
    typer.echo(f"{shown} {text}")


def complain(text: str) -> None:
    """Print *text* as an error."""
    typer.secho("Error: ", fg="red", bold=True, err=True, nl=False)
    typer.echo(text, err=True)


def print_json(value: object) -> None:
    """Print *value* as JSON."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print *rows* in columns, which fit on a terminal; elsewhere each row is one line."""
    if sys.stdout.isatty():
        _print_rich(headings, rows)
        return
    wide = [max(len(row[place]) for row in [headings, *rows]) for place in range(len(headings))]
    for row in [headings, *rows]:
        cells = (cell.ljust(width) for cell, width in zip(row, wide, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _print_rich(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # as it is: "[x]" is no markup
    Console().print(table)


@contextmanager
def working(text: str) -> Generator[Callable[[str], None]]:
    """Show on a terminal that something goes on; give a function that says what."""
    if not sys.stderr.isatty():
        yield _nothing
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status(escape(text)) as status:
        yield lambda now: status.update(escape(now))


def asked(question: str) -> bool:
    """Ask *question*; nobody is asked where there is no terminal, and that is a no."""
    return sys.stdin.isatty() and typer.confirm(question)


def _nothing(_text: str) -> None: ...


def _can_print(mark: str) -> bool:
    try:
        mark.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def jsonable(value: Any) -> Any:
    """Return *value*, a dataclass or several, as what JSON knows."""
    from dataclasses import asdict, is_dataclass

    if isinstance(value, (list, tuple)):
        return [jsonable(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
