"""Redis keeps the contract, without indexes and with an index of everything."""

from collections.abc import Iterator

import pytest

from nitro_entities import RedisRepo, configure, state
from nitro_entities.fields import FieldSpec
from nitro_entities.stores.redis import layout
from nitro_entities.testing import QueryContract, SliceContract, StoreContract, UnitContract
from nitro_entities.testing.machine import MachineContract
from support import redis


class OnRedis:
    @pytest.fixture
    def store(self) -> Iterator[str]:
        url = redis.namespace()
        configure(redis_url=url)
        yield url
        state.reset()
        redis.empty(url)

    @staticmethod
    def configure_child(store: str) -> None:
        configure(redis_url=store)


class TestRedis(OnRedis, StoreContract):
    backend = RedisRepo


class TestIndexedRedis(OnRedis, MachineContract, QueryContract, SliceContract, UnitContract):
    backend = RedisRepo

    @pytest.fixture(autouse=True)
    def _indexes_of_everything(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def is_indexed(spec: FieldSpec) -> bool:
            return True

        monkeypatch.setattr(layout, "is_indexed", is_indexed)
