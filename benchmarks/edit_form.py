"""Compare the form of a product in one of 20,000 categories with those of three admins.

    python benchmarks/edit_form.py [--rounds 15]

Each contender is a process of its own (the admins in an environment of their own, made by uv),
they take turns, and CPU time is what counts. Prints one table.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from list_page import PEERS, Contender

HERE = Path(__file__).parent / "edit_form"
TARGETS = 20_000


def ours(script: str) -> list[str]:
    """Run *script* in the environment that runs this."""
    return [sys.executable, str(HERE / script)]


def theirs(script: str) -> list[str]:
    """Run *script* where the peers are installed."""
    packages = [part for peer in [*PEERS, "django==5.2.8"] for part in ("--with", peer)]
    run = [sys.executable, "-m", "uv", "run", "--quiet", "--no-project", "--isolated"]
    return [*run, "--python", sys.executable, *packages, "python", str(HERE / script)]


CONTENDERS = {
    "Nitro": ours("nitro_form.py"),
    "Nitro, the options": ours("nitro_options.py"),
    "starlette-admin 1.0.3": theirs("peer_starlette_admin.py"),
    "SQLAdmin 0.32": theirs("peer_sqladmin.py"),
    "Django 5.2 admin": theirs("peer_django.py"),
}


def compare(database: Path, rounds: int) -> None:
    """Print a line for each contender over *database*."""
    contenders = {name: Contender(command, database) for name, command in CONTENDERS.items()}
    for contender in contenders.values():
        contender.measure(3)
    for _ in range(rounds):
        for contender in contenders.values():
            contender.rounds.append(contender.measure(5))
    first = statistics.median(found["ms"] for found in contenders["Nitro"].rounds)
    for name, contender in contenders.items():
        ms = statistics.median(found["ms"] for found in contender.rounds)
        last = contender.rounds[-1]
        print(
            f"  {name:24}{ms:9.1f}{ms / first:10.1f} x{last['statements']:12.0f}{last['kb']:9.1f}",
            flush=True,
        )
        contender.close()


def main() -> None:
    """Fill, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "shop.db")
        subprocess.run([*ours("fill.py"), str(database), str(TARGETS)], check=True)
        head = f"edit form, {TARGETS:,} targets"
        print(f"  {head:24}{'CPU ms':>9}{'ratio':>12}{'statements':>12}{'KB':>9}")
        compare(database, rounds)


if __name__ == "__main__":
    main()
