"""The building blocks, as ``nitro.components`` offers them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from nitro import components as ours
from nitro_templates import components as theirs


def shown_to_checkers(module: ModuleType) -> set[str]:
    """Names that *module* binds under TYPE_CHECKING."""
    assert module.__file__ is not None
    tree = ast.parse(Path(module.__file__).read_bytes())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.name
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }


@pytest.mark.parametrize("module", [ours, theirs], ids=["nitro", "nitro_templates"])
def test_checkers_and_the_interpreter_see_the_same_blocks(module: ModuleType) -> None:
    assert shown_to_checkers(module) == set(dir(module)) == set(dir(theirs))


def test_a_block_is_the_same_from_both_sides() -> None:
    assert all(getattr(ours, name) is getattr(theirs, name) for name in dir(ours))


def test_an_unknown_block_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Buton"):
        ours.Buton  # type: ignore[attr-defined] # noqa: B018


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )


def test_importing_the_blocks_loads_none_of_them() -> None:
    done = run(
        "import sys, nitro.components; print([n for n in sys.modules if 'components.' in n])"
    )

    assert done.stdout == "[]\n", done.stderr


def test_without_nitro_templates_it_names_what_to_install() -> None:
    done = run("import sys; sys.modules['nitro_templates'] = None; import nitro.components")

    assert "pip install nitro-templates" in done.stderr
