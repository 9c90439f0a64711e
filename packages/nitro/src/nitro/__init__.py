"""One import for every Nitro module that is installed.

Nothing is imported until a name is used: ``from nitro import Entity`` loads
``nitro_entities`` and leaves the event and template packages alone.
"""

from typing import TYPE_CHECKING

__all__ = [
    "Caller",
    "Card",
    "Cards",
    "Change",
    "Column",
    "Command",
    "Condition",
    "DatastarRepo",
    "Detail",
    "Entity",
    "EntityError",
    "EntityNotFound",
    "Event",
    "Failure",
    "FileMissing",
    "FileRefused",
    "FileRules",
    "Form",
    "Frame",
    "ImageFile",
    "Look",
    "MemoryRepo",
    "Navigation",
    "Page",
    "Patch",
    "Presence",
    "Query",
    "QuerySet",
    "Range",
    "ReadSignals",
    "RedisRepo",
    "Row",
    "SQLEntity",
    "SQLModelBackend",
    "Safe",
    "Secret",
    "Section",
    "Signals",
    "Slice",
    "StaleEntity",
    "Step",
    "StoredFile",
    "Tab",
    "Table",
    "Tabs",
    "Toast",
    "UnitOfWork",
    "action",
    "adispatch",
    "call",
    "col",
    "command",
    "configure",
    "dispatch",
    "emit",
    "emit_async",
    "emit_elements",
    "emit_signals",
    "error_page",
    "event",
    "expose",
    "go_to",
    "install",
    "on",
    "patch_elements",
    "patch_signals",
    "query",
    "remove_elements",
    "social",
    "toast",
    "ui",
]

if TYPE_CHECKING:  # what editors and type checkers read
    from nitro.adapters import install as install
    from nitro.settings import configure as configure
    from nitro_entities import Change as Change
    from nitro_entities import Condition as Condition
    from nitro_entities import DatastarRepo as DatastarRepo
    from nitro_entities import Entity as Entity
    from nitro_entities import EntityError as EntityError
    from nitro_entities import EntityNotFound as EntityNotFound
    from nitro_entities import FileMissing as FileMissing
    from nitro_entities import FileRefused as FileRefused
    from nitro_entities import FileRules as FileRules
    from nitro_entities import ImageFile as ImageFile
    from nitro_entities import MemoryRepo as MemoryRepo
    from nitro_entities import QuerySet as QuerySet
    from nitro_entities import RedisRepo as RedisRepo
    from nitro_entities import Secret as Secret
    from nitro_entities import Slice as Slice
    from nitro_entities import SQLEntity as SQLEntity
    from nitro_entities import SQLModelBackend as SQLModelBackend
    from nitro_entities import StaleEntity as StaleEntity
    from nitro_entities import StoredFile as StoredFile
    from nitro_entities import UnitOfWork as UnitOfWork
    from nitro_entities import col as col
    from nitro_events import Caller as Caller
    from nitro_events import Command as Command
    from nitro_events import Event as Event
    from nitro_events import Patch as Patch
    from nitro_events import Query as Query
    from nitro_events import Signals as Signals
    from nitro_events import action as action
    from nitro_events import adispatch as adispatch
    from nitro_events import call as call
    from nitro_events import command as command
    from nitro_events import dispatch as dispatch
    from nitro_events import emit as emit
    from nitro_events import emit_async as emit_async
    from nitro_events import emit_elements as emit_elements
    from nitro_events import emit_signals as emit_signals
    from nitro_events import event as event
    from nitro_events import expose as expose
    from nitro_events import on as on
    from nitro_events import patch_elements as patch_elements
    from nitro_events import patch_signals as patch_signals
    from nitro_events import query as query
    from nitro_events import remove_elements as remove_elements
    from nitro_fastapi import ReadSignals as ReadSignals
    from nitro_templates import Card as Card
    from nitro_templates import Cards as Cards
    from nitro_templates import Column as Column
    from nitro_templates import Detail as Detail
    from nitro_templates import Failure as Failure
    from nitro_templates import Form as Form
    from nitro_templates import Frame as Frame
    from nitro_templates import Look as Look
    from nitro_templates import Navigation as Navigation
    from nitro_templates import Page as Page
    from nitro_templates import Presence as Presence
    from nitro_templates import Range as Range
    from nitro_templates import Row as Row
    from nitro_templates import Safe as Safe
    from nitro_templates import Step as Step
    from nitro_templates import Tab as Tab
    from nitro_templates import Table as Table
    from nitro_templates import Tabs as Tabs
    from nitro_templates import Toast as Toast
    from nitro_templates import error_page as error_page
    from nitro_templates import social as social
    from nitro_templates import ui as ui
    from nitro_templates.form import Section as Section
    from nitro_templates.with_events.toasts import go_to as go_to
    from nitro_templates.with_events.toasts import toast as toast
else:  # what runs; hidden from checkers, or every misspelt name would pass
    from importlib import import_module
    from importlib.util import find_spec

    _NAMES_IN = {
        "nitro.adapters": ["install"],
        "nitro.settings": ["configure"],
        "nitro_entities": [
            "Change",
            "Condition",
            "DatastarRepo",
            "Entity",
            "EntityError",
            "EntityNotFound",
            "FileMissing",
            "FileRefused",
            "FileRules",
            "ImageFile",
            "MemoryRepo",
            "QuerySet",
            "RedisRepo",
            "SQLEntity",
            "SQLModelBackend",
            "Secret",
            "Slice",
            "StaleEntity",
            "StoredFile",
            "UnitOfWork",
            "col",
        ],
        "nitro_events": [
            "Caller",
            "Command",
            "Event",
            "Patch",
            "Query",
            "Signals",
            "action",
            "adispatch",
            "call",
            "command",
            "dispatch",
            "emit",
            "emit_async",
            "emit_elements",
            "emit_signals",
            "event",
            "expose",
            "on",
            "patch_elements",
            "patch_signals",
            "query",
            "remove_elements",
        ],
        "nitro_fastapi": ["ReadSignals"],
        "nitro_templates": [
            "Card",
            "Cards",
            "Column",
            "Detail",
            "Failure",
            "Form",
            "Frame",
            "Look",
            "Navigation",
            "Page",
            "Presence",
            "Range",
            "Row",
            "Safe",
            "Step",
            "Tab",
            "Table",
            "Tabs",
            "Toast",
            "error_page",
            "social",
            "ui",
        ],
        "nitro_templates.form": ["Section"],
        "nitro_templates.with_events.toasts": ["go_to", "toast"],
    }
    _HOME_OF = {name: home for home, names in _NAMES_IN.items() for name in names}
    _INSTALLED = {home for home in _NAMES_IN if find_spec(home.partition(".")[0])}
    # A star import must not fail over an adapter for a framework that nobody uses here.
    __all__ = [name for name in __all__ if _HOME_OF[name] in _INSTALLED]
    if find_spec("redis") is None:
        __all__.remove("RedisRepo")

    def __getattr__(name: str) -> object:
        home = _HOME_OF.get(name)
        if home is None:
            from nitro.elsewhere import missing

            raise missing(name)
        package = home.partition(".")[0]
        if find_spec(package) is None:
            dist = package.replace("_", "-")
            msg = f"{name} lives in {dist}, which is not installed. Run: pip install {dist}"
            raise ImportError(msg, name=package)
        value = globals()[name] = getattr(import_module(home), name)
        return value

    def __dir__() -> list[str]:
        return sorted(__all__)
