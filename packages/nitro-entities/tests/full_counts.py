"""The contract as often as the proof asks: ``NITRO_PROOF_COUNT=1000 pytest full_counts.py::…``.

Not collected by itself: one part of it takes minutes. ``hatch run proof:entities`` runs it.
"""

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from nitro_entities.repository import Ability
from nitro_entities.testing.contract import needs, thorough
from nitro_entities.testing.machine import Program
from nitro_entities.testing.portable import PORTABLE, Portable
from nitro_entities.testing.processes import Processes

Record = Callable[[str, object], None]

COUNT = int(os.environ.get("NITRO_PROOF_COUNT", "10"))
BATCH = 20  # values that are stored together
STEPS = 30  # of a program
SHARES = 4  # of the mutants


def kit(store: str) -> Any:
    """Load the module that tries this store."""
    return load(f"test_kit_{store}")


def load(name: str) -> Any:
    """Load a module beside this one."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(name, module)
    spec.loader.exec_module(module)
    return module


def often(times: int, steps: int = 50) -> settings:
    """Answer how Hypothesis looks: *times* as often, at new examples each time."""
    return settings(thorough(times, times, steps), derandomize=False)


class FullCounts:
    """The parts of the contract that depend on how often they are tried."""

    def test_programs(self: Any, item: Any, record_property: Record) -> None:
        contract = self
        done = {"programs": 0, "steps": 0}

        class Counted(Program):
            def __init__(self) -> None:
                super().__init__()
                done["programs"] += 1

            def check_invariants(self, *given: Any, **more: Any) -> None:
                done["steps"] += 1
                super().check_invariants(*given, **more)

        Counted.contract, Counted.cls = contract, item
        run_state_machine_as_test(Counted, settings=often(COUNT, STEPS))
        while done["steps"] < COUNT * STEPS:  # some programs are shorter
            run_state_machine_as_test(Counted, settings=often(COUNT // 10, STEPS))
        for name, number in done.items():
            record_property(name, number)

    @pytest.mark.parametrize("kind", PORTABLE.values(), ids=PORTABLE)
    def test_values(self: Any, kind: Portable, record_property: Record) -> None:
        cls = self._class_with(kind.annotation)
        done = 0

        @often(COUNT // BATCH)
        @given(st.lists(kind.drawn, min_size=BATCH, max_size=BATCH))
        def check(values: list[Any]) -> None:
            nonlocal done
            self._goes_round(cls, values)
            done += len(values)

        while done < COUNT:  # of a type with few values Hypothesis tries each once
            check()
        record_property("values", done)

    @needs(Ability.DURABLE, Ability.TRANSACTIONS, Ability.QUERY)
    def test_kills(
        self: Any,
        child: Processes,
        store: object,
        account: Any,
        entry: Any,
        record_property: Record,
    ) -> None:
        self.__class__.kills = COUNT
        self.test_a_killed_process_loses_nothing_and_leaves_nothing_half(
            child, store, account, entry
        )
        record_property("kills", COUNT)


class TestMemory(FullCounts, kit("memory").TestMemory):  # type: ignore[misc]
    pass


class TestSQLite(FullCounts, kit("sqlite").TestSQLite):  # type: ignore[misc]
    pass


class TestMappedSQLite(FullCounts, kit("sqlite").TestMappedSQLite):  # type: ignore[misc]
    pass


class TestPostgres(FullCounts, kit("postgres").TestPostgres):  # type: ignore[misc]
    pass


class TestMappedPostgres(FullCounts, kit("postgres").TestMappedPostgres):  # type: ignore[misc]
    pass


class TestRedis(FullCounts, kit("redis").TestRedis):  # type: ignore[misc]
    pass


class TestBrowser(FullCounts, kit("browser").TestBrowser):  # type: ignore[misc]
    pass


class TestEveryVerbARequest(FullCounts, kit("browser").TestEveryVerbARequest):  # type: ignore[misc]
    pass


@pytest.mark.parametrize("share", range(SHARES))
def test_mutants(share: int, record_property: Record) -> None:
    names = list(load("mutants").MUTANTS)[share::SHARES]
    tries = load("test_mutants")

    found = tries.caught(names)

    record_property("mutants", len(names))
    record_property("caught", sum(test is not None for test in found.values()))
    assert {name for name, test in found.items() if test is None} <= tries.NOT_ASKED
