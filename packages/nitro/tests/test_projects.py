"""``nitro new``: names, and what is written; that it runs is tried where all frameworks are."""

import ast
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nitro.projects import FRAMEWORKS, Project, ProjectError, write

Nitro = Callable[..., list[Any]]


@pytest.mark.parametrize(
    ("name", "package", "title"),
    [
        ("todo", "todo", "Todo"),
        ("to-do", "to_do", "To do"),
        ("Shop2", "shop2", "Shop2"),
        ("my_little.shop", "my_little_shop", "My little shop"),
    ],
)
def test_package_and_title_follow_from_the_name(name: str, package: str, title: str) -> None:
    project = Project(name)

    assert (project.package, project.title) == (package, title)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("", "Try: nitro new my-project"),
        ("2do", "Try: nitro new do"),
        ("a b", "Try: nitro new a-b"),
        ("../shop", "Try: nitro new shop"),
        ("shop;rm", "Try: nitro new shop-rm"),
        ("größe", "cannot be the name of a package"),
        ("-shop", "Try: nitro new shop"),
        ("shop-", "Try: nitro new shop"),
        ("class", "is a word of Python. Try: nitro new class-app"),
        ("json", "would hide another one"),
        ("pydantic", "would hide another one"),
        ("nitro", "Try: nitro new my-nitro"),
        ("tests", "Try: nitro new my-tests"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_another_one(name: str, remedy: str) -> None:
    with pytest.raises(ProjectError) as refused:
        Project(name)

    assert remedy in str(refused.value)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_file_is_whole(framework: str, tmp_path: Path) -> None:
    written = write(Project("to-do"), framework, tmp_path / "to-do", docker=True)

    names = {str(path.relative_to(tmp_path / "to-do")) for path in written}
    assert {
        *("pyproject.toml", "README.md", ".gitignore", ".env.example", "Dockerfile"),
        *("to_do/entities.py", "to_do/pages.py", "tests/test_app.py", "tests/test_entities.py"),
    } <= names
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert "PACKAGE" not in str(path.relative_to(tmp_path)) + text
        assert text.endswith("\n")
        if path.name not in ("README.md", "Dockerfile"):
            assert "{package}" not in text
        if path.suffix == ".py":
            ast.parse(text)
    project = tomllib.loads((tmp_path / "to-do/pyproject.toml").read_text())
    assert project["project"]["dependencies"][0].startswith(f"nitro[{framework},migrations]>=0.")
    module = project["tool"]["nitro"]["app"].partition(":")[0]
    assert f"{module.replace('.', '/')}.py" in names


def test_what_is_there_is_never_written_over(nitro: Nitro, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("mine")
    (tmp_path / "empty").mkdir()
    (tmp_path / "a-file").write_text("mine")

    kept, empty, file = nitro(
        "new kept --on flask", "new empty --on flask", "new a-file --on flask"
    )

    assert (kept.code, empty.code, file.code) == (1, 0, 1)
    assert "kept is there already, and nothing in it was touched" in kept.err
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["file"]
    assert (tmp_path / "empty" / "pyproject.toml").exists()
    assert not (tmp_path / "empty" / "Dockerfile").exists()


def test_an_image_keeps_the_data_and_has_all_that_is_needed(tmp_path: Path) -> None:
    write(Project("to-do"), "django", tmp_path / "to-do", docker=True)

    image, left_out, environment = (
        (tmp_path / "to-do" / name).read_text()
        for name in ("Dockerfile", ".dockerignore", ".env.example")
    )
    assert "COPY . ." in image  # manage.py and migrations too
    assert "-v to-do-data:/app/.nitro" in image
    assert "NITRO_DATABASE_URL=sqlite:///.nitro/data.db" in environment
    assert {".env", ".nitro/"} <= set(left_out.splitlines())


def test_the_next_steps_are_told(nitro: Nitro) -> None:
    (said,) = nitro("new to-do --on Django --docker")

    assert "python manage.py runserver" in said.out
    assert "cd to-do" in said.out


def test_the_framework_is_asked_for_only_at_a_terminal(nitro: Nitro, tmp_path: Path) -> None:
    silent, unknown, wrong = nitro("new to-do", "new to-do --on pyramid", "new 2do --on flask")

    assert "say on which framework: --on fastapi" in silent.err
    assert "there is no project for 'pyramid'. Frameworks: fastapi," in unknown.err
    assert "Error: '2do' cannot be" in wrong.err
    assert (silent.code, unknown.code, wrong.code) == (2, 2, 1)
    assert list(tmp_path.iterdir()) == []
