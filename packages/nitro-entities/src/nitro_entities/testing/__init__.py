"""The contract of stores, as tests: prove your own backend with them.

A store of entities is right when it passes what is asked here, and then an application may
change to it without being changed itself. With ``nitro-entities[testing]`` installed, write::

    from nitro_entities.testing import StoreContract

    class TestMyStore(StoreContract):
        backend = MyRepo

and run pytest. Everything global is reset before each test; the store has to be empty then, too.
Where that takes something, or the store has to be told where it is, override the fixture::

        @pytest.fixture
        def store(self, tmp_path):
            configure(database_url=f"my:///{tmp_path}/data")
            return str(tmp_path)

        @staticmethod
        def configure_child(store):  # the same in a process of its own
            configure(database_url=f"my:///{store}/data")

The answer of ``store`` goes to ``configure_child`` and has to be what JSON can carry.

* Tests of what the backend does not list in its ``abilities`` are skipped as "not offered".
  They never count as passed: ``pytest -p nitro_entities.testing.plugin --nitro-matrix=matrix.md``
  writes a table of what each store offers.
* The quick tier takes seconds and tries the same each time. With ``NITRO_PROOF=1`` there are
  many more examples, new ones each time, and a thousand kills; a failure prints what to repeat.
* ``root = SQLEntity``, or a base class of your own, has the contract asked of other classes.
* A part can be taken alone: ``IdentityContract``, ``QueryContract`` and their like.
"""

from nitro_entities.testing.abilities import AbilityContract
from nitro_entities.testing.bulk import BulkContract
from nitro_entities.testing.colours import ColourContract
from nitro_entities.testing.concurrency import ConcurrencyContract
from nitro_entities.testing.contract import Contract
from nitro_entities.testing.crash import CrashContract
from nitro_entities.testing.feed import FeedContract
from nitro_entities.testing.identity import IdentityContract
from nitro_entities.testing.lifecycle import LifecycleContract
from nitro_entities.testing.machine import MachineContract
from nitro_entities.testing.matrix import Result, matrix
from nitro_entities.testing.outbox import OutboxContract
from nitro_entities.testing.queries import QueryContract
from nitro_entities.testing.round_trip import RoundTripContract
from nitro_entities.testing.slicing import SliceContract
from nitro_entities.testing.staleness import StalenessContract
from nitro_entities.testing.unique import UniqueContract
from nitro_entities.testing.units import UnitContract

__all__ = [
    "AbilityContract",
    "BulkContract",
    "ColourContract",
    "ConcurrencyContract",
    "Contract",
    "CrashContract",
    "FeedContract",
    "IdentityContract",
    "LifecycleContract",
    "MachineContract",
    "OutboxContract",
    "QueryContract",
    "Result",
    "RoundTripContract",
    "SliceContract",
    "StalenessContract",
    "StoreContract",
    "UniqueContract",
    "UnitContract",
    "matrix",
]


class StoreContract(  # pytest collects the last first
    MachineContract,
    CrashContract,
    ConcurrencyContract,
    LifecycleContract,
    ColourContract,
    FeedContract,
    OutboxContract,
    BulkContract,
    UniqueContract,
    UnitContract,
    SliceContract,
    QueryContract,
    RoundTripContract,
    StalenessContract,
    IdentityContract,
    AbilityContract,
):
    """All of it"""
