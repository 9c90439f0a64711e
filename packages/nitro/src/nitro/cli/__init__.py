"""The ``nitro`` command: one file a command, and `program`, which joins them.

Other distributions add sub-commands by the entry-point group ``nitro.cli``. An entry point there
names a function, or a `typer.Typer` with commands of its own.

What a file imports at its top is loaded for ``nitro --help`` too, so the work of a command is
imported by the function that does it.
"""

from nitro.cli.program import app, main

__all__ = ["app", "main"]
