"""Compare live streams: what a delivery and an open connection cost, and what a stuck client does.

    python benchmarks/live.py [--clients 1000] [--rounds 3] [--only nitro,ring]

Each contender is one uvicorn process, the clients are another; contenders take turns, and the
medians are shown. CPU is what the kernel counts for the server process: system calls included.
"""

import argparse
import json
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent / "live"
CONTENDERS = {
    "nitro": "nitro_stream",
    "queue and StreamingResponse": "queues",
    "sse-starlette": "sse_starlette_queues",
    "ring by hand": "ring",
}
EVENTS, PAUSE, SIZE = 60, 0.1, 569
STUCK_EVENTS, STUCK_PAUSE, STUCK_SIZE = 300, 0.1, 2000


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--clients", type=int, default=1000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--only", default=",".join(CONTENDERS))
    given = asked.parse_args()
    names = [name for name in CONTENDERS if name in given.only.split(",")]
    print(f"{given.clients} clients, {EVENTS} events of {SIZE} bytes; medians of {given.rounds}\n")
    print("| | CPU µs a delivery | KiB a connection | p50 ms | p99 ms |")
    print("|---|---|---|---|---|")
    for name, rounds in in_turns(names, given.rounds, given.clients, EVENTS, PAUSE, SIZE).items():
        deliveries = given.clients * EVENTS
        cpu = median(1e6 * (r["after"]["cpu"] - r["open"]["cpu"]) / deliveries for r in rounds)
        kib = median((r["open"]["rss"] - r["before"]["rss"]) / given.clients for r in rounds)
        p50, p99 = (median(r[key] for r in rounds) for key in ("p50", "p99"))
        print(f"| {name} | {cpu:.1f} | {kib:.1f} | {p50:.1f} | {p99:.1f} |")
    if "nitro" in names:
        stuck_client(given.clients, given.rounds)


def stuck_client(clients: int, rounds: int) -> None:
    print(f"\nOne stuck client among {clients}, {STUCK_EVENTS} events of {STUCK_SIZE} bytes\n")
    shape = (clients, STUCK_EVENTS, STUCK_PAUSE, STUCK_SIZE)
    without: list[dict] = []
    with_one: list[dict] = []
    for _ in range(rounds):
        without.append(run("nitro_stream", *shape))
        with_one.append(run("nitro_stream", *shape, "stuck"))
    grown = [median(r["after"]["rss"] - r["open"]["rss"] for r in s) for s in (without, with_one)]
    p99 = [median(r["p99"] for r in several) for several in (without, with_one)]
    print(f"memory it costs: {(grown[1] - grown[0]) / 1024:.2f} MB")
    print(f"p99 of the others: {p99[0]:.1f} ms without it, {p99[1]:.1f} ms with it")


def in_turns(names: list[str], rounds: int, *shape: float) -> dict[str, list[dict]]:
    """Return what each contender measured in each round."""
    measured: dict[str, list[dict]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            measured[name].append(run(CONTENDERS[name], *shape))
    return measured


def run(module: str, *shape: object) -> dict:
    """Start a server and its clients, and return what the clients tell."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, str(HERE / "serve.py"), module, str(port)], cwd=HERE
    )
    try:
        wait_for(port)
        said = [sys.executable, str(HERE / "clients.py"), str(port), *map(str, shape)]
        return json.loads(subprocess.run(said, check=True, stdout=subprocess.PIPE).stdout)
    finally:
        server.terminate()
        server.wait()


def wait_for(port: int) -> None:
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(port)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def median(values) -> float:
    return statistics.median(list(values))


if __name__ == "__main__":
    main()
