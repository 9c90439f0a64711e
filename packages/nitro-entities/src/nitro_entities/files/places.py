"""Where contents are kept, by key: what a storage must be able to do, and which one is used."""

import os
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable

from nitro_entities.config import DEFAULT_FOLDER, settings
from nitro_entities.errors import EntityError
from nitro_entities.state import state

PIECE = 256 * 1024
"""Bytes that are read or written at once."""
ARRIVING, REMOVED = "_arriving", "_removed"
"""What belongs to nothing yet, and to nothing any more: folders that no class has."""
_KEY = re.compile(r"[a-z0-9_-]+(/[a-z0-9_-]+)*")


class Writer(Protocol):
    """Takes one content, piece by piece. It is there as a whole after `end`, or not at all."""

    def write(self, piece: bytes, /) -> None:
        """Add *piece*."""
        ...

    def end(self) -> None:
        """Make what was written the content of the key."""
        ...

    def cancel(self) -> None:
        """Forget what was written; after `end` it does nothing."""
        ...


@runtime_checkable
class Storage(Protocol):
    """Keeps contents by key: parts of small letters, digits, ``-`` and ``_``, with slashes."""

    def writer(self, key: str, /) -> Writer:
        """Begin a content."""
        ...

    def read(self, key: str, /, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield a content, or a part of it. Raises FileMissing, before the first piece."""
        ...

    def copy(self, key: str, to: str, /) -> None:
        """Let *to* have the content of *key*, without reading it. Raises FileMissing."""
        ...

    def move(self, key: str, to: str, /) -> None:
        """As `copy`, and *key* is gone then. Raises FileMissing."""
        ...

    def delete(self, key: str, /) -> None:
        """Remove a content; one that is not there is no error."""
        ...

    def total(self, beginning: str, /) -> int:
        """Count the bytes of what has a key with this beginning, which ends within a name."""
        ...

    def keys(self, folder: str, /) -> Iterator[tuple[str, datetime]]:
        """Yield the keys in *folder*, and since when each is there."""
        ...

    def drop_unfinished(self, before: datetime, /) -> None:
        """Remove what writers have left that were killed before that moment."""
        ...


class _Opened(dict[str, Storage]):
    """The storage of each URL that was asked for."""


def storage() -> Storage:
    """Answer the storage of the application: ``configure(files=…)``, else ``NITRO_FILES``.

    ``s3://bucket/prefix`` is a bucket, anything else a folder. Without either it is the folder
    ``.nitro/files``. Raises EntityError.
    """
    said = settings().files
    if said is not None and not isinstance(said, str | os.PathLike):
        return said
    url = str(said or os.environ.get("NITRO_FILES") or f"{DEFAULT_FOLDER}/files")
    opened = state.part(_Opened)
    if url not in opened:
        opened[url] = _at(url)
    return opened[url]


def is_key(key: str) -> bool:
    """Tell whether *key* is one that we give to files."""
    return len(key) <= 300 and _KEY.fullmatch(key) is not None


def checked_key(key: str) -> str:
    """Answer *key* if it is one: never a way out of the storage. Raises ValueError."""
    if not is_key(key):
        msg = f"No key of a stored file: {key[:60]!r}"
        raise ValueError(msg)
    return key


def has_arrived(key: str) -> bool:
    """Tell whether that content was sent, and belongs to nothing yet."""
    return key.startswith(f"{ARRIVING}/")


def read(key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """Read from the storage, also what was removed a moment ago: its removal may be undone."""
    from nitro_entities.files.rules import FileMissing

    store = storage()
    try:
        return store.read(key, start, length)
    except FileMissing:
        return store.read(f"{REMOVED}/{key}", start, length)


def copy(key: str, to: str) -> None:
    """Copy within the storage, also what was removed a moment ago."""
    from nitro_entities.files.rules import FileMissing

    store = storage()
    try:
        store.copy(key, to)
    except FileMissing:
        store.copy(f"{REMOVED}/{key}", to)


def _at(url: str) -> Storage:
    from nitro_entities.files.disk import DiskStorage
    from nitro_entities.files.s3 import S3Storage

    scheme, found, rest = url.partition("://")
    if not found:
        return DiskStorage(url)
    bucket, _, prefix = rest.partition("/")
    if scheme == "s3" and bucket:
        return S3Storage(bucket, prefix=prefix)
    msg = (
        f"Files are kept in a folder or in s3://bucket/prefix. configure(files=…) or NITRO_FILES "
        f"got {url!r}"
    )
    raise EntityError(msg)
