"""Every test starts and ends with nothing registered, in an empty folder."""

# mypy: disable-error-code="import-untyped, untyped-decorator"

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fasthtml.common import fast_app

from nitro_events.state import state
from nitro_fasthtml import install


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    for name in ("NITRO_ENV", "NITRO_SECRET", "NITRO_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    state.reset()
    yield
    state.reset()


@pytest.fixture
def app() -> Any:
    made, _ = fast_app(secret_key="a secret", pico=False)
    return install(made)
