"""Entities as files: `_persistence_backend_class = FolderRepo`.

Each is a JSON file in a folder for its class, all in `.nitro/rows` or where FOLDER_STORE says.
Processes may share that. What is written goes into a journal first, as a whole. With the journal
in its place it is decided: when its writer is killed then, whoever comes next finishes it.
"""

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from nitro_entities import Ability, EntityError, StoreBusy, StoreUnusable, classes
from nitro_entities.stores.rows import Batch, E, Row, RowRepository, RowStore, check


class FolderStore(RowStore):
    durable = blocking = True
    abilities = frozenset({Ability.DURABLE, Ability.SHARED, Ability.UNIQUE})
    threads = threading.RLock()  # one for all: to close the lock file anywhere frees it

    def __init__(self) -> None:
        self.folder = Path(os.environ.get("FOLDER_STORE", ".nitro/rows")).absolute()
        self.journal, self.inside = self.folder / "journal", False
        with suppress(OSError):  # the first use says what is wrong
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def read(self, cls: type, keys: Sequence[str]) -> list[Row | None]:
        with self.alone():
            files = [self.file(classes.key(cls), key) for key in keys]
            return [row_in(file) if file.exists() else None for file in files]

    def scan(self, cls: type, where: object) -> list[Row]:
        with self.alone():
            return [row_in(file) for file in self.file(classes.key(cls)).parent.glob("*.json")]

    def write(self, batch: Batch) -> None:
        with self.alone():
            check(self, batch)
            rows = [
                (classes.key(cls), key, row and (key, row.version, row.document.decode()))
                for cls, key, row, *_ in batch.writes
            ]
            self.put(self.journal, rows)
            with suppress(OSError):  # it is decided: with a full disk, the next one finishes
                self.finish()

    def start_in_child(self) -> None:
        super().start_in_child()
        FolderStore.threads, self.inside = threading.RLock(), False

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self.threads:
            if self.inside:  # `check` reads in the middle of a write
                yield
                return
            try:
                with (self.folder / "lock").open("wb") as lock:
                    wait_for(lock.fileno())
                    self.inside = True
                    if self.journal.exists():
                        self.finish()
                    yield
            except EntityError:
                raise
            except OSError as error:
                raise StoreUnusable(f"{self.folder} cannot be used: {error}") from error
            finally:
                self.inside = False

    def finish(self) -> None:
        """Do what the journal says; twice does no harm, because it is always the last batch."""
        sync(self.folder)  # the journal is there to stay, before the first row changes
        for cls, key, row in value_in(self.journal):
            self.put(self.file(cls, key), row)
        sync(self.folder)  # so are new folders
        self.journal.unlink()

    def put(self, file: Path, value: object) -> None:
        file.parent.mkdir(exist_ok=True)
        if value is None:
            file.unlink(missing_ok=True)
        else:
            new = self.folder / "new"
            new.write_bytes(sealed(file.name, value))
            sync(new)
            new.replace(file)
        sync(file.parent)

    def file(self, cls: str, key: str = "") -> Path:
        return self.folder / hashed(cls) / f"{hashed(key)}.json"


class FolderRepo(RowRepository[E]):
    store_class = FolderStore


def hashed(text: str) -> str:
    """Answer a name that is no path and nobody else's, on any file system, whatever the text."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def sealed(name: str, value: object) -> bytes:
    text = json.dumps(value)
    return f'["{hashed(name + text)}",\n{text}]'.encode()


def value_in(file: Path) -> Any:
    content = file.read_bytes()
    with suppress(ValueError, TypeError, LookupError):
        value = json.loads(content)[1]
        if sealed(file.name, value) == content:
            return value
    raise StoreUnusable(f"{file} is damaged. Put a copy of it back, or remove it")


def row_in(file: Path) -> Row:
    key, version, document = value_in(file)
    return Row(key, version, document.encode())


def sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def wait_for(lock: int) -> None:
    for _ in range(10_000):
        with suppress(BlockingIOError):
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(0.001)
    raise StoreBusy("Another process kept the folder for more than 10 seconds")
