"""PostgreSQL keeps the contract, for plain entities and for mapped ones."""

import pytest

from nitro_entities import SQLEntity, SQLModelBackend, configure
from nitro_entities.testing import StoreContract


class OnPostgres(StoreContract):
    @pytest.fixture
    def store(self, postgres_url: str) -> str:
        configure(database_url=postgres_url)
        return postgres_url

    @staticmethod
    def configure_child(store: str) -> None:
        configure(database_url=store)


class TestPostgres(OnPostgres):
    backend = SQLModelBackend


class TestMappedPostgres(OnPostgres):
    root = SQLEntity
