"""Events, commands and live pages, without a web framework.

Nothing is loaded until a name is used.
"""

from typing import TYPE_CHECKING

__all__ = [
    "Action",
    "BadSignals",
    "Call",
    "Caller",
    "Hub",
    "Patch",
    "Policy",
    "Request",
    "Response",
    "Signals",
    "Stream",
    "View",
    "action",
    "action_of",
    "call",
    "command",
    "configure",
    "emit",
    "emit_async",
    "emit_elements",
    "emit_signals",
    "event",
    "hub",
    "on",
    "parse_signals",
    "patch_elements",
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
    from nitro_events.calls import Call as Call
    from nitro_events.calls import call as call
    from nitro_events.events import emit as emit
    from nitro_events.events import emit_async as emit_async
    from nitro_events.events import event as event
    from nitro_events.events import on as on
    from nitro_events.http.request import Request as Request
    from nitro_events.http.response import Response as Response
    from nitro_events.live.hub import Hub as Hub
    from nitro_events.live.stream import Stream as Stream
    from nitro_events.live.view import View as View
    from nitro_events.patches import Patch as Patch
    from nitro_events.patches import patch_elements as patch_elements
    from nitro_events.patches import patch_signals as patch_signals
    from nitro_events.patches import remove_elements as remove_elements
    from nitro_events.policy import Caller as Caller
    from nitro_events.policy import Policy as Policy
    from nitro_events.settings import configure as configure
    from nitro_events.signals import BadSignals as BadSignals
    from nitro_events.signals import Signals as Signals
    from nitro_events.signals import parse_signals as parse_signals

    hub: Hub
else:  # what runs; hidden from checkers, or every misspelt name would pass
    from importlib import import_module

    _HOME_OF = {
        "Action": "actions",
        "BadSignals": "signals",
        "Call": "calls",
        "Caller": "policy",
        "Hub": "live.hub",
        "Patch": "patches",
        "Policy": "policy",
        "Request": "http.request",
        "Response": "http.response",
        "Signals": "signals",
        "Stream": "live.stream",
        "View": "live.view",
        "action": "actions",
        "action_of": "actions",
        "call": "calls",
        "command": "actions",
        "configure": "settings",
        "emit": "events",
        "emit_async": "events",
        "emit_elements": "broadcast",
        "emit_signals": "broadcast",
        "event": "events",
        "on": "events",
        "parse_signals": "signals",
        "patch_elements": "patches",
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
