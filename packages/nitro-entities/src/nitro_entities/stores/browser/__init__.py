"""Entities that live in the browser of the caller."""

from nitro_entities.stores.browser.present import (
    Sessions,
    browser_session,
    current_session,
    sessions,
)
from nitro_entities.stores.browser.repository import BrowserStore, DatastarRepo
from nitro_entities.stores.browser.seal import BadSeal, HmacSealer, Sealer, sealing
from nitro_entities.stores.browser.session import BrowserSession
from nitro_entities.stores.browser.shared import VersionsIn
from nitro_entities.stores.browser.versions import Newest, VersionMemory, Versions, remember_in

__all__ = [
    "BadSeal",
    "BrowserSession",
    "BrowserStore",
    "DatastarRepo",
    "HmacSealer",
    "Newest",
    "Sealer",
    "Sessions",
    "VersionMemory",
    "Versions",
    "VersionsIn",
    "browser_session",
    "current_session",
    "remember_in",
    "sealing",
    "sessions",
]
