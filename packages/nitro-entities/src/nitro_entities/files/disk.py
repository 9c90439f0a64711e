"""Contents as files in a folder of this machine, or one that is mounted."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from nitro_entities.files.places import PIECE, checked_key
from nitro_entities.files.rules import FileMissing

_PART = ".part"


class DiskStorage:
    """Keeps contents in *folder*, which is made when the first one is written.

    A content appears under its name when it is complete, on the disk and not only on its way.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)

    def __repr__(self) -> str:
        return f"<DiskStorage {str(self.folder)!r}>"

    def writer(self, key: str, /) -> "DiskWriter":
        """Begin a content."""
        return DiskWriter(self._path(key))

    def read(self, key: str, /, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield a content, or a part of it. Raises FileMissing."""
        try:
            file = self._there(key).open("rb")
        except (FileNotFoundError, IsADirectoryError):
            raise FileMissing(key) from None
        return _pieces(file, start, length)

    def copy(self, key: str, to: str, /) -> None:
        """Let *to* have the same content: the same bytes on the disk, where it can be."""
        source, target = self._there(key), self._path(to)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.utime(source)  # both names have one age: it must not be swept before the commit
            os.link(source, target)
        except FileNotFoundError:
            raise FileMissing(key) from None
        except FileExistsError:
            return
        except OSError:  # a file system without links
            fresh = _part_of(target)
            shutil.copyfile(source, fresh)
            fresh.replace(target)

    def move(self, key: str, to: str, /) -> None:
        """Rename a content."""
        source, target = self._there(key), self._path(to)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.utime(source)
            source.replace(target)
        except FileNotFoundError:
            raise FileMissing(key) from None

    def delete(self, key: str, /) -> None:
        """Remove a content."""
        self._path(key).unlink(missing_ok=True)

    def total(self, beginning: str, /) -> int:
        """Count the bytes of what has a key with this beginning, also of what is on its way."""
        start = self._path(beginning)
        total = 0
        with suppress(FileNotFoundError), os.scandir(start.parent) as found:
            for item in found:
                if item.name.startswith(start.name):
                    with suppress(FileNotFoundError):  # somebody else has removed it
                        total += item.stat().st_size
        return total

    def keys(self, folder: str, /) -> Iterator[tuple[str, datetime]]:
        """Yield the keys in *folder*, and since when each is there."""
        for path, at in _files_below(self._path(folder)):
            if not path.name.endswith(_PART):
                yield path.relative_to(self.folder).as_posix(), at

    def drop_unfinished(self, before: datetime, /) -> None:
        """Remove what writers have left that were killed before that moment."""
        for path, at in _files_below(self.folder):
            if path.name.endswith(_PART) and at < before:
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / checked_key(key)

    def _there(self, key: str) -> Path:
        """Answer where to read: what cannot be a key is the name of no content."""
        try:
            return self._path(key)
        except ValueError:
            raise FileMissing(key) from None


class DiskWriter:
    """Writes beside the place, and moves there at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = _part_of(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")

    def write(self, piece: bytes, /) -> None:
        """Add *piece*."""
        self._file.write(piece)

    def end(self) -> None:
        """Make it the content, when it is on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.replace(self._path)

    def cancel(self) -> None:
        """Forget what was written."""
        with suppress(OSError):
            self._file.close()
        self._part.unlink(missing_ok=True)


def _part_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}{_PART}")


def _pieces(file: BinaryIO, start: int, length: int | None) -> Iterator[bytes]:
    with file as opened:
        opened.seek(start)
        left = length
        while left is None or left > 0:
            piece = opened.read(PIECE if left is None else min(PIECE, left))
            if not piece:
                return
            left = None if left is None else left - len(piece)
            yield piece


def _files_below(folder: Path) -> Iterator[tuple[Path, datetime]]:
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root, name)
            with suppress(FileNotFoundError):  # somebody else has removed it
                yield path, datetime.fromtimestamp(path.stat().st_mtime, UTC)
