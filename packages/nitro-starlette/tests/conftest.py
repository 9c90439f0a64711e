"""Every test starts and ends with nothing registered, in an empty folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nitro_events.state import state


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    for name in ("NITRO_ENV", "NITRO_SECRET", "NITRO_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    state.reset()
    yield
    state.reset()
