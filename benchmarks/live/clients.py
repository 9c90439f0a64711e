"""Many clients in one process: count what comes, and note how long it took.

    python clients.py PORT CLIENTS EVENTS PAUSE SIZE [stuck]

Prints one JSON line: connected cost, cost after the events, latencies in ms.
"""

import asyncio
import json
import re
import socket
import sys
import time

import uvloop

PORT, CLIENTS, EVENTS = (int(text) for text in sys.argv[1:4])
PAUSE, SIZE = float(sys.argv[4]), int(sys.argv[5])
STUCK = sys.argv[6:] == ["stuck"]
AT = re.compile(rb'data-at="(\d+)"')
REQUEST = b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n"

latencies: list[int] = []
connected = 0
everything = asyncio.Event()


class Client(asyncio.Protocol):
    def __init__(self) -> None:
        self.begun = False
        self.left = b""

    def connection_made(self, transport) -> None:
        transport.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        global connected
        if not self.begun:
            self.begun = True
            connected += 1
        data = self.left + data
        end = 0
        now = time.monotonic_ns()
        for found in AT.finditer(data):
            latencies.append(now - int(found[1]))
            end = found.end()
        self.left = data[max(end, len(data) - 40) :]
        if len(latencies) >= CLIENTS * EVENTS:
            everything.set()


async def ask(path: str) -> dict[str, float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    text = await reader.read()
    writer.close()
    return json.loads(text.partition(b"\r\n\r\n")[2])


async def main() -> None:
    loop = asyncio.get_running_loop()
    before = await ask("/cost")
    for begin in range(0, CLIENTS, 100):
        many = range(begin, min(begin + 100, CLIENTS))
        await asyncio.gather(*[loop.create_connection(Client, "127.0.0.1", PORT) for _ in many])
    while connected < CLIENTS:
        await asyncio.sleep(0.05)
    if STUCK:
        stuck = socket.socket()
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect(("127.0.0.1", PORT))
        stuck.sendall(REQUEST)
    await asyncio.sleep(0.5)
    open_cost = await ask("/cost")
    began = time.monotonic()
    await ask(f"/publish?count={EVENTS}&pause={PAUSE}&size={SIZE}")
    await asyncio.wait_for(everything.wait(), 120)
    took = time.monotonic() - began
    await asyncio.sleep(0.3)
    after = await ask("/cost")
    latencies.sort()
    told = {
        "before": before,
        "open": open_cost,
        "after": after,
        "took": took,
        "p50": latencies[len(latencies) // 2] / 1e6,
        "p99": latencies[len(latencies) * 99 // 100] / 1e6,
    }
    print(json.dumps(told))


uvloop.run(main())
