"""What ``nitro new`` writes passes its own tests, and a linter, on every framework."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from nitro.projects import FRAMEWORKS
from support.projects import begin_tests, generate
from support.services import missing


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A project for each framework that is installed."""
    folder = tmp_path_factory.mktemp("projects")
    return {name: generate(name, folder) for name in FRAMEWORKS if find_spec(name)}


def test_each_project_passes_its_own_tests(projects: dict[str, Path]) -> None:
    running = {name: begin_tests(project) for name, project in projects.items()}
    said = {name: process.communicate(timeout=300)[0] for name, process in running.items()}

    failed = {name: said[name] for name, process in running.items() if process.returncode}
    assert failed == {}, "\n".join(failed.values())
    assert all(" passed" in text for text in said.values())


def test_a_linter_finds_nothing_in_them(projects: dict[str, Path]) -> None:
    if find_spec("ruff") is None:
        missing("ruff is not installed")
    for project in projects.values():
        for command in (["check"], ["format", "--check"]):
            ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "."]
            said = subprocess.run(ruff, cwd=project, capture_output=True, text=True)
            assert said.returncode == 0, f"{project.name}: {said.stdout}{said.stderr}"
