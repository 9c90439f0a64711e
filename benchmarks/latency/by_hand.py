"""The same by hand: a button, a number in SQLite, and a stream of Datastar patches."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from nitro_templates import assets  # the client's file

DATABASE = None if os.environ.get("NO_DATABASE") else "count.db"
number = 0
queues: set[asyncio.Queue[str]] = set()


def connect() -> sqlite3.Connection:
    connection = sqlite3.connect(str(DATABASE))
    connection.execute("pragma journal_mode = wal")
    connection.execute("create table if not exists counter (id integer primary key, n integer)")
    connection.execute("insert or ignore into counter values (1, 0)")
    connection.commit()
    return connection


def count_up() -> int:
    global number
    if DATABASE is None:
        number += 1
        return number
    connection = connect()
    connection.execute("update counter set n = n + 1 where id = 1")
    row = connection.execute("select n from counter where id = 1").fetchone()
    connection.commit()
    connection.close()
    return int(row[0])


async def index(_request: object) -> Response:
    return HTMLResponse(
        "<!doctype html><html lang=en><title>By hand</title>"
        '<script type=module src="/datastar.js"></script>'
        "<body data-init=\"@get('/stream')\">"
        "<button data-on:click=\"@post('/add')\">Add</button><p id=count>0</p>"
    )


async def add(_request: object) -> Response:
    found = await asyncio.to_thread(count_up)
    for queue in queues:
        queue.put_nowait(
            f"event: datastar-patch-elements\ndata: elements <p id=count>{found}</p>\n\n"
        )
    return Response(status_code=204)


async def stream(_request: object) -> Response:
    async def events() -> AsyncIterator[str]:
        queue: asyncio.Queue[str] = asyncio.Queue()
        queues.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            queues.discard(queue)

    headers = {"cache-control": "no-store"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)


async def client(_request: object) -> Response:
    return Response(assets.asset("datastar.js").body, media_type="text/javascript")


app = Starlette(
    routes=[
        Route("/", index),
        Route("/add", add, methods=["POST"]),
        Route("/stream", stream),
        Route("/datastar.js", client),
    ]
)
