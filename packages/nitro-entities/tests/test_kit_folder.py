"""A store that is an example, files in a folder, keeps the contract."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from nitro_entities.testing import StoreContract

pytest.importorskip("fcntl", reason="the example locks files as Unix does")

PATH = Path(__file__).parents[3] / "examples/folder_store.py"
spec = importlib.util.spec_from_file_location("folder_store", PATH)
assert spec is not None
assert spec.loader is not None
folder_store = sys.modules["folder_store"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(folder_store)


class TestFolder(StoreContract):
    backend = folder_store.FolderRepo

    @pytest.fixture
    def store(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setenv("FOLDER_STORE", str(tmp_path / "rows"))
        return str(tmp_path / "rows")

    @staticmethod
    def configure_child(store: str) -> None:
        os.environ["FOLDER_STORE"] = store
