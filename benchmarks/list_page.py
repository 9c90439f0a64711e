"""Compare the list page of the atlas with two well-known admins on the same rows, in one run.

    python benchmarks/list_page.py [--rounds 15]

Each contender is a process of its own (the two admins in an environment of their own, made by uv),
they take turns, and CPU time is what counts. Prints one table.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent / "list_page"
PEERS = ["sqlalchemy<2.1", "sqladmin==0.32.0", "starlette-admin==1.0.3"]
SIZES = {"all cities": 0, "100,000 rows": 100_000, "1,000,000 rows": 1_000_000}


def ours(script: str) -> list[str]:
    """Run *script* in the environment that runs this."""
    return [sys.executable, str(HERE / script)]


def theirs(script: str) -> list[str]:
    """Run *script* where the peers and their SQLAlchemy 2.0 are installed."""
    packages = [part for peer in PEERS for part in ("--with", peer)]
    run = [sys.executable, "-m", "uv", "run", "--quiet", "--no-project", "--isolated"]
    return [*run, "--python", sys.executable, *packages, "python", str(HERE / script)]


CONTENDERS = {
    "Nitro": ours("nitro_page.py"),
    "Nitro, last page": ours("nitro_page.py"),
    "SQLAdmin 0.32": theirs("peer_sqladmin.py"),
    "starlette-admin 1.0.3": theirs("peer_starlette_admin.py"),
}


class Contender:
    """A process that answers how much some requests cost."""

    def __init__(self, command: list[str], database: Path, *more: str) -> None:
        self.process = subprocess.Popen(
            [*command, str(database), *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=HERE,
        )
        self.rounds: list[dict[str, float]] = []

    def measure(self, requests: int) -> dict[str, float]:
        """Make *requests* and return the medians of the round."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{requests}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.process.args} ended with {self.process.wait()}; run it by hand")
        answer: dict[str, float] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def compare(database: Path, rounds: int, names: Sequence[str]) -> None:
    """Print a line for each of the contenders *names* over *database*."""
    contenders = {
        name: Contender(CONTENDERS[name], database, *(["last"] if "last" in name else []))
        for name in names
    }
    for contender in contenders.values():
        contender.measure(5)
    for _ in range(rounds):
        for contender in contenders.values():
            contender.rounds.append(contender.measure(10))
    first = statistics.median(found["ms"] for found in contenders["Nitro"].rounds)
    for name, contender in contenders.items():
        ms = statistics.median(found["ms"] for found in contender.rounds)
        last = contender.rounds[-1]
        print(
            f"  {name:24}{ms:9.1f}{ms / first:10.1f} x{last['statements']:12.0f}{last['kb']:9.0f}",
            flush=True,
        )
        contender.close()


def main() -> None:
    """Fill, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    print(f"  {'list page, 20 rows of 8':24}{'CPU ms':>9}{'ratio':>12}{'statements':>12}{'KB':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for label, wanted in SIZES.items():
            database = Path(folder, f"{wanted}.db")
            fill = [*ours("fill.py"), str(database), str(wanted)]
            subprocess.run(fill, check=True)
            print(label, flush=True)
            # the others need too long for a million: SQLAdmin 160 ms, starlette-admin 14 s at two
            names = [name for name in CONTENDERS if wanted <= 100_000 or "Nitro" in name]
            compare(database, rounds, names)


if __name__ == "__main__":
    main()
