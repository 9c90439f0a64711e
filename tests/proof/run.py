"""Run the full counts, part by part, and write down what came of each.

    python tests/proof/run.py entities                  every part not in the file of today
    python tests/proof/run.py entities kills-sqlite     this one, even if it is
    python tests/proof/run.py events --list             the names
    python tests/proof/run.py events --file proof.md    not docs/proof/<today>-events.md

No part takes ten minutes on two cores. A part that was interrupted is not in the file.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from proof import entities, events, frameworks, pages, versions  # noqa: E402 - found from here on
from proof.environment import environment  # noqa: E402
from proof.part import Part  # noqa: E402

PARTS = {
    "entities": entities.parts,
    "events": events.parts,
    "frameworks": frameworks.parts,
    "pages": pages.parts,
    "versions": versions.parts,
}

HEAD = """\
# Proof run of {day}: {what}

What `hatch run proof:{what}` wrote on {cores} cores, Python {python}. A number is that of one
test; where there are several, it is how many of them and the number of each. CPU is that of the
tests and of the processes they start, not that of PostgreSQL and Redis.

| part | what has to hold | result | tests | counted | time | CPU |
|---|---|---|---|---|---|---|
"""


class Outcome(NamedTuple):
    """What came of a part."""

    passed: bool
    tests: str
    counted: str
    seconds: float
    cpu: float


def run(part: Part) -> Outcome:
    """Run the tests of *part*; what they say goes to our output."""
    if part.release is None:
        return run_with(sys.executable, part, {"NITRO_PROOF": "1"})
    with environment(part.release) as (python, pinned):
        outcome = run_with(python, part, {})
    return outcome._replace(counted=pinned)


def run_with(python: str, part: Part, extra: dict[str, str]) -> Outcome:
    """Run them with this interpreter and these variables."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [python, "-m", "pytest", "-q", *part.tests, f"--junitxml={report}"]
        command += ["-o", "junit_family=xunit1", "-p", "no:cacheprovider"]
        env = {**os.environ, **extra, "NITRO_REQUIRE_SERVICES": "1"}
        env["NITRO_PROOF_COUNT"] = str(part.times)
        start, before = time.monotonic(), cpu()
        code = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
        seconds, used = time.monotonic() - start, cpu() - before
        if code in (2, 130):
            sys.exit(f"{part.name} was interrupted")
        tests, counted = read(report)
    return Outcome(code == 0, tests, counted, seconds, used)


def cpu() -> float:
    """Answer how long processes that have ended worked for us."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def read(report: Path) -> tuple[str, str]:
    """Answer how many tests ended how, and what they counted."""
    outcomes: Counter[str] = Counter()
    numbers: dict[str, list[float]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        outcomes[min(kinds, default="passed")] += 1
        for found in case.iter("property"):
            numbers.setdefault(found.attrib["name"], []).append(float(found.attrib["value"]))
    tests = ", ".join(f"{number} {kind}" for kind, number in sorted(outcomes.items()))
    return tests, "; ".join(f"{shown(some)} {name}" for name, some in numbers.items())


def shown(numbers: list[float]) -> str:
    """Answer a number, or how many there are and the least of them."""
    least = f"{min(numbers):,g}" if min(numbers) < 1000 else f"{min(numbers):,.0f}"
    return least if len(numbers) == 1 else f"{len(numbers)} x {least}"


def row(part: Part, outcome: Outcome) -> str:
    """Answer the line of the table."""
    result = "holds" if outcome.passed else "**FAILED**"
    cells = [part.name, part.holds, result, outcome.tests, outcome.counted or " "]
    return f"| {' | '.join(cells)} | {outcome.seconds:.0f} s | {outcome.cpu:.0f} s |\n"


def write(file: Path, what: str, part: Part, line: str) -> None:
    """Put *line* into the table, in the place of an older one of the same part."""
    if not file.exists():
        day = datetime.now(UTC).date().isoformat()
        python = platform.python_version()
        head = HEAD.format(day=day, what=what, cores=os.cpu_count(), python=python)
        file.write_text(head, "utf-8")
    lines = file.read_text("utf-8").splitlines(keepends=True)
    lines = [one for one in lines if not one.startswith(f"| {part.name} |")]
    last = max(number for number, one in enumerate(lines) if one.startswith("|"))
    lines.insert(last + 1, line)
    file.write_text("".join(lines), "utf-8")


def holds(file: Path, part: Part) -> bool:
    """Say whether the file says so."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return any(one.startswith(f"| {part.name} |") and "| holds |" in one for one in lines)


def main() -> None:
    """Run what was asked for."""
    day = datetime.now(UTC).date().isoformat()
    words = argparse.ArgumentParser(description="Run the full counts.")
    words.add_argument("what", choices=sorted(PARTS))
    words.add_argument("names", nargs="*", metavar="part")
    words.add_argument("--list", action="store_true")
    words.add_argument("--file", type=Path)
    said = words.parse_args()
    file = said.file or ROOT / f"docs/proof/{day}-{said.what}.md"
    known = {part.name: part for part in PARTS[said.what]()}
    unknown = set(said.names) - set(known)
    if unknown:
        sys.exit(f"No such part: {', '.join(sorted(unknown))}. See --list")
    failed: list[str] = []
    for name in said.names or known:
        part = known[name]
        if said.list:
            print(f"{name:24} {part.holds}")
        elif said.names or not holds(file, part):
            print(f"\n=== {name}", flush=True)
            outcome = run(part)
            line = row(part, outcome)
            write(file, said.what, part, line)
            print(line, flush=True)
            failed += [] if outcome.passed else [name]
    if failed:
        sys.exit(f"FAILED: {', '.join(failed)}")


if __name__ == "__main__":
    main()
