"""SQLite keeps the contract, for plain entities and for mapped ones."""

from pathlib import Path

import pytest

from nitro_entities import SQLEntity, SQLModelBackend, configure
from nitro_entities.testing import StoreContract


class OnSQLite(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> str:
        url = f"sqlite:///{tmp_path}/contract.db"
        configure(database_url=url)
        return url

    @staticmethod
    def configure_child(store: str) -> None:
        configure(database_url=store)


class TestSQLite(OnSQLite):
    backend = SQLModelBackend


class TestMappedSQLite(OnSQLite):
    root = SQLEntity
