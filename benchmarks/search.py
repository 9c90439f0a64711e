"""Measure what the text index of `__search__` costs a write, and what it saves a search.

    python benchmarks/search.py [--rows 1000000] [--rounds 5]

The same rows in two SQLite files, with the declaration and without; both take turns, and CPU time
is what counts. Prints two tables.
"""

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nitro_entities
from nitro_entities import Entity, SQLModelBackend, state
from nitro_entities.backends import repository_of
from nitro_entities.fields import Indexed

_SYLLABLES = "ka lo mi ra ton ber vil sen ing dor pa ris ly on ma na ter gu shi bo"
SYLLABLES = tuple(_SYLLABLES.split())
COUNTRIES = ("France", "Germany", "Japan", "Brazil", "Kenya")
NEEDLES = {
    "nothing": "zzz",
    "8 rows": "parislyon",
    "some hundred rows": "pariston",
    "1 row in 80": "shibo",
    "1 row in 5": "france",
}


class Indexedly(Entity):
    """The city, with an index of its texts."""

    __search__ = ("name", "country")
    name: Indexed[str]
    country: str
    population: int = 0
    _persistence_backend_class = SQLModelBackend


class Plainly(Entity):
    """The city, without one."""

    name: Indexed[str]
    country: str
    population: int = 0
    _persistence_backend_class = SQLModelBackend


def word(chance: random.Random) -> str:
    """Make a word up."""
    return "".join(chance.choice(SYLLABLES) for _ in range(chance.randint(2, 5))).capitalize()


def fill(path: Path, rows: int) -> None:
    """Put the same rows into both tables, past Nitro: that is quicker."""
    chance = random.Random(1)
    made = [
        (f"{number:012d}", f"{word(chance)} {word(chance)}", chance.choice(COUNTRIES), number)
        for number in range(rows)
    ]
    with sqlite3.connect(path) as connection:
        for table in ("plainly", "indexedly"):
            connection.executemany(
                f"INSERT INTO {table} (id, name, country, population) VALUES (?, ?, ?, ?)", made
            )
    connection.close()


def cpu(work: Callable[[], Any]) -> float:
    """Answer the milliseconds of CPU that *work* takes."""
    begun = time.process_time()
    work()
    return 1_000 * (time.process_time() - begun)


def searches(rounds: int) -> None:
    """Print what a page of a search and its count cost."""
    print(f"  {'search for':22}{'page':>9}{'indexed':>9}{'count':>12}{'indexed':>9}   CPU ms")
    for what, needle in NEEDLES.items():
        found: dict[tuple[type, str], list[float]] = {}
        for _ in range(rounds):
            for cls in (Plainly, Indexedly):
                query = cls.where().search(needle).order_by("name")
                page = cpu(lambda query=query: query.slice(20))  # type: ignore[misc]
                count = cpu(lambda query=query: query.count(10_000))  # type: ignore[misc]
                found.setdefault((cls, "page"), []).append(page)
                found.setdefault((cls, "count"), []).append(count)
        median = {key: statistics.median(times) for key, times in found.items()}
        print(
            f"  {what:22}{median[Plainly, 'page']:9.1f}{median[Indexedly, 'page']:9.1f}"
            f"{median[Plainly, 'count']:12.1f}{median[Indexedly, 'count']:9.1f}",
            flush=True,
        )


def writes(rounds: int) -> None:
    """Print what writes cost, and the ratio."""
    print(f"  {'write':22}{'plain':>9}{'indexed':>9}{'ratio':>9}   CPU µs each")
    chance = random.Random(2)

    def insert(cls: Any, number: int) -> None:
        for _ in range(number):
            cls.create(name=f"{word(chance)} {word(chance)}", country="France")

    def insert_many(cls: Any, number: int) -> None:
        cls.create_many(
            [cls(name=f"{word(chance)} {word(chance)}", country="Kenya") for _ in range(number)]
        )

    def rename(cls: Any, number: int) -> None:
        for one in cls.where().limit(number):
            one.name = f"{word(chance)} {word(chance)}"
            one.save()

    def recount(cls: Any, number: int) -> None:
        for one in cls.where().limit(number):
            one.population += 1
            one.save()

    kinds = {
        "insert and commit": insert,
        "insert 500 at once": insert_many,
        "update of the text": rename,
        "update of a number": recount,
    }
    for what, write in kinds.items():
        times: dict[type, list[float]] = {Plainly: [], Indexedly: []}
        for _ in range(rounds):
            for cls, each in times.items():
                each.append(cpu(lambda write=write, cls=cls: write(cls, 500)) * 2)  # type: ignore[misc]
        plain, indexed = (statistics.median(times[cls]) for cls in (Plainly, Indexedly))
        print(f"  {what:22}{plain:9.1f}{indexed:9.1f}{indexed / plain:8.1f}x", flush=True)


def main() -> None:
    """Fill, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.db")
        nitro_entities.configure(database_url=f"sqlite:///{path}")
        for cls in (Plainly, Indexedly):
            repository_of(cls).prepare()
        begun = time.process_time()
        fill(path, given.rows)
        print(f"{given.rows:,} rows, filled in {time.process_time() - begun:.0f} s", flush=True)
        searches(given.rounds)
        writes(given.rounds)
        state.reset()


if __name__ == "__main__":
    main()
