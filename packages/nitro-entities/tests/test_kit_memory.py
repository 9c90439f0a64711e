"""The memory of this process keeps the contract."""

from nitro_entities import MemoryRepo
from nitro_entities.testing import StoreContract


class TestMemory(StoreContract):
    backend = MemoryRepo
