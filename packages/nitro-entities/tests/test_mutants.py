"""The contract is sharp: it catches backends with one bug each, written without having seen it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

# one of each kind; the others are tried with NITRO_PROOF=1
SOME = [
    "CachesWhatItHandedOut", "ManyWithRepetitions", "StaleSwapped", "UnequalDropsNone",
    "SliceBeforeIsReversed", "ReadsUncommitted", "TellsAllFields", "MomentsToMilliseconds",
    "WritesHalfBatches",
]  # fmt: skip

# two classes of one name: a table can have only one, so the contract asks nothing of that
NOT_ASKED = {"SharesNames"}


def caught(names: list[str]) -> dict[str, str | None]:
    """Answer which test caught each mutant."""
    environment = {name: value for name, value in os.environ.items() if name != "NITRO_PROOF"}
    done = subprocess.run(
        [sys.executable, str(HERE / "try_mutants.py"), *names],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str | None] = json.loads(done.stdout)
    return found


def test_the_contract_catches_what_is_wrong() -> None:
    found = caught(SOME)
    assert found.keys() == set(SOME)
    assert [name for name, test in found.items() if test is None] == []


@pytest.mark.skipif(not os.environ.get("NITRO_PROOF"), reason="takes ten minutes: NITRO_PROOF=1")
def test_the_contract_catches_every_mutant_there_is() -> None:
    text = (HERE / "mutants.py").read_text(encoding="utf-8")
    namespace: dict[str, object] = {"__name__": "mutants_to_list"}
    exec(compile(text, "mutants.py", "exec"), namespace)
    names = list(namespace["MUTANTS"])  # type: ignore[call-overload]
    found = caught(names)
    assert {name for name, test in found.items() if test is None} <= NOT_ASKED
