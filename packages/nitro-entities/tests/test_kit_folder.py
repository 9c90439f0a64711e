"""A store that is an example, files in a folder, keeps the contract."""

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nitro_entities import Entity, StoreUnusable, UnitOfWork
from nitro_entities.testing import StoreContract

pytest.importorskip("fcntl", reason="the example locks files as Unix does")

PATH = Path(__file__).parents[3] / "examples/folder_store.py"
MEMORY = Path("/dev/shm")
HOSTILE = ["../x", "a/b", "/etc/x", "..", ".", "a" * 5_000, "Å", "A\u030a", "con", "A", "a", "\\x"]


def load() -> Any:
    spec = importlib.util.spec_from_file_location("folder_store", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["folder_store"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


folder_store = load()


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder, in memory where possible: a kill leaves it as it leaves a disk."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        monkeypatch.setenv("FOLDER_STORE", f"{name}/rows")
        yield Path(name, "rows")


class TestFolder(StoreContract):
    backend = folder_store.FolderRepo

    @pytest.fixture
    def store(self, folder: Path) -> str:
        return str(folder)

    @staticmethod
    def configure_child(store: str) -> None:
        os.environ["FOLDER_STORE"] = store


class FolderNote(Entity):
    text: str = ""
    _persistence_backend_class = folder_store.FolderRepo


# Kills itself when the given number of files have been put in place: the journal is the first.
KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {examples!r})
import folder_store
from nitro_entities import Entity, UnitOfWork, classes

class FolderNote(Entity):
    text: str = ""
    _persistence_backend_class = folder_store.FolderRepo

FolderNote.__module__ = {module!r}
left, replace = [{after}], Path.replace

def counted(self, target):
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    return replace(self, target)

Path.replace = counted
with UnitOfWork():
    for id in "abc":
        FolderNote.create(id=id)
"""


@pytest.mark.parametrize("after", range(4))
def test_a_writer_killed_in_the_middle_leaves_all_or_nothing(folder: Path, after: int) -> None:
    code = KILLED.format(examples=str(PATH.parent), module=__name__, after=after)

    done = subprocess.run([sys.executable, "-c", code], env={**os.environ}, timeout=60)

    assert done.returncode == -signal.SIGKILL
    assert FolderNote.count() == (3 if after else 0)
    assert not (folder / "journal").exists()


COUNTING = """
import sys
sys.path.insert(0, {examples!r})
import folder_store
from nitro_entities import Entity

class FolderSum(Entity):
    total: int = 0
    _persistence_backend_class = folder_store.FolderRepo

FolderSum.__module__ = {module!r}
for _ in range(25):
    FolderSum.get("all").incr(total=1)
"""


class FolderSum(Entity):
    total: int = 0
    _persistence_backend_class = folder_store.FolderRepo


def test_sums_of_several_processes_all_count(folder: Path) -> None:
    FolderSum.create(id="all")
    code = COUNTING.format(examples=str(PATH.parent), module=__name__)

    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]

    assert [one.wait(60) for one in running] == [0, 0, 0]
    assert FolderSum.get("all").total == 75


@pytest.mark.parametrize("id", HOSTILE, ids=lambda id: repr(id)[:12])
def test_no_id_leads_out_of_the_folder(folder: Path, id: str) -> None:
    before = set(folder.parent.rglob("*"))
    FolderNote.create(id=id, text="here")

    made = set(folder.parent.rglob("*")) - before
    assert FolderNote.get(id).text == "here"
    assert {path.parent.parent for path in made if path.suffix == ".json"} == {folder}
    assert all(folder in (path, *path.parents) for path in made)


def test_ids_that_differ_in_case_or_form_only_are_apart(folder: Path) -> None:
    for id in HOSTILE:
        FolderNote.create(id=id, text=id)

    assert [FolderNote.get(id).text for id in HOSTILE] == HOSTILE
    names = [path.name.lower() for path in folder.rglob("*.json")]
    assert len(set(names)) == len(HOSTILE)


@pytest.mark.parametrize("how", ["empty", "cut", "bit", "other", "garbage"])
def test_a_damaged_file_is_named(folder: Path, how: str) -> None:
    FolderNote.create(id="a", text="one")
    FolderNote.create(id="b", text="two")
    file = next(path for path in folder.rglob("*.json") if b"one" in path.read_bytes())
    other = next(path for path in folder.rglob("*.json") if path != file)
    content = file.read_bytes()
    file.write_bytes(
        {
            "empty": b"",
            "cut": content[:-9],
            "bit": content.replace(b"one", b"ons"),
            "other": other.read_bytes(),
            "garbage": b"\xff\x00[[[",
        }[how]
    )

    with pytest.raises(StoreUnusable, match=f"{file.name} is damaged"):
        FolderNote.get("a")
    with pytest.raises(StoreUnusable, match=f"{file.name} is damaged"):
        FolderNote.count()
    assert FolderNote.get("b").text == "two"


def test_a_damaged_journal_is_named(folder: Path) -> None:
    FolderNote.create(id="a")
    (folder / "journal").write_bytes(b"[1")

    with pytest.raises(StoreUnusable, match="journal is damaged"):
        FolderNote.get("a")


def test_a_folder_that_was_taken_away_is_not_made_anew(folder: Path) -> None:
    FolderNote.create(id="a")
    folder.rename(folder.with_name("elsewhere"))

    with pytest.raises(StoreUnusable, match="cannot be used"):
        FolderNote.get("a")
    assert not folder.exists()


def test_what_is_decided_is_finished_when_there_is_room_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FolderNote.create(id="a")
    written = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if (folder / "journal").exists():
            raise OSError(28, "No space left on device")
        return written(self, data)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with UnitOfWork():
            FolderNote.create(id="b")
            FolderNote.create(id="c")
        with pytest.raises(StoreUnusable, match="No space left"):
            FolderNote.count()

    assert FolderNote.count() == 3


# Two stores that are wrong: one never looks into the journal of somebody who was killed, the
# other never waits for other processes.
WRONG = """
import os, sys
from contextlib import contextmanager
import pytest
sys.path.insert(0, {examples!r})
import folder_store
from nitro_entities.stores.rows import RowRepository
from nitro_entities.testing import ConcurrencyContract, CrashContract

class Forgetful(folder_store.FolderStore):
    @contextmanager
    def alone(self):
        if not self.inside:
            self.journal.unlink(missing_ok=True)
        with super().alone():
            yield

class Hasty(folder_store.FolderStore):
    @contextmanager
    def alone(self):
        with self.threads:
            yield

    def write(self, batch):
        folder_store.check(self, batch)
        for write in batch.writes:
            row = write.row and (write.key, write.row.version, write.row.document.decode())
            self.file(folder_store.classes.key(write.cls), write.key).parent.mkdir(exist_ok=True)
            file = self.file(folder_store.classes.key(write.cls), write.key)
            new = file.with_suffix(f".{{os.getpid()}}")
            new.write_bytes(folder_store.sealed(file.name, row))
            new.replace(file)

class InFolder:
    @pytest.fixture
    def store(self, tmp_path, monkeypatch):
        monkeypatch.setenv("FOLDER_STORE", f"{{tmp_path}}/rows")
        return f"{{tmp_path}}/rows"

    @staticmethod
    def configure_child(store):
        os.environ["FOLDER_STORE"] = store

class ForgetfulRepo(RowRepository):
    store_class = Forgetful

class HastyRepo(RowRepository):
    store_class = Hasty

class TestForgetful(InFolder, CrashContract):
    backend = ForgetfulRepo

class TestHasty(InFolder, ConcurrencyContract):
    backend = HastyRepo
"""


def test_the_contract_catches_stores_that_are_wrong_between_processes(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(WRONG.format(examples=str(PATH.parent)))
    tests = [
        "TestForgetful::test_a_process_killed_at_a_step_of_a_commit_leaves_all_or_nothing",
        "TestHasty::test_sums_of_two_processes_all_count",
    ]

    run = [sys.executable, "-m", "pytest", "-q", "--tb=line"]
    said = subprocess.run(
        [*run, *(f"test_it.py::{test}" for test in tests)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout

    assert "AssertionError: half a unit" in said
    assert "concurrency.py" in said  # where it says that the sum is another one
    for test in tests:
        assert f"FAILED test_it.py::{test}" in said
