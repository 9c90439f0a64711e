"""A stream over many rows needs the memory of a few."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nitro_entities import Entity, SQLEntity, SQLModelBackend, configure

FULL = bool(os.environ.get("NITRO_PROOF"))
ROWS = 1_000_000 if FULL else 2_000
TEXT = "x" * (100 if FULL else 20_000)
BATCH = 1_000 if FULL else 50
LIMIT = 100 if FULL else 20  # MB; all rows at once need 40, and 1,300


class Line(Entity):
    _persistence_backend_class = SQLModelBackend
    number: int
    text: str


class MappedLine(SQLEntity, table=True):
    number: int
    text: str


def grown(url: str) -> list[float]:
    """Stream all rows in a process of its own; answer by how many MB it grew meanwhile."""
    said = subprocess.run(
        [sys.executable, __file__, url],
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    found: list[float] = json.loads(said.stdout)
    return found


def measure(cls: Any, colour: str) -> float:
    """Stream in this process; answer by how many MB it grew."""
    rows = cls.where().order_by("number")
    next(rows.stream(batch=10))  # what is loaded at the first use does not count
    before = most = resident()
    number = 0

    def look(line: Any) -> None:
        nonlocal number, most
        assert line.number == number
        number += 1
        if number % 100 == 99:
            most = max(most, resident())

    async def walk() -> None:
        async for line in rows.astream(BATCH):
            look(line)

    if colour == "async":
        asyncio.run(walk())
    else:
        for line in rows.stream(BATCH):
            look(line)
    assert number == ROWS
    return (most - before) / 1e6


def resident() -> int:
    """Answer how much memory this process has, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is measured on Linux")
@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_a_stream_needs_the_memory_of_a_few_rows(
    where: str, request: pytest.FixtureRequest, record_property: Any
) -> None:
    url = f"sqlite:///{request.getfixturevalue('database')}"
    if where == "postgresql":
        url = request.getfixturevalue("postgres_url")
    configure(database_url=url)
    for start in range(0, ROWS, BATCH):
        for cls in (Line, MappedLine):
            numbers = range(start, start + BATCH)
            cls.create_many({"number": number, "text": TEXT} for number in numbers)

    sync, mapped = grown(url)

    record_property("rows", ROWS)
    record_property("MB more for Entity", round(sync, 1))
    record_property("MB more for SQLEntity, async", round(mapped, 1))
    assert max(sync, mapped) < LIMIT


if __name__ == "__main__":
    configure(database_url=sys.argv[1])
    print(json.dumps([measure(Line, "sync"), measure(MappedLine, "async")]))  # noqa: T201
