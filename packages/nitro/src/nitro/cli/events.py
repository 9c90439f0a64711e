"""``nitro events``: who emits and who hears what."""

from nitro.cli.application import load_named
from nitro.cli.options import Application, AsJson
from nitro.cli.printing import jsonable, print_json, say

__all__ = ["events"]


def events(application: Application = None, as_json: AsJson = False) -> None:
    """Print who emits and who hears which event, and what nobody hears."""
    load_named(application)
    from nitro_events.introspection import describe_events

    report = describe_events()
    if as_json:
        print_json(jsonable(report))
        return
    say(str(report) or "No events: nothing is emitted, and nothing is listened to.")
