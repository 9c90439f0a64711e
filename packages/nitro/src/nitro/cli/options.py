"""The options that several commands have, so that they are the same everywhere."""

from typing import Annotated

import typer

__all__ = ["AppOption", "Application", "AsJson", "Folder", "Yes"]

_HELP = "What to import: shop.main, or shop.main:app. Else NITRO_APP, or pyproject.toml."

Application = Annotated[str | None, typer.Argument(metavar="[APP]", help=_HELP)]
AppOption = Annotated[str | None, typer.Option("--app", metavar="APP", help=_HELP)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Folder = Annotated[str, typer.Option("--folder", help="Where the migrations are.")]
