"""The contract kit itself: what it reports, and what it needs."""

import json
import subprocess
import sys
from pathlib import Path

from nitro_entities import MemoryRepo
from nitro_entities.repository import Ability
from nitro_entities.testing import Contract, Result, StoreContract, matrix
from nitro_entities.testing.contract import needed_by, needs
from nitro_entities.testing.matrix import ABSENT, FAILED, PASSED

RESULTS = [
    Result("Memory", "Queries", "test_limits_are_exact", "", PASSED),
    Result("Memory", "Queries", "test_a|b", "1", PASSED),
    Result("Memory", "Killed at work", "test_nothing_is_lost", "", ABSENT),
    Result("Mine", "Queries", "test_limits_are_exact", "", FAILED),
    Result("Mine", "Queries", "test_a|b", "1", PASSED),
    Result("Mine", "Killed at work", "test_nothing_is_lost", "", PASSED),
]

SUITE = """
from nitro_entities import MemoryRepo
from nitro_entities.repository import Ability
from nitro_entities.testing import AbilityContract, OutboxContract

class Poor(MemoryRepo):
    abilities = MemoryRepo.abilities - {Ability.OUTBOX}

class TestRich(AbilityContract, OutboxContract):
    backend = MemoryRepo

class TestPoor(OutboxContract):
    backend = Poor
"""


def test_the_matrix_has_a_row_for_each_part() -> None:
    assert matrix(RESULTS).splitlines() == [
        "|  | Memory | Mine |",
        "| --- | :-: | :-: |",
        "| Queries | yes | no (1 of 2 fail) |",
        "| Killed at work | \u2013 | yes |",
    ]


def test_details_have_a_row_for_each_test() -> None:
    assert matrix(RESULTS, details=True).splitlines()[2:] == [
        "| **Queries** | yes | no (1 of 2 fail) |",
        "| limits are exact | yes | no (1 of 1 fail) |",
        "| a\\|b | yes | yes |",
        "| **Killed at work** | \u2013 | yes |",
        "| nothing is lost | \u2013 | yes |",
    ]


def test_what_is_needed_is_marked_on_classes_and_tests() -> None:
    @needs(Ability.QUERY)
    class Part(Contract):
        @needs(Ability.LOCK)
        def test_one(self) -> None: ...

        def test_two(self) -> None: ...

    assert needed_by(Part.test_one) == {Ability.QUERY, Ability.LOCK}
    assert needed_by(Part.test_two) == {Ability.QUERY}


def test_a_run_writes_what_was_offered_and_what_was_not(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SUITE)
    run = [sys.executable, "-m", "pytest", "-q", "-p", "nitro_entities.testing.plugin"]

    said = subprocess.run(
        [*run, "--nitro-matrix=out/results.json", "test_it.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    shown = subprocess.run(
        [sys.executable, "-m", "nitro_entities.testing", "out/results.json"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )

    assert said.returncode == 0, said.stdout
    results = [Result(*one) for one in json.loads((tmp_path / "out/results.json").read_text())]
    assert {r.outcome for r in results if r.store == "Poor"} == {ABSENT}
    assert {r.outcome for r in results if r.store == "Rich" and r.part == "Outbox"} == {PASSED}
    table = shown.stdout.decode().splitlines()
    assert table[0] == "|  | Rich | Poor |"
    assert "| query | yes | \u2013 |" in table
    assert "| durable | \u2013 | \u2013 |" in table
    assert "| Outbox | yes | \u2013 |" in table


def test_no_part_hides_a_test_of_another() -> None:
    names = [
        name for part in StoreContract.__mro__ for name in vars(part) if name.startswith("test_")
    ]

    assert len(names) == len(set(names))


def test_using_entities_loads_nothing_for_tests() -> None:
    code = (
        "import sys, nitro_entities; nitro_entities.Entity; nitro_entities.MemoryRepo\n"
        "assert not {'hypothesis', 'pytest', '_pytest'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_memory_says_what_it_is_able_to_do() -> None:
    class Part(Contract):
        backend = MemoryRepo

    assert Part().abilities == MemoryRepo.abilities
