"""Many open streams and readers that never read do not keep others waiting."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable

import httpx

from support.server import Server

STREAMS = 200


def open_stream(server: Server) -> socket.socket:
    connection = socket.socket()
    # a small window: what is not read soon stands still in the server
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", server.port))
    connection.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\nnitro-live: \r\n\r\n")
    return connection


def test_two_hundred_streams_that_nobody_reads_delay_nobody(
    new_server: Callable[..., Server],
    connect: Callable[[Server], httpx.Client],
    new_account: Callable[[httpx.Client], str],
) -> None:
    server = new_server()
    server.start()
    with contextlib.ExitStack() as stack, connect(server) as http:
        id = new_account(http)
        opened = [stack.enter_context(open_stream(server)) for _ in range(STREAMS)]
        for connection in opened:
            connection.settimeout(20)
            assert connection.recv(12) == b"HTTP/1.1 200"
        for number in range(20):
            begun = time.monotonic()
            assert http.patch(f"/accounts/{id}", json={"note": f"{number}"}).status_code == 200
            assert http.get("/").status_code == 200
            assert time.monotonic() - begun < 5
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < 8
    assert "Traceback" not in server.log
