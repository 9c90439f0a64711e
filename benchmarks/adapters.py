"""Compare what Nitro does in an application with what is written by hand there, in one run.

    python benchmarks/adapters.py [--only fastapi,flask] [--rounds 21]

For each framework: what ``install(app)`` adds to routes that touch nothing of Nitro, and a
generated action of an entity in memory (its arguments validated, the policy asked, in a unit that
is committed) beside a route written by hand that reads a pydantic model and changes an object in a
dict. An application with Nitro and one without are two processes that take turns; requests are
made in process. CPU time is what counts, and of the rounds the median.
"""

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent / "adapters"
FOREIGN = [("GET of its own", "get", "get"), ("POST of its own", "post", "post")]
SYNC = [("def function", "hand", "function"), ("def of an entity", "hand", "action")]
ASYNC = [
    ("async def function", "ahand", "afunction"),
    ("async def of an entity", "ahand", "aaction"),
]
"""What is shown, what is asked without Nitro, and what with it."""
# those without SYNC have no handlers in threads that could read a pydantic model
FRAMEWORKS = {
    "fastapi": ("FastAPI", [*FOREIGN, *ASYNC, *SYNC]),
    "starlette": ("Starlette", [*FOREIGN, *ASYNC]),
    "fasthtml": ("FastHTML", [*FOREIGN, *ASYNC]),
    "litestar": ("Litestar", [*FOREIGN, *ASYNC, *SYNC]),
    "sanic": ("Sanic", [*FOREIGN, *ASYNC]),
    "flask": ("Flask", [*FOREIGN, *SYNC]),
    "django": ("Django", [*FOREIGN, *SYNC]),
}


class Contender:
    """A process with one application."""

    def __init__(self, framework: str, how: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / f"on_{framework}.py"), how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=HERE,
        )

    def measure(self, name: str, requests: int) -> float:
        """Return the microseconds of one request called *name*."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{name} {requests}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.process.args} ended with {self.process.wait()}; run it by hand")
        return float(line)

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def compare(framework: str, rounds: int, requests: int) -> None:
    """Print the lines of one framework."""
    label, pairs = FRAMEWORKS[framework]
    plain, nitro = Contender(framework, "plain"), Contender(framework, "nitro")
    found: dict[str, list[tuple[float, float]]] = {name: [] for name, _, _ in pairs}
    for number in range(rounds + 1):
        for name, by_hand, ours in pairs:
            measured = plain.measure(by_hand, requests), nitro.measure(ours, requests)
            if number:  # the first round warms up: caches, threads, what is imported late
                found[name].append(measured)
    plain.close()
    nitro.close()
    for name, measured_pairs in found.items():
        theirs = statistics.median(one for one, _ in measured_pairs)
        own = statistics.median(other for _, other in measured_pairs)
        ratio, more = f"{own / theirs:.2f}", f"{own - theirs:+.1f}"
        line = f"{label:10}{name:24}{theirs:8.1f}{own:8.1f}{ratio:>8}{more:>8}"
        print(line, flush=True)


def main() -> None:
    """Compare each in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default=",".join(FRAMEWORKS))
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--requests", type=int, default=200)
    given = parser.parse_args()
    print(f"{'CPU µs a request':34}{'by hand':>8}{'Nitro':>8}{'ratio':>8}{'more':>8}")
    for framework in given.only.split(","):
        compare(framework, given.rounds, given.requests)


if __name__ == "__main__":
    main()
