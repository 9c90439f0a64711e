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

from nitro_entities import Ability, EntityError, StoreBusy, StoreUnusable, UnreadableRow, classes
from nitro_entities.conditions import Condition
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
            return [unpack(cls, self.folder / place(classes.key(cls), key)) for key in keys]

    def scan(self, cls: type, where: Condition | None) -> list[Row]:
        with self.alone():
            files = (self.folder / place(classes.key(cls), "")).parent.glob("*.json")
            return [row for file in files if (row := unpack(cls, file))]

    def write(self, batch: Batch) -> None:
        with self.alone():
            check(self, batch)
            rows = [(classes.key(w.cls), w.key, w.row and pack(w.row)) for w in batch.writes]
            self.put(self.journal, json.dumps(rows))
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
        for cls, key, text in json.loads(self.journal.read_bytes()):
            self.put(self.folder / place(cls, key), text)
        sync(self.folder)
        self.journal.unlink()

    def put(self, file: Path, text: str | None) -> None:
        file.parent.mkdir(exist_ok=True)
        new = self.folder / "new"
        new.write_bytes((text or "").encode())
        sync(new)
        new.replace(file)
        if text is None:
            file.unlink()
        sync(file.parent)


class FolderRepo(RowRepository[E]):
    store_class = FolderStore


def place(*names: str) -> str:
    """Answer a path that cannot lead elsewhere, nor to another's place, whatever the names."""
    return "/".join(sha256(name.encode()).hexdigest() for name in names) + ".json"


def pack(row: Row) -> str:
    digest = sha256(b"%d %b" % (row.version, row.document)).hexdigest()
    return f"[{json.dumps([row.key, row.version, digest])},\n{row.document.decode()}]"


def unpack(cls: type, file: Path) -> Row | None:
    if not file.exists():
        return None
    content = file.read_text("utf-8")
    with suppress(ValueError, TypeError):
        ...
    raise UnreadableRow(cls, file.stem, f"{file} is damaged; put a copy back, or remove it")


def sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def wait_for(lock: int) -> None:
    for _ in range(10_000):
        with suppress(BlockingIOError):
            return fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(0.001)
    raise StoreBusy("Another process kept the folder for more than 10 seconds")
