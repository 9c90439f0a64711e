"""``nitro files``: the storage of files, looked after."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("puremagic")

APP = """
import nitro
from nitro import Entity, MemoryRepo
from nitro_entities.files import StoredFile

nitro.configure(files="kept", backend=MemoryRepo)

class SweptPaper(Entity):
    scan: StoredFile | None = None
"""


def test_what_nobody_holds_goes_and_what_is_young_or_no_file_of_ours_stays(
    tmp_path: Path, nitro: Callable[..., list[Any]]
) -> None:
    (tmp_path / "papers.py").write_text(APP)
    folder = tmp_path / "kept" / "swept-papers"
    folder.mkdir(parents=True)
    old, young, own = "0" * 32, "1" * 32, "put here by hand.txt"
    for name, age in ((old, 3 * 86_400), (young, 60), (own, 3 * 86_400)):
        path = folder / name
        path.write_text(name)
        os.utime(path, (time.time() - age, time.time() - age))

    told, again = nitro("files sweep papers", "files sweep papers --json")

    assert "1 file removed" in told.out
    assert '"removed": 0' in again.out
    assert {path.name for path in folder.iterdir()} == {young, own}
