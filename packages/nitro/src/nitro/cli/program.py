"""The program: its commands, those of other distributions, and how it ends."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points, version
from importlib.util import find_spec
from typing import Annotated, Any, NamedTuple

import typer

from nitro.cli.mistakes import Mistake, is_expected
from nitro.cli.printing import complain, say

__all__ = ["app", "main"]

GROUP = "nitro.cli"


class Command(NamedTuple):
    """A sub-command: ``nitro.cli.<module>`` has it, as the function or `typer.Typer` *name*."""

    name: str
    panel: str
    module: str


COMMANDS = (
    Command("new", "Begin", "new"),
    Command("config", "Look into it", "config"),
    Command("doctor", "Look into it", "doctor"),
    Command("events", "Look into it", "events"),
    Command("surface", "Look into it", "surface"),
    Command("db", "Look after what is stored", "db"),
    Command("files", "Look after what is stored", "files"),
    Command("eject", "Take over the code", "eject"),
    Command("tw", "Tailwind", "tw"),  # there as soon as its file is
    Command("worker", "Run", "worker"),
    Command("live", "Run", "live"),
)

app = typer.Typer(
    name="nitro",
    help="Begin, look into and run applications made with Nitro.",
    add_completion=True,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        python = ".".join(map(str, sys.version_info[:3]))
        say(f"nitro {version('nitro')} (Python {python})")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Begin, look into and run applications made with Nitro."""
    if context.invoked_subcommand is None:
        from nitro.cli.welcome import next_steps

        say(context.get_help())
        say(next_steps())


def main() -> None:
    """Run the command line."""
    add_others(sys.argv[1:])
    try:
        app(prog_name="nitro")
    except Mistake as exc:
        complain(str(exc))
        sys.exit(exc.code)
    except Exception as exc:
        if not is_expected(exc):
            raise
        complain(str(exc))
        sys.exit(1)


def add_others(words: list[str]) -> None:
    """Add the commands of other distributions, unless *words* ask for one of ours."""
    asked = next((word for word in words if not word.startswith("-")), None)
    if any(asked == command.name for command in COMMANDS):
        return
    for entry in entry_points(group=GROUP):
        try:
            _add(entry.name, entry.load(), None)
        except Exception as exc:  # theirs must not take ours with it
            _leave_out(entry, exc)


def _add(name: str, found: Any, panel: str | None) -> None:
    if isinstance(found, typer.Typer):
        app.add_typer(found, name=name, rich_help_panel=panel)
    else:
        app.command(name, rich_help_panel=panel)(found)


def _leave_out(entry: EntryPoint, error: Exception) -> None:
    typer.echo(f"nitro {entry.name} is left out: {error}", err=True)


for _command in COMMANDS:
    _module = f"nitro.cli.{_command.module}"
    if find_spec(_module) is not None:
        _add(_command.name, getattr(import_module(_module), _command.name), _command.panel)
