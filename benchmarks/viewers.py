"""What one change costs when many people look at the same live table.

    python benchmarks/viewers.py [--viewers 200] [--changes 20]

In process: the pages are streams of one ASGI application over SQLite. Counts how often the view
was rendered and what the database was asked, and the CPU of a change until everybody has it.
"""

import argparse
import asyncio
import re
import sqlite3
import statistics
import tempfile
import time
from typing import Any

from fastapi import FastAPI

import nitro
from nitro import Page, SQLEntity, Table

asked: list[str] = []
connect = sqlite3.dbapi2.connect


def counting(*given: Any, **named: Any) -> sqlite3.Connection:
    connection = connect(*given, **named)
    connection.set_trace_callback(asked.append)
    return connection


sqlite3.connect = sqlite3.dbapi2.connect = counting


class City(SQLEntity, table=True):
    name: str
    population: int = 0


def scope(headers: dict[str, str]) -> dict[str, Any]:
    pairs = {"host": "127.0.0.1:8000", "sec-fetch-site": "same-origin", **headers}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in pairs.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


class Viewer:
    """One open page: remembers what it was sent."""

    def __init__(self) -> None:
        self.text = ""
        self.arrived = asyncio.Event()
        self.wanted = ""
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.text += message.get("body", b"").decode()
        if self.wanted and self.wanted in self.text:
            self.arrived.set()

    def wait_for(self, text: str) -> None:
        self.text, self.wanted = "", text
        self.arrived.clear()


async def page(app: Any) -> str:
    viewer = Viewer()
    await app(scope({"accept": "text/html"}), viewer.receive, viewer.send)
    return viewer.text


async def measure(app: Any, viewers: int, changes: int) -> None:
    cursor = re.search(r'data-cursor="([^"]*)"', await page(app))
    assert cursor
    headers = {"accept": "text/event-stream", "datastar-request": "true", "nitro-live": cursor[1]}
    people = [Viewer() for _ in range(viewers)]
    streams = [asyncio.ensure_future(app(scope(headers), v.receive, v.send)) for v in people]
    while not all(viewer.text for viewer in people):
        await asyncio.sleep(0.01)
    renders, statements, milliseconds, sizes = [], [], [], []
    from nitro_events.state import state

    for number in range(1, changes + 1):
        for viewer in people:
            viewer.wait_for(f">{number}<")
        before = state.hub.stats()["renders"]
        await asyncio.to_thread(change, number)
        asked.clear()  # the write is not what is counted
        began = time.process_time()
        await asyncio.gather(*[viewer.arrived.wait() for viewer in people])
        milliseconds.append(1000 * (time.process_time() - began))
        await asyncio.sleep(0.1)
        renders.append(state.hub.stats()["renders"] - before)
        statements.append(len([text for text in asked if text.startswith("SELECT")]))
        sizes.append(len(people[0].text))
    for viewer in people:
        viewer.gone.set()
    await asyncio.gather(*streams)
    print(f"{viewers} viewers of one table, {changes} changes, one at a time\n")
    print("| | a change |")
    print("|---|---|")
    print(f"| renders | {statistics.mean(renders):.1f} |")
    print(f"| statements | {statistics.mean(statements):.1f} |")
    print(f"| CPU until the last one has it | {statistics.median(milliseconds):.1f} ms |")
    print(f"| sent to each | {statistics.median(sizes):.0f} bytes |")


def change(number: int) -> None:
    city = City.get("00")
    city.population = number
    city.save()


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--viewers", type=int, default=200)
    given.add_argument("--changes", type=int, default=20)
    asked_for = given.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        nitro.configure(database_url=f"sqlite:///{folder}/cities.db")
        app = FastAPI()
        nitro.install(app)

        @app.get("/")
        def index() -> Page:
            return Page(Table.from_entity(City).with_search(), title="Cities")

        for number in range(60):
            City(id=f"{number:02}", name=f"City {number}", population=-1).save()
        asyncio.run(measure(app, asked_for.viewers, asked_for.changes))


if __name__ == "__main__":
    main()
