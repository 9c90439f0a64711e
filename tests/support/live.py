"""A client of streams for tests: it breaks off anywhere, and remembers what it heard."""

from __future__ import annotations

import re

NUMBER = re.compile(r'signals \{"topic":"([^"]+)","n":(\d+)\}')


class Heard:
    """What a client has understood of the bytes that came: whole events, and the last id."""

    def __init__(self, cursor: str) -> None:
        self.cursor = cursor
        self.log: list[tuple[str, int]] = []
        self.resets = 0
        self._rest = b""

    def take(self, data: bytes) -> None:
        """Understand what is complete, and keep the rest."""
        *events, self._rest = (self._rest + data).split(b"\n\n")
        for event in events:
            self._understand(event.decode())

    def break_off(self) -> None:
        """Lose the connection, and with it what was not complete."""
        self._rest = b""

    def _understand(self, event: str) -> None:
        if found := re.search(r"^id: (\S+)$", event, re.M):
            self.cursor = found[1]
        if found := NUMBER.search(event):
            self.log.append((found[1], int(found[2])))
        self.resets += "nitro-live-reset" in event
