"""Durable handlers as tasks of Celery: its real worker, over a real Redis."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

nitro_entities = pytest.importorskip("nitro_entities")
pytest.importorskip("celery")

from nitro_events.state import state  # noqa: E402

COMMAND = ["celery", "-A", "bridge_app:app", "worker", "-c1", "-lWARNING"]
QUICKLY = ["--without-mingle", "--without-gossip"]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    nitro_entities.state.reset()
    yield
    state.reset()  # ends the threads, which use the stores
    nitro_entities.state.reset()


def _bridges() -> Any:
    spec = importlib.util.spec_from_file_location("bridges", Path(__file__).parent / "bridges.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["bridges"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_its_worker_runs_durable_handlers_once_in_effect(tmp_path: Path) -> None:
    _bridges().check("celery", COMMAND + QUICKLY, tmp_path)
