"""``nitro new``: a project to begin with."""

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from nitro.cli.mistakes import USAGE, Mistake
from nitro.cli.printing import say
from nitro.projects.frameworks import FRAMEWORKS

__all__ = ["new"]

_KNOWN = ", ".join(FRAMEWORKS)


def new(
    name: Annotated[str, typer.Argument(help="What it is called, such as to-do.")],
    framework: Annotated[
        str | None,
        typer.Option(
            "--on",
            metavar="FRAMEWORK",
            help=f"One of {_KNOWN}.",
            autocompletion=lambda: list(FRAMEWORKS),
        ),
    ] = None,
    docker: Annotated[bool, typer.Option("--docker", help="With a Dockerfile.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where to write it, by default its name.")
    ] = None,
) -> None:
    """Write a small project that runs: a live table, forms, a test. Nothing is downloaded."""
    from nitro.projects import Project, write

    project = Project(name)
    on = _chosen(framework)
    made = folder or Path(project.name)
    files = write(project, on, made, docker=docker)
    one = FRAMEWORKS[on]
    say(f"{project.title} on {one.title}: {len(files)} files in {made}", style="green")
    say()
    steps = [
        f"cd {made}",
        "pip install -U pip",  # --group needs 25.1
        "pip install -e . --group dev",
        one.serve.format(package=project.package),
    ]
    for step in steps:
        say(f"    {step}")
    say()
    say(f"Then open http://127.0.0.1:{one.port}/ in two windows. The README tells the rest.")


def _chosen(framework: str | None) -> str:
    if framework is None:
        framework = _ask()
    if framework.lower() in FRAMEWORKS:
        return framework.lower()
    msg = f"there is no project for {framework!r}. Frameworks: {_KNOWN}"
    raise Mistake(msg, USAGE)


def _ask() -> str:
    if not sys.stdin.isatty():
        msg = f"say on which framework: --on fastapi. Frameworks: {_KNOWN}"
        raise Mistake(msg, USAGE)
    known = list(FRAMEWORKS)
    for number, name in enumerate(known, 1):
        here = "  (installed)" if find_spec(name) is not None else ""
        say(f"{number:3}  {FRAMEWORKS[name].title}{here}")
    answer: str = typer.prompt("On which framework", default=known[0])
    is_number = answer in map(str, range(1, len(known) + 1))
    return known[int(answer) - 1] if is_number else answer
