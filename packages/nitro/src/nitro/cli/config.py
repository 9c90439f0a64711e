"""``nitro config``: the settings."""

from typing import Annotated

import typer

from nitro.cli.application import load, named
from nitro.cli.options import Application, AsJson
from nitro.cli.printing import jsonable, print_json, print_table, say

__all__ = ["config"]


def config(
    application: Application = None,
    as_json: AsJson = False,
    changed: Annotated[bool, typer.Option("--changed", help="Leave defaults out.")] = False,
) -> None:
    """Print every setting with its value and where it comes from. Secrets are hidden."""
    meant = named(application)
    if meant is not None:
        load(meant)
    from nitro import sources

    found = [one for one in sources.values() if not changed or one.source != "default"]
    kept = [one for one in sources.stores() if not changed or one.source != "default"]
    if as_json:
        print_json({"application": meant, "settings": jsonable(found), "stores": jsonable(kept)})
        return
    rows = [(one.name, one.value, one.source, one.variable or "") for one in found]
    print_table(("setting", "value", "from", "in the environment"), rows)
    if kept:
        say()
        print_table(("entity", "store", "from"), [(k.entity, k.store, k.source) for k in kept])
    if meant is None:
        say()
        say(
            "No application was named, so what it configures is not in here: nitro config main:app"
        )
