"""``nitro tw``: Tailwind CSS, by the functions of nitro_templates."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from nitro.cli.mistakes import Mistake
from nitro.cli.options import AsJson
from nitro.cli.printing import marked, print_json, say, working

__all__ = ["tw"]

tw = typer.Typer(
    help="Compile Tailwind CSS with the classes that are written in Python.", no_args_is_help=True
)

Input = Annotated[str, typer.Option("--input", "-i", help="The stylesheet to compile.")]
Output = Annotated[str, typer.Option("--output", "-o", help="Where the compiled one goes.")]
INPUT, OUTPUT = "styles/app.css", "static/app.css"


@tw.command()
def init(input: Input = INPUT, output: Output = OUTPUT) -> None:
    """Write a stylesheet to begin with; what is there already stays as it is."""
    from nitro_templates import tailwind

    here = Path.cwd()
    started = tailwind.start(here, input=input, output=output)
    for path in started.written:
        marked("ok", f"{path.relative_to(here)} written")
    for path in started.kept:
        marked("note", f"{path.relative_to(here)} is there already, and stays as it is")
    with _told():
        compiler = tailwind.find_compiler(here)
        marked("ok", f"Tailwind's compiler is there: {compiler.found}")
    say(f'In the application: nitro.configure(stylesheets="{output}")')
    say(f"Next: nitro tw dev{_paths(input, output)}")


@tw.command()
def dev(input: Input = INPUT, output: Output = OUTPUT) -> None:
    """Compile again whenever a file changes, until Ctrl-C."""
    from nitro_templates import tailwind

    with _told():
        running = tailwind.watch(Path.cwd(), input=input, output=output)
    try:
        code = running.wait()
    except KeyboardInterrupt:
        running.terminate()
        running.wait(10)
        return
    if code != 0:
        msg = f"The compiler ended with {code}; what it said stands above"
        raise Mistake(msg)


@tw.command()
def build(input: Input = INPUT, output: Output = OUTPUT, as_json: AsJson = False) -> None:
    """Compile once, made small, also under a name with a hash of the content."""
    from nitro_templates import tailwind

    here = Path.cwd()
    with _told(), working("compiling"):
        built = tailwind.build(here, input=input, output=output)
    if as_json:
        print_json(
            {
                "path": built.path,
                "hashed": built.hashed,
                "size": built.size,
                "seconds": round(built.seconds, 3),
                "version": built.version,
            }
        )
        return
    size = f"{built.size / 1000:.1f} KB"
    marked("ok", f"{output}, {size}, in {built.seconds:.2f} s by Tailwind {built.version}")
    marked("note", f"the same under a name to cache for ever: {built.hashed.relative_to(here)}")


@contextmanager
def _told() -> Generator[None]:
    """Let what the functions say of missing things and of failures be the error."""
    from nitro_templates import tailwind

    try:
        yield
    except (FileNotFoundError, tailwind.CompilerMissing, tailwind.CompilerFailed) as exc:
        sys.stdout.flush()
        raise Mistake(str(exc)) from None


def _paths(input: str, output: str) -> str:
    """Answer the options to type for other paths than the usual ones."""
    said = "" if input == INPUT else f" --input {input}"
    return said if output == OUTPUT else f"{said} --output {output}"
