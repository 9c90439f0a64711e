"""Compare how an application starts with Nitro and without, in one run.

    python benchmarks/start.py [--only fastapi,flask] [--rounds 7]

The applications are those of tests/behaviour/tutorials under their servers, from the start of the
process until the first answer; two that differ by Nitro alone take turns. CPU time is that of the
server and its workers, until they have ended. Of the rounds the median counts.
"""

import argparse
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS))

from behaviour.hosts import FRAMEWORKS, Hosted, first_of  # noqa: E402

NITRO = {"INSTALL_NITRO": "1", "NITRO_SECRET": "a secret of the benchmark, long enough"}


def measure(framework: str, env: dict[str, str]) -> tuple[float, float]:
    """Return the seconds until the first answer, and the CPU seconds until the end."""
    script = TESTS / "behaviour" / "tutorials" / f"{framework}_app.py"
    before = _cpu()
    with tempfile.TemporaryDirectory() as folder:
        server = Hosted(first_of(framework), Path(folder), script=script, env=env)
        began = time.perf_counter()
        server.spawn()
        server.wait()
        took = time.perf_counter() - began
        server.stop(timeout=30)
    return took, _cpu() - before


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compare(framework: str, rounds: int) -> None:
    """Print the line of one framework."""
    found: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    for turn in range(rounds + 1):
        for has_nitro, taken in found.items():
            measured = measure(framework, NITRO if has_nitro else {})
            if turn:  # the first one compiles what was not imported before
                taken.append(measured)
    cells: list[str] = []
    for kind in (0, 1):
        without, having = (
            statistics.median(each[kind] for each in taken) for taken in found.values()
        )
        cells += [f"{without:7.2f}", f"{having:7.2f}", f"{having / without:6.2f}"]
    print(f"{framework:12}{''.join(cells)}", flush=True)


def main() -> None:
    """Compare each in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default=",".join(FRAMEWORKS))
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    head = "".join(f"{kind:>7}{'Nitro':>7}{'ratio':>6}" for kind in ("wall s", "CPU s"))
    print(f"{'':12}{head}")
    for framework in given.only.split(","):
        compare(framework, given.rounds)


if __name__ == "__main__":
    main()
