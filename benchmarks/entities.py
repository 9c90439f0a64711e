"""Compare entities with the raw driver and validated pydantic models, in one run.

    python benchmarks/entities.py [--rounds 31] [--only sqlite,postgres,redis,memory,import,loop]

Each contender is a process of its own, they take turns, and the medians of their CPU times are
compared (of wall time where a server answers: its round trip is part of the cost). PostgreSQL and
Redis are started as the tests start them. Where Linux puts client and server decides a round trip
more than what they do (28 or 90 µs to the same Redis), so the server has the first core, and each
contender is kept beside it on that core ("beside"), then on the last ("apart").
"in a unit" is beside the same floor, which commits by itself: 100 gets, or 100 inserts, in one
unit, and one update with a unit of its own.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent / "entities"
sys.path.insert(0, str(HERE.parent.parent / "tests"))

TIMES = {"get": 2000, "insert": 1000, "update": 1000, "filter20": 100, "load1000": 5,
         "bulk1000": 3, "get100": 50, "unit_get": 2000, "unit_insert": 1000, "unit_update": 1000,
         "copied": 2000, "indexed_insert": 1000, "indexed_update": 1000}  # fmt: skip
FEWER = {"postgres": 4, "redis": 4}
CORES = sorted(os.sched_getaffinity(0))
PLACES = {"beside": {CORES[0]}, "apart": {CORES[-1]}}

SUITES = {
    "sqlite": (
        {
            "floor": ["floor_sqlite.py"],
            "Entity": ["nitro_shop.py", "entity", "sqlite"],
            "SQLEntity": ["nitro_shop.py", "sqlentity", "sqlite"],
            "durable Entity": ["nitro_shop.py", "entity", "sqlite", "durable"],
        },
        ["get", "filter20", "load1000", "update", "insert", "bulk1000"],
    ),
    "postgres": (
        {
            "floor": ["floor_postgres.py"],
            "Entity": ["nitro_shop.py", "entity", "postgres"],
            "SQLEntity": ["nitro_shop.py", "sqlentity", "postgres"],
        },
        ["get", "filter20", "load1000", "update", "insert", "bulk1000"],
    ),
    "redis": (
        {
            "floor": ["floor_redis.py"],
            "Entity": ["nitro_shop.py", "entity", "redis"],
        },
        ["get", "get100", "update", "insert", "bulk1000", "indexed_update", "indexed_insert"],
    ),
    "memory": (
        {
            "floor": ["floor_memory.py"],
            "Entity": ["nitro_shop.py", "entity", "memory"],
        },
        ["get", "insert"],
    ),
}
INSIDE = {"get": "unit_get", "insert": "unit_insert", "update": "unit_update"}
ONLY_UPDATES = "durable Entity"  # reads, and what is written for them, are the same


class Contender:
    """A process that answers what an operation costs."""

    def __init__(
        self, command: list[str], folder: str, env: dict[str, str], cores: set[int]
    ) -> None:
        script, *rest = command
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / script), folder, *rest],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=HERE,
            env=env,
        )
        os.sched_setaffinity(self.process.pid, cores)

    def measure(self, operation: str, times: int) -> dict[str, float] | None:
        """Run *operation* so many times and answer the cost of one."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{operation} {times}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.process.args} ended with {self.process.wait()}; run it by hand")
        found: dict[str, float] | None = json.loads(line)
        return found

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def compare(suite: str, rounds: int, env: dict[str, str], place: str) -> None:
    """Print a line for each operation of *suite*; *place* is empty where there is no server."""
    commands, operations = SUITES[suite]
    # what a server does is paid for in waiting, not in our CPU time
    clock = "wall" if place else "cpu"
    cores = PLACES.get(place, set(CORES))
    empty(suite, env)
    with tempfile.TemporaryDirectory() as folder:
        contenders = {
            name: Contender(command, folder, env, cores) for name, command in commands.items()
        }
        for operation in operations:
            found = measured(contenders, operation, suite, rounds, clock)
            print_line(f"{suite} {place}".strip(), operation, found)
        for contender in contenders.values():
            contender.close()


