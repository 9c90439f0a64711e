"""Where Tailwind's compiler is looked for, and what is done with it."""

from __future__ import annotations

import logging
import stat
import sys
from pathlib import Path

import pytest

from nitro_templates import Page, configure, tailwind
from nitro_templates.assets import named
from nitro_templates.stylesheets import own_stylesheets

# stands for the compiler where only our part is asked: says who it is, writes what it was given
COMPILER = """#!{python}
import sys
print("≈ tailwindcss v{version}")
if "--help" in sys.argv:
    sys.exit()
if {fails}:
    print("{says}")
    sys.exit(1)
out = sys.argv[sys.argv.index("--output") + 1]
open(out, "w").write(".made{{}}" + open(sys.argv[sys.argv.index("--input") + 1]).read())
"""


def compiler(
    folder: Path, name: str = "tailwindcss", *, version: str = "4.1.0", says: str = ""
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / name
    text = COMPILER.format(python=sys.executable, version=version, fails=bool(says), says=says)
    made.write_text(text, encoding="utf-8")
    made.chmod(made.stat().st_mode | stat.S_IXUSR)
    return made


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project on a machine without any compiler."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv(tailwind.compiler.VARIABLE, raising=False)
    monkeypatch.setattr(tailwind.compiler, "_scripts", lambda: str(tmp_path / "venv" / "bin"))
    made = tmp_path / "work" / "shop"
    made.mkdir(parents=True)
    tailwind.start(made)
    return made


def test_the_command_in_the_environment_comes_first(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler(tmp_path / "bin")
    said = compiler(tmp_path / "own", "mine")
    monkeypatch.setenv("NITRO_TAILWIND", f"{said} --quick")

    assert tailwind.find_compiler(project).command == (str(said), "--quick")


def test_a_command_in_the_environment_that_is_not_there_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NITRO_TAILWIND", "nowhere/tw")

    with pytest.raises(tailwind.CompilerMissing, match="NITRO_TAILWIND is 'nowhere/tw'"):
        tailwind.find_compiler(project)


def test_one_on_path_comes_before_node_modules(project: Path, tmp_path: Path) -> None:
    compiler(project / "node_modules" / ".bin")
    on_path = compiler(tmp_path / "bin")

    assert tailwind.find_compiler(project).command == (str(on_path),)


def test_node_modules_of_a_folder_above_are_found(project: Path) -> None:
    above = compiler(project.parent / "node_modules" / ".bin")

    assert tailwind.find_compiler(project).command == (str(above),)


def test_the_one_of_an_environment_that_is_not_active_is_found(
    project: Path, tmp_path: Path
) -> None:
    beside = compiler(tmp_path / "venv" / "bin")

    assert tailwind.find_compiler(project).command == (str(beside),)


def test_npx_is_the_last_resort(project: Path, tmp_path: Path) -> None:
    npx = compiler(tmp_path / "bin", "npx")
    with pytest.raises(tailwind.CompilerMissing, match="npm install tailwindcss"):
        tailwind.find_compiler(project)  # it would bring the compiler without the styles

    (project / "node_modules" / "tailwindcss").mkdir(parents=True)

    assert tailwind.find_compiler(project).command == (str(npx), "--yes", "@tailwindcss/cli@4")


def test_without_any_the_error_says_what_to_install(project: Path) -> None:
    with pytest.raises(tailwind.CompilerMissing) as told:
        tailwind.build(project)

    assert "npm install tailwindcss @tailwindcss/cli" in str(told.value)
    assert "pip install 'nitro-templates[tailwind]'" in str(told.value)


def test_an_older_tailwind_is_refused(project: Path, tmp_path: Path) -> None:
    compiler(tmp_path / "bin", version="3.4.17")

    with pytest.raises(tailwind.CompilerFailed, match=r"is Tailwind 3\.4\.17, and Nitro needs 4"):
        tailwind.build(project)
    assert not list(project.glob("static/*"))


def test_something_else_of_that_name_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NITRO_TAILWIND", f"{sys.executable} -V")

    with pytest.raises(tailwind.CompilerFailed, match="does not say that it is Tailwind"):
        tailwind.build(project)


def test_a_failed_build_tells_why_and_leaves_the_last_one(project: Path, tmp_path: Path) -> None:
    compiler(tmp_path / "bin")
    before = tailwind.build(project).path.read_text()
    compiler(tmp_path / "bin", says="Unclosed block")

    with pytest.raises(tailwind.CompilerFailed, match="Unclosed block"):
        tailwind.build(project)
    assert (project / "static" / "app.css").read_text() == before
    assert not list((project / "static").glob(".*"))


def test_a_build_without_a_stylesheet_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nitro tw init"):
        tailwind.build(tmp_path)


def test_a_build_has_a_name_that_changes_with_its_content(project: Path, tmp_path: Path) -> None:
    compiler(tmp_path / "bin")
    first = tailwind.build(project)
    again = tailwind.build(project)
    (project / "styles" / "app.css").write_text("a{}")
    other = tailwind.build(project)

    assert first.hashed == again.hashed != other.hashed
    assert other.hashed.read_bytes() == other.path.read_bytes()


def test_the_build_before_the_last_stays_and_older_ones_go(project: Path, tmp_path: Path) -> None:
    compiler(tmp_path / "bin")
    for content in ("a{}", "b{}", "c{}"):
        (project / "styles" / "app.css").write_text(content)
        tailwind.build(project)

    builds = sorted(
        (project / "static").glob("app.*.css"), key=lambda path: path.stat().st_mtime_ns
    )
    assert [path.read_text()[-3:] for path in builds] == ["b{}", "c{}"]


def test_beginning_again_changes_nothing(project: Path) -> None:
    (project / "styles" / "app.css").write_text("mine")

    started = tailwind.start(project)

    assert started.written == ()
    assert (project / "styles" / "app.css").read_text() == "mine"


def test_what_is_built_is_kept_out_of_git(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.pyc")

    tailwind.start(tmp_path)

    lines = (tmp_path / ".gitignore").read_text().splitlines()
    assert lines == ["*.pyc", "/static/app.css", "/static/app.*.css"]


def test_a_stylesheet_deep_in_a_project_looks_for_classes_in_all_of_it(tmp_path: Path) -> None:
    tailwind.start(tmp_path, input="web/styles/main.css")

    assert '@source "../../**/*.py";' in (tmp_path / "web/styles/main.css").read_text()


def test_pages_link_the_stylesheet_of_the_application_after_ours(tmp_path: Path) -> None:
    own = tmp_path / "own.css"
    own.write_text(".x{}")
    configure(stylesheets=own, asset_base="/_nitro")

    html = str(Page("x", title="x"))

    (file,) = own_stylesheets()
    assert html.index("/nitro.css") < html.index(f'href="/_nitro/{file.hash}/own.css"')
    assert named("own.css", file.hash) == file


def test_a_stylesheet_that_changes_has_another_url(tmp_path: Path) -> None:
    own = tmp_path / "own.css"
    own.write_text(".x{}")
    configure(stylesheets=own)
    (before,) = own_stylesheets()

    own.write_text(".longer{}")

    (after,) = own_stylesheets()
    assert before.url != after.url
    assert named("own.css", before.hash) is None


def test_a_stylesheet_that_is_not_there_is_logged_once_and_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    configure(stylesheets=tmp_path / "own.css", asset_base="/_nitro")

    with caplog.at_level(logging.WARNING):
        pages = [str(Page("x")) for _ in range(2)]

    assert "own.css" not in pages[0]
    assert len(caplog.records) == 1
    assert "nitro tw build" in caplog.text


@pytest.mark.parametrize("wrong", [["a/app.css", "b/app.css"], "nitro.css", "app.scss"])
def test_stylesheets_that_cannot_be_told_apart_are_refused(wrong: list[str] | str) -> None:
    with pytest.raises(ValueError, match="stylesheets"):
        configure(stylesheets=wrong)
