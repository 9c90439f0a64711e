"""What a server must be able to do to carry messages between instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from nitro_events.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BATCH", "Entry", "Letter", "Log", "Mark", "Options", "Session", "Standing"]

BATCH = 500
"""How many entries are read at once."""


class Letter(NamedTuple):
    """A message on its way: numbered by its sender and signed."""

    number: int
    head: bytes
    data: bytes
    seal: bytes


class Mark(NamedTuple):
    """A place in the log."""

    epoch: str
    """The identity of the log."""
    position: int
    """Grows from entry to entry."""
    ordinal: int
    """Grows by one from entry to entry of an epoch, so that a missing one is seen; negative for
    what is in the log and not of ours."""
    stamp: str
    """Who wrote the entry and which of theirs it is; empty if nobody did."""

    def follows(self, before: Mark) -> bool:
        """Whether nothing is missing between *before* and this."""
        return self.epoch == before.epoch and self.ordinal == before.ordinal + 1


class Entry(NamedTuple):
    """What is at a place in the log."""

    mark: Mark
    sender: str
    letter: Letter | None
    """None for what nobody sent: the beginning of an epoch, and what others put there."""

    @property
    def begins(self) -> bool:
        """Whether an epoch begins here."""
        return self.letter is None and self.mark.ordinal >= 0


class Standing(NamedTuple):
    """What there is in the log."""

    begin: Mark
    """Where the present epoch began; its entry may be gone."""
    oldest: int
    """The position of the first entry that is still there."""
    newest: Mark


class Session(Protocol):
    """A connection to the log, used by one thread.

    Whatever it raises, it is closed and another one is opened.
    """

    def append(self, sender: str, acknowledged: int, letters: Sequence[Letter]) -> None:
        """Add the letters in order, except those that are there already.

        *acknowledged* is the number of the last letter that was added before. If the log knows
        that sender and has forgotten that letter, it begins a new epoch.
        """
        ...

    def standing(self) -> Standing:
        """Return what there is; a log that is not there is made, under a new epoch."""
        ...

    def span(self, position: int, limit: int | None = None) -> Sequence[Entry]:
        """Return the entries at and after *position*, all of them at one moment."""
        ...

    def renew(self, epoch: str) -> None:
        """Begin a new epoch, if *epoch* is still the present one."""
        ...

    def read(self, after: int, wait: float) -> Sequence[Entry]:
        """Return the next entries after a position; wait some seconds if there are none."""
        ...

    def wake(self) -> None:
        """End the waiting of `read`, from another thread; the session is of no use afterwards."""
        ...

    def close(self) -> None:
        """Disconnect. Raises nothing."""
        ...


class Log(Protocol):
    """Where the log is; it opens connections to it."""

    errors: tuple[type[Exception], ...]
    """What sessions raise when the server is away or refuses."""

    def open(self) -> Session:
        """Connect. Raises one of *errors*."""
        ...


class Options(NamedTuple):
    """What a URL says beside the place of the server."""

    url: str
    """The rest of it, for the driver."""
    prefix: str = "nitro"
    keep: int = 10_000

    @classmethod
    def of(cls, url: str) -> Options:
        """Take our own options out of *url*. Raises SettingsError."""
        parts = urlsplit(url)
        given = parse_qsl(parts.query)
        own = {name: value for name, value in given if name in ("prefix", "keep")}
        rest = urlencode([(name, value) for name, value in given if name not in own])
        keep = own.get("keep", str(cls._field_defaults["keep"]))
        if not keep.isdecimal() or int(keep) < 1:
            msg = f"keep= of the events_url is how many messages to keep, got {keep!r}"
            raise SettingsError(msg)
        plain = parts._replace(query=rest).geturl()
        return cls(plain, own.get("prefix", "nitro"), int(keep))
