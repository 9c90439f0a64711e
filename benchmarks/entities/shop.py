"""What every contender does: the rows, the operations, and the check that the results agree."""

import gc
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

ROWS = 1000
START = datetime(2026, 1, 1, tzinfo=UTC)

Operation = Callable[[int], None]


def values(number: int) -> dict[str, Any]:
    """Answer the fields of one product."""
    return {
        "id": f"p{number:07}",
        "name": f"Product {number}",
        "price": float(number % 100),
        "stock": number % 50,
        "tags": [f"t{number % 7}", f"t{number % 11}"],
        "created": START + timedelta(minutes=number),
    }


class Fresh:
    """Numbers of products that were never made."""

    def __init__(self) -> None:
        self.next = 10_000_000

    def __call__(self) -> int:
        self.next += 1
        return self.next


def serve(operations: dict[str, Operation]) -> None:
    """Answer on stdout what each operation that stdin names costs: CPU and wall µs for one."""
    for line in sys.stdin:
        name, times = line.split()
        operation = operations.get(name)
        if operation is None:
            print("null", flush=True)
            continue
        gc.collect()
        gc.disable()
        wall, cpu = time.perf_counter(), time.process_time()
        operation(int(times))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        gc.enable()
        each = 1e6 / int(times)
        print(json.dumps({"cpu": cpu * each, "wall": wall * each}), flush=True)
