"""The fronts: what ``import nitro_entities`` and the others load, and what they offer."""

import ast
import importlib
import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from support.services import missing

ROOT = Path(__file__).parents[1]
FRONTS = {
    path.name: path / "__init__.py"
    for path in sorted(ROOT.glob("packages/*/src/*"))
    if (path / "__init__.py").exists()
}
FRAMEWORKS = {"django", "fastapi", "fasthtml", "flask", "litestar", "sanic", "starlette"}
HEAVY = {"pydantic", "sqlalchemy", "sqlmodel", *FRAMEWORKS}


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )


def loaded_by(code: str) -> set[str]:
    done = run(f"import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)))")
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] in FRONTS}


def shown_to_checkers(front: Path) -> dict[str, str]:
    """Names that *front* binds under TYPE_CHECKING, with the module each is said to be in."""
    blocks = [node for node in ast.parse(front.read_bytes()).body if isinstance(node, ast.If)]
    found: dict[str, str] = {}
    for stmt in (stmt for block in blocks for stmt in block.body):
        if isinstance(stmt, ast.AnnAssign) and isinstance(stmt.target, ast.Name):
            found[stmt.target.id] = front.parent.name + "." + stmt.target.id
        elif isinstance(stmt, ast.ImportFrom) and stmt.module:
            found |= dict.fromkeys(names_of(stmt), stmt.module)
    return {name: home for name, home in found.items() if not name.startswith("_")}


def names_of(stmt: ast.ImportFrom) -> list[str]:
    """Return what *stmt* re-exports: ``X as X``, and all of a star import."""
    if stmt.names[0].name == "*":
        starred: list[str] = importlib.import_module(stmt.module or "").__all__
        return starred
    return [alias.name for alias in stmt.names if alias.asname == alias.name]


@pytest.mark.parametrize("front", sorted(FRONTS))
def test_importing_a_front_loads_nothing_behind_it(front: str) -> None:
    loaded = loaded_by(f"import {front}")

    assert ours(loaded) == {front}
    assert loaded & HEAVY == set()


def test_on_loads_neither_entities_nor_templates_nor_sqlalchemy() -> None:
    loaded = loaded_by("from nitro import on")

    assert {name.partition(".")[0] for name in ours(loaded)} == {"nitro", "nitro_events"}
    assert loaded & {"sqlalchemy", "sqlmodel", *FRAMEWORKS} == set()


def test_entity_loads_neither_events_nor_templates_nor_sqlalchemy() -> None:
    loaded = loaded_by("from nitro import Entity")

    assert {name.partition(".")[0] for name in ours(loaded)} == {"nitro", "nitro_entities"}
    assert loaded & {"sqlalchemy", "sqlmodel", *FRAMEWORKS} == set()


def test_page_loads_neither_entities_nor_events() -> None:
    loaded = loaded_by("from nitro import Page")

    assert {name.partition(".")[0] for name in ours(loaded)} == {"nitro", "nitro_templates"}


@pytest.mark.parametrize("front", sorted(FRONTS))
def test_checkers_and_the_interpreter_see_the_same_names(front: str) -> None:
    module = importlib.import_module(front)

    assert set(shown_to_checkers(FRONTS[front])) == set(module.__all__) == set(dir(module))


@pytest.mark.parametrize("front", sorted(FRONTS))
def test_every_name_is_the_thing_and_not_a_file_of_the_same_name(front: str) -> None:
    homes = shown_to_checkers(FRONTS[front])
    files = [
        ".".join(file.relative_to(FRONTS[front].parents[1]).with_suffix("").parts)
        for file in FRONTS[front].parent.rglob("*.py")
        if file.name != "__init__.py"
    ]
    done = run(
        f"import importlib, types, {front} as front\n"
        f"for name in {files!r}: importlib.import_module(name)\n"
        "for name in front.__all__:\n"
        "    if isinstance(getattr(front, name), types.ModuleType): print(name)"
    )

    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == {name for name, home in homes.items() if home == front}


@pytest.mark.parametrize("front", sorted(FRONTS))
def test_an_unknown_name_is_an_attribute_error(front: str) -> None:
    module = importlib.import_module(front)

    with pytest.raises(AttributeError, match="Entitty"):
        module.Entitty  # noqa: B018


@pytest.mark.parametrize(
    ("absent", "name"),
    [
        ("nitro_entities", "Entity"),
        ("nitro_events", "on"),
        ("nitro_fastapi", "ReadSignals"),
        ("nitro_templates", "Page"),
    ],
)
def test_a_missing_package_names_what_to_install(absent: str, name: str) -> None:
    done = run(f"import sys; sys.modules[{absent!r}] = None; from nitro import {name}")

    assert f"pip install {absent.replace('_', '-')}" in done.stderr


@pytest.fixture
def misspelt(tmp_path: Path) -> Path:
    file = tmp_path / "misspelt.py"
    file.write_text("".join(f"from {front} import Entitty as {front}_name\n" for front in FRONTS))
    return file


def test_mypy_rejects_a_misspelt_name(misspelt: Path) -> None:
    if not find_spec("mypy"):
        missing("mypy is not installed")
    # `skip`: only the fronts themselves are read, which is all that it takes
    options = ["--config-file=", "--follow-imports=skip", "--cache-dir", str(misspelt.parent)]
    command = [sys.executable, "-m", "mypy", *options, *map(str, FRONTS.values()), str(misspelt)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.stdout.count('has no attribute "Entitty"') == len(FRONTS), done.stdout


def test_pyright_rejects_a_misspelt_name(misspelt: Path) -> None:
    if not find_spec("pyright") or not shutil.which("node"):
        missing("pyright needs Node.js, which is not installed")
    paths = [str(front.parents[1]) for front in FRONTS.values()]
    settings = {"include": [misspelt.name], "extraPaths": paths, "pythonVersion": "3.11"}
    (misspelt.parent / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--project", str(misspelt.parent)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.stdout.count('"Entitty" is unknown import symbol') == len(FRONTS), done.stdout
