"""Write the files of a project."""

from __future__ import annotations

import json
import shlex
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from nitro.projects.frameworks import FRAMEWORKS, Framework
from nitro.projects.names import Project, ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

__all__ = ["words", "write"]

HOME = "files"


def write(
    project: Project, framework: str, folder: Path | None = None, *, docker: bool = False
) -> list[Path]:
    """Write *project* for *framework* into *folder*, by default one of its name; answer the files.

    Raises ProjectError where something is there already, before anything is written.
    """
    made = Path(project.name) if folder is None else folder
    if made.exists() and (not made.is_dir() or any(made.iterdir())):
        msg = (
            f"{made} is there already, and nothing in it was touched. Take another name, "
            f"or remove it"
        )
        raise ProjectError(msg)
    texts = dict(_texts(project, framework, docker=docker))
    for path, text in texts.items():
        file = made / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    return [made / path for path in texts]


def words(project: Project, framework: str) -> dict[str, str]:
    """Return what stands for each ``$name`` in the files."""
    one = FRAMEWORKS[framework]
    rows = [f"| `{path}` | {what} |" for path, what in one.files]
    filled = {
        "address": f"http://127.0.0.1:{one.port}/",
        "dependencies": _listed([f"nitro[{framework},migrations]{_range()}", *one.requirements]),
        "deploy": one.deploy,
        "development": _listed(["pytest>=8", *one.development, "ruff>=0.12"]),
        "docker_command": json.dumps(_in_container(one)),
        "docker_packages": "".join(f" {shlex.quote(need)}" for need in one.server),
        "files": "\n".join(rows),
        "framework": one.title,
        "more_environment": one.environment,
        "needs": f"`pip install {' '.join(map(shlex.quote, one.server))}`, then "
        if one.server
        else "",
        "serve": one.serve,
        "target": one.target,
        "testing": one.testing,
    }
    known = {"name": project.name, "package": project.package, "title": project.title}
    return {
        **{name: text.replace("{package}", project.package) for name, text in filled.items()},
        **known,
    }


def _texts(project: Project, framework: str, *, docker: bool) -> Iterator[tuple[str, str]]:
    said = words(project, framework)
    shared = FRAMEWORKS[framework].shared
    parts = ("common", shared, framework, "docker" if docker else "")
    for part in filter(None, parts):
        for path, text in _files_in(files("nitro.projects").joinpath(HOME, part)):
            named = path.replace("PACKAGE", project.package).replace("dot-", ".")
            # strict: a word that nobody knows is an error, and not left standing
            yield named.removesuffix(".txt"), Template(text).substitute(said).rstrip("\n") + "\n"


def _files_in(folder: Traversable, path: str = "") -> Iterator[tuple[str, str]]:
    for one in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if one.is_dir():
            yield from _files_in(one, f"{path}{one.name}/")
        elif one.name.endswith(".txt"):
            yield f"{path}{one.name}", one.read_text(encoding="utf-8")


def _listed(requirements: list[str]) -> str:
    return "\n".join(f'    "{need}",' for need in requirements)


def _range() -> str:
    """Return the versions of Nitro that the project may have: those like the present one."""
    now = version("nitro")
    major, minor = (int(part) for part in now.split(".")[:2])
    return f">={now},<{major}.{minor + 1}"


def _in_container(one: Framework) -> list[str]:
    """Return *deploy* for a container: it listens to others, and always on the same port."""
    command = shlex.split(one.deploy)
    if command[0] == "gunicorn":
        return [*command, "--bind", "0.0.0.0:8000"]
    return [*command, "--host", "0.0.0.0", "--port", "8000"]
