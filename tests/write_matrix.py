"""Write docs/capabilities.md: what each store can do, from a run of the contract on all of them.

``python tests/write_matrix.py`` needs what the tests need, and takes some minutes; with the
names of JSON files that ``pytest --nitro-matrix`` wrote, it takes the results from there.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from nitro_entities.repository import Ability
from nitro_entities.testing import Contract, Result, StoreContract, matrix
from nitro_entities.testing.contract import needed_by
from nitro_entities.testing.matrix import ABSENT, PASSED

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/capabilities.md"
TESTS = ROOT / "packages/nitro-entities/tests"
COLUMNS = {  # by file: the store, as the page calls it
    "test_kit_memory.py": "Memory",
    "test_kit_sqlite.py": "SQLite",
    "test_kit_postgres.py": "PostgreSQL",
    "test_kit_redis.py": "Redis",
    "test_kit_browser.py": "Browser",
    "test_kit_folder.py": "Folder (example)",
}
ABILITIES = "Abilities"

HEAD = """\
# What each store can do

The tables come from one run of the contract in `nitro_entities.testing`, the same tests for every
store; `python tests/write_matrix.py` writes this page. "yes" means that every test passed, a dash
that the store does not offer it.

SQLite and PostgreSQL were tried with plain entities and with `SQLEntity` classes, the browser
within one request. The last column is `examples/folder_store.py`, the store that
[A store of your own](own-store.md) writes.

## Abilities

"""
BETWEEN = """
| ability | |
|---|---|
| query | `where`, `order_by`, `count` over all entities of a class; the browser has the caller's |
| transactions | several writes together, or none of them |
| unique | a second value of a unique field is refused |
| lock | who reads to update makes others wait; without it, the later gets `StaleEntity` |
| relations | follows foreign keys (on `SQLEntity`) |
| outbox | keeps messages in the transaction of the rows |
| durable | what is committed survives the process; in Redis, as its settings for persistence say |
| shared | several processes see the same entities |
| foreign changes | tells what other processes wrote |

## The contract

"""


def page(results: Iterable[Result]) -> str:
    """Write the page."""
    every = list(results)
    cases = [result for result in every if result.part == ABILITIES and result.case]
    others = [
        result._replace(part="Says what it can do") if result.part == ABILITIES else result
        for result in every
        if not (result.part == ABILITIES and result.case)
    ]
    return HEAD + matrix(cases) + BETWEEN + matrix(others)


def declared() -> Iterator[Result]:
    """Answer what would come of a run in which no test fails."""
    for file, column in COLUMNS.items():
        for cls in _contracts(TESTS / file):
            yield from _declared_by(cls, column)


def _declared_by(cls: type[Contract], column: str) -> Iterator[Result]:
    offered = cls().abilities
    for part in reversed(cls.__mro__):
        title = (part.__doc__ or part.__name__).strip().splitlines()[0]
        for name, test in vars(part).items():
            if name == "test_ability":
                for one in Ability:
                    outcome = PASSED if one in offered else ABSENT
                    yield Result(column, title, name, one.value, outcome)
            elif name.startswith("test_"):
                outcome = PASSED if needed_by(test) <= offered else ABSENT
                yield Result(column, title, name, "", outcome)


def _contracts(file: Path) -> list[type[Contract]]:
    """Answer the classes of a file that ask for all of the contract."""
    spec = importlib.util.spec_from_file_location(f"matrix_of_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = [value for name, value in vars(module).items() if name.startswith("Test")]
    return [cls for cls in found if issubclass(cls, StoreContract)]


def _columns() -> dict[str, str]:
    """Answer the column of each contract class, by the label that its results have."""
    return {
        cls.label or cls.__name__.removeprefix("Test"): column
        for file, column in COLUMNS.items()
        for cls in _contracts(TESTS / file)
    }


def _run() -> list[Path]:
    file = Path(tempfile.mkdtemp()) / "results.json"
    tests = [str(TESTS / name) for name in COLUMNS]
    plugin = ["-p", "nitro_entities.testing.plugin", f"--nitro-matrix={file}"]
    subprocess.run([sys.executable, "-m", "pytest", "-q", *plugin, *tests], cwd=ROOT, check=False)
    return [file]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))  # what the tests share
    columns = _columns()
    files = [Path(name) for name in sys.argv[1:]] or _run()
    results = [Result(*one) for file in files for one in json.loads(file.read_text("utf-8"))]
    shown = [r._replace(store=columns[r.store]) for r in results if r.store in columns]
    PAGE.write_text(page(shown), "utf-8")
