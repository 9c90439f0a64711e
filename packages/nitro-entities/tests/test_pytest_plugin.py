"""What our pytest plugin does for the tests of an application."""

import subprocess
import sys
from pathlib import Path

TEST = """
from nitro_entities import SQLEntity

class Item(SQLEntity):
    name: str

def test_it_is_stored():
    Item.create(name="Saw")
    assert [item.name for item in Item.all()] == ["Saw"]
"""


def test_a_test_leaves_the_database_of_development_alone(tmp_path: Path) -> None:
    (tmp_path / "test_item.py").write_text(TEST)

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert not (tmp_path / ".nitro").exists()