def empty(suite: str, env: dict[str, str]) -> None:
    """Remove what contenders of an earlier place left: dead rows would slow some of them."""
    if suite == "postgres":
        import psycopg

        with psycopg.connect(env["NITRO_DATABASE_URL"], autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
    elif suite == "redis":
        import redis

        redis.Redis.from_url(env["NITRO_REDIS_URL"]).flushdb()


def measured(
    contenders: dict[str, Contender], operation: str, suite: str, rounds: int, clock: str
) -> dict[str, float]:
    """Answer the median cost of *operation* for each contender, and inside a unit."""
    taking_part = [n for n in contenders if n != ONLY_UPDATES or operation == "update"]
    tasks = [(name, name, operation) for name in taking_part]
    if operation in INSIDE:
        tasks += [
            (f"{name} in a unit", name, INSIDE[operation])
            for name in taking_part
            if name not in ("floor", ONLY_UPDATES)
        ]
    costs: dict[str, list[float]] = {label: [] for label, _, _ in tasks}
    for turn in range(rounds + 1):
        for label, name, what in tasks[turn % len(tasks) :] + tasks[: turn % len(tasks)]:
            times = max(1, TIMES[what] // FEWER.get(suite, 1))
            cost = contenders[name].measure(what, times)
            if turn and cost is not None:  # the first turn warms up
                costs[label].append(cost[clock])
    return {label: statistics.median(each) for label, each in costs.items() if each}


def print_line(title: str, operation: str, found: dict[str, float]) -> None:
    """Print the floor in µs and the ratios to it."""
    floor = found.pop("floor")
    ratios = "  ".join(f"{name} {cost / floor:5.2f} ({cost:.1f})" for name, cost in found.items())
    print(f"{title:15} {operation:14} floor {floor:9.1f} µs  {ratios}", flush=True)


def compare_imports(rounds: int, env: dict[str, str]) -> None:
    """Print what importing costs beside a module that defines one pydantic model."""
    model = (
        "from pydantic import BaseModel\nclass A(BaseModel):\n    id: str\n    name: str = ''\n"
    )
    entity = "from nitro_entities import Entity\nclass A(Entity):\n    name: str = ''\n"
    programs = {"one pydantic model": model, "one Entity": entity}
    costs: dict[str, list[float]] = {name: [] for name in programs}
    clock = "import time; start = time.process_time()\n"
    for _ in range(rounds + 1):
        for name, program in programs.items():
            text = clock + program + "print(time.process_time() - start)"
            done = subprocess.run(
                [sys.executable, "-c", text], capture_output=True, text=True, check=True, env=env
            )
            costs[name].append(float(done.stdout) * 1000)
    first, second = (statistics.median(each[1:]) for each in costs.values())
    print(
        f"import    one pydantic model {first:.1f} ms  one Entity {second / first:.2f}", flush=True
    )


def environment(wanted: set[str], bytecode: str) -> dict[str, str]:
    """Start what is needed and answer the environment that names it."""
    env = dict(os.environ)
    # modules are compiled once, in the round that warms up, whatever this shell is set to
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    env["PYTHONPYCACHEPREFIX"] = bytecode
    os.sched_setaffinity(0, PLACES["beside"])  # for the servers, which inherit it
    if wanted & {"postgres", "loop"}:
        from support import postgres

        env["NITRO_DATABASE_URL"] = postgres.server()
    if "redis" in wanted:
        from support import redis

        env["NITRO_REDIS_URL"] = redis.server()
    os.sched_setaffinity(0, CORES)
    return env


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--only", default="sqlite,postgres,redis,memory,import,loop")
    arguments = parser.parse_args()
    wanted = set(arguments.only.split(","))
    with tempfile.TemporaryDirectory() as bytecode:
        env = environment(wanted, bytecode)
        for suite in SUITES:
            if suite in wanted:
                for place in PLACES if suite in FEWER else [""]:
                    compare(suite, arguments.rounds, env, place)
        if "import" in wanted:
            compare_imports(arguments.rounds, env)
        if "loop" in wanted:
            subprocess.run([sys.executable, str(HERE / "loop_lag.py")], check=True, env=env)


if __name__ == "__main__":
    main()
