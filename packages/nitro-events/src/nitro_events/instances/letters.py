"""How a message is written into the log, and what of the log is believed.

Patches are markup and events run code, so every message is signed with the application's secret:
what somebody else writes into the same server is not carried out.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, cast

from nitro_events.instances.log import Entry, Letter
from nitro_events.seal import secret_keys
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nitro_events.instances.broker import Published

__all__ = ["Reader", "Writer"]

_log = logging.getLogger("nitro_events")

_SEAL_BYTES = 16
_MAX_SENDERS = 4096


class Keys:
    """The keys of the secrets, newest first; looked up again when the secrets were configured.

    Handlers are imported, and listened for, before an application has configured everything.
    """

    def __init__(self) -> None:
        self._given: tuple[str, ...] | None = None
        self._keys: Sequence[bytes] = ()

    def __call__(self) -> Sequence[bytes]:
        """Return the keys. Raises SettingsError in production without a secret."""
        given = state.settings.secrets
        if given != self._given:
            secrets = secret_keys()
            self._keys = [
                hashlib.sha256(b"nitro:instances:" + one.encode()).digest() for one in secrets
            ]
            self._given = given
        return self._keys


class Writer:
    """Writes the messages of one sender, numbered from 1."""

    def __init__(self, sender: str) -> None:
        self.sender = sender
        self._keys = Keys()
        self._number = 0

    def letter(self, channel: str, topics: tuple[str, ...], data: bytes) -> Letter:
        """Return the next message, signed."""
        head = json.dumps([channel, topics], separators=(",", ":")).encode()
        number = self._number + 1
        seal = _sign(self._keys()[0], self.sender, number, head, data)
        self._number = number
        return Letter(number, head, data, seal)


class Reader:
    """Takes out of the log what this application wrote, each message once."""

    def __init__(self) -> None:
        self._keys = Keys()
        self._last: OrderedDict[str, int] = OrderedDict()

    def read(self, entry: Entry) -> Published | None:
        """Return what was published, or None for an entry that carries nothing new."""
        letter = entry.letter
        if letter is None:
            return None
        if not self._is_genuine(entry.sender, letter):
            _log.warning(
                "A message at %s was ignored: it is not signed with a secret of this "
                "application. All instances need the same NITRO_SECRET",
                entry.mark.position,
            )
            return None
        if letter.number <= self._last.get(entry.sender, 0):
            return None
        self._remember(entry.sender, letter.number)
        channel, topics = _head(letter.head)
        return entry.mark.position, channel, topics, letter.data

    def all(self, entries: Iterable[Entry]) -> Iterator[Published]:
        """Yield what was published, without what carries nothing new."""
        for entry in entries:
            found = self.read(entry)
            if found is not None:
                yield found

    def _is_genuine(self, sender: str, letter: Letter) -> bool:
        return any(
            hmac.compare_digest(
                letter.seal, _sign(key, sender, letter.number, letter.head, letter.data)
            )
            for key in self._keys()
        )

    def _remember(self, sender: str, number: int) -> None:
        self._last[sender] = number
        self._last.move_to_end(sender)
        if len(self._last) > _MAX_SENDERS:  # instances that ended long ago
            self._last.popitem(last=False)


def _sign(key: bytes, sender: str, number: int, head: bytes, data: bytes) -> bytes:
    # lengths in front, or bytes could move from one part to the next
    told = f"{sender}\n{number}\n{len(head)}\n".encode()
    return hashlib.blake2b(told + head + data, key=key, digest_size=_SEAL_BYTES).digest()


def _head(head: bytes) -> tuple[str, tuple[str, ...]]:
    channel, topics = cast("tuple[str, list[Any]]", json.loads(head))
    return channel, tuple(topics)
