"""``nitro surface``: what can be reached from outside."""

from nitro.cli.application import load_named
from nitro.cli.options import Application, AsJson
from nitro.cli.printing import jsonable, print_json, say

__all__ = ["surface"]


def surface(application: Application = None, as_json: AsJson = False) -> None:
    """Print every command, verb, topic and field that can be reached from outside."""
    load_named(application)
    from nitro_events.surface import surface as reachable

    found = reachable()
    if as_json:
        print_json(jsonable(found))
        return
    say(str(found).rstrip("\n"))
