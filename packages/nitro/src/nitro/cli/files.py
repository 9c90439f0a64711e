"""``nitro files``: what the storage of files needs now and then."""

from __future__ import annotations

import typer

from nitro.cli.application import load_named
from nitro.cli.options import Application, AsJson
from nitro.cli.printing import marked, print_json, working

__all__ = ["files"]

files = typer.Typer(help="Look after the files that entities hold.", no_args_is_help=True)


@files.callback()
def begin() -> None:
    """Look after the files that entities hold."""  # keeps "sweep" a word of its own


@files.command()
def sweep(application: Application = None, as_json: AsJson = False) -> None:
    """Remove files that no entity holds and that are older than a day."""
    load_named(application)
    from nitro_entities import files as stored

    with working("looking at every entity that can hold files"):
        removed = stored.sweep()
    if as_json:
        print_json({"removed": removed})
        return
    marked("ok", f"{removed} {'file' if removed == 1 else 'files'} removed")
