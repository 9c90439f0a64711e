"""What one browser keeps keeps the contract: within a request, and over many of them."""

import threading
from typing import Any

import pytest

from nitro_entities import DatastarRepo, configure
from nitro_entities.stores.browser import BrowserSession, session, sessions
from nitro_entities.testing import (
    IdentityContract,
    MachineContract,
    RoundTripContract,
    StalenessContract,
    StoreContract,
)


class Roomy(DatastarRepo[Any]):
    """Takes what the kit stores, which is more than fits into a URL."""

    entity_limit = 1_000_000
    total_limit = 100_000_000


class TestBrowser(StoreContract):
    backend = Roomy
    label = "Browser"

    @pytest.fixture
    def store(self) -> None:
        configure(secret="k" * 32)
        one = BrowserSession(caller="ann")
        sessions().source = lambda: one


class Tab:
    """Sends all its signals with each request, and takes over what comes back."""

    def __init__(self) -> None:
        self.signals: dict[str, Any] = {"kept_sealed": {}}
        self._last: BrowserSession | None = None
        self._lock = threading.Lock()

    def request(self) -> BrowserSession:
        with self._lock:
            if self._last is not None:
                for slot, text in self._last.reply().get("kept_sealed", {}).items():
                    self.signals["kept_sealed"].pop(slot, None)
                    if text is not None:
                        self.signals["kept_sealed"][slot] = text
            self._last = BrowserSession(dict(self.signals), caller="ann")
            return self._last


class TestEveryVerbARequest(
    MachineContract, IdentityContract, RoundTripContract, StalenessContract
):
    backend = Roomy

    @pytest.fixture
    def store(self, monkeypatch: pytest.MonkeyPatch) -> None:
        configure(secret="k" * 32)
        monkeypatch.setattr(session, "MAX_TEXTS", 10_000)
        sessions().source = Tab().request
