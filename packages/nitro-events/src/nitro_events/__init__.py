"""Events, commands and live pages, without a web framework.

Nothing is loaded until a name is used.
"""

from typing import TYPE_CHECKING

__all__ = [
    "Action",
    "BadSignals",
    "Call",
    "Caller",
    "Command",
    "DuplicateHandler",
    "Event",
    "Hub",
    "NoHandler",
    "Patch",
    "Policy",
    "Query",
    "Request",
    "Response",
    "Signals",
    "Stream",
    "View",
    "action",
    "action_of",
    "adispatch",
    "assert_surface",
    "call",
    "command",
    "configure",
    "describe_events",
    "dispatch",
    "emit",
    "emit_async",
    "emit_elements",
    "emit_signals",
    "event",
    "expose",
    "hub",
    "on",
    "parse_signals",
    "patch_elements",
    "patch_location",
    "patch_script",
    "patch_signals",
    "query",
    "remove_elements",
]

if TYPE_CHECKING:  # what editors and type checkers read
    from nitro_events.actions import Action as Action
    from nitro_events.actions import action as action
    from nitro_events.actions import action_of as action_of
    from nitro_events.actions import command as command
    from nitro_events.actions import query as query
    from nitro_events.broadcast import emit_elements as emit_elements
    from nitro_events.broadcast import emit_signals as emit_signals
    from nitro_events.bus import adispatch as adispatch
    from nitro_events.bus import dispatch as dispatch
    from nitro_events.calls import Call as Call
    from nitro_events.calls import call as call
    from nitro_events.events import emit as emit
    from nitro_events.events import emit_async as emit_async
    from nitro_events.events import event as event
    from nitro_events.events import on as on
    from nitro_events.http.commands import expose as expose
    from nitro_events.http.request import Request as Request
    from nitro_events.http.response import Response as Response
    from nitro_events.introspection import describe_events as describe_events
    from nitro_events.live.hub import Hub as Hub
    from nitro_events.live.stream import Stream as Stream
    from nitro_events.live.view import View as View
    from nitro_events.messages import Command as Command
    from nitro_events.messages import DuplicateHandler as DuplicateHandler
    from nitro_events.messages import NoHandler as NoHandler
    from nitro_events.messages import Query as Query
    from nitro_events.patches import Patch as Patch
    from nitro_events.patches import patch_elements as patch_elements
    from nitro_events.patches import patch_signals as patch_signals
    from nitro_events.patches import remove_elements as remove_elements
    from nitro_events.policy import Caller as Caller
    from nitro_events.policy import Policy as Policy
    from nitro_events.scripts import patch_location as patch_location
    from nitro_events.scripts import patch_script as patch_script
    from nitro_events.settings import configure as configure
    from nitro_events.signals import BadSignals as BadSignals
    from nitro_events.signals import Signals as Signals
    from nitro_events.signals import parse_signals as parse_signals
    from nitro_events.surface import assert_surface as assert_surface
    from nitro_events.typed import Event as Event

    hub: Hub
else:  # what runs; hidden from checkers, or every misspelt name would pass
    from importlib import import_module

    _HOME_OF = {
        "Action": "actions",
        "BadSignals": "signals",
        "Call": "calls",
        "Caller": "policy",
        "Command": "messages",
        "DuplicateHandler": "messages",
        "Event": "typed",
        "Hub": "live.hub",
        "NoHandler": "messages",
        "Patch": "patches",
        "Policy": "policy",
        "Query": "messages",
        "Request": "http.request",
        "Response": "http.response",
        "Signals": "signals",
        "Stream": "live.stream",
        "View": "live.view",
        "action": "actions",
        "action_of": "actions",
        "adispatch": "bus",
        "assert_surface": "surface",
        "call": "calls",
        "command": "actions",
        "configure": "settings",
        "describe_events": "introspection",
        "dispatch": "bus",
        "emit": "events",
        "emit_async": "events",
        "emit_elements": "broadcast",
        "emit_signals": "broadcast",
        "event": "events",
        "expose": "http.commands",
        "on": "events",
        "parse_signals": "signals",
        "patch_elements": "patches",
        "patch_location": "scripts",
        "patch_script": "scripts",
        "patch_signals": "patches",
        "query": "actions",
        "remove_elements": "patches",
    }

    def __getattr__(name: str) -> object:
        if name == "hub":  # never kept here: a reset makes a new one
            return import_module("nitro_events.state").state.hub
        home = _HOME_OF.get(name)
        if home is None:
            msg = f"module 'nitro_events' has no attribute {name!r}"
            raise AttributeError(msg)
        value = globals()[name] = getattr(import_module(f"nitro_events.{home}"), name)
        return value

    def __dir__() -> list[str]:
        return __all__
