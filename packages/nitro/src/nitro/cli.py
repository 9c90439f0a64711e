"""The ``nitro`` command.

Other distributions add sub-commands by the entry-point group ``nitro.cli``. An entry point there
names a function, or a `typer.Typer` with commands of its own.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["app", "main"]

GROUP = "nitro.cli"

app = typer.Typer(
    name="nitro",
    help="Run and look into an application made with Nitro.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Application = Annotated[
    str,
    typer.Argument(
        metavar="APP", help="What to import: shop.main, or shop.main:app. Handlers register so."
    ),
]


@app.command()
def worker(
    application: Application,
    threads: Annotated[int, typer.Option(min=1, help="Handlers at the same time.")] = 4,
    processes: Annotated[int, typer.Option(min=1, help="Processes with so many threads.")] = 1,
    grace: Annotated[
        float, typer.Option(min=0.0, help="Seconds that a running handler gets at the end.")
    ] = 10.0,
) -> None:
    """Run durable handlers until SIGTERM; what runs then is finished."""
    if processes > 1:
        from nitro.processes import keep_running

        arguments = ["worker", application, f"--threads={threads}", f"--grace={grace}"]
        keep_running(arguments, processes, grace)
        return
    load(application)
    from nitro_events.durable.worker import work

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    if not work(threads, grace):
        raise typer.Exit(1)


@app.command()
def live(
    application: Application,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Where to listen.")] = 8001,
) -> None:
    """Serve the live streams of an application whose own server needs a thread for each.

    A proxy sends requests with the header Nitro-Live here, see docs/live.md.
    """
    found = load(application)
    if not callable(found):
        msg = f"name the application as well: nitro live {application.partition(':')[0]}:app"
        raise typer.BadParameter(msg)
    from nitro.live import serve

    serve(found, host, port)


@app.command()
def events(application: Application) -> None:
    """Print who emits and who hears which event, and what nobody hears."""
    load(application)
    from nitro_events.introspection import describe_events

    typer.echo(str(describe_events()))


@app.command()
def surface(application: Application) -> None:
    """Print every command, verb, topic and field that can be reached from outside."""
    load(application)
    from nitro_events.surface import surface as reachable

    typer.echo(str(reachable()), nl=False)


def load(application: str) -> object:
    """Import the module of an application and answer what is named in it.

    Raises typer.BadParameter with what to type instead; an error inside the module is its own.
    """
    name, _, attribute = application.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)  # as `python -m` does, and not the entry script
    if not _is_there(name):
        msg = (
            f"there is no module {name!r} in {here} or among what is installed. Name the file of "
            f"your application without .py, with dots for folders: nitro worker shop.main:app"
        )
        raise typer.BadParameter(msg)
    module: Any = import_module(name)
    if attribute and not hasattr(module, attribute):
        msg = f"{name} has no {attribute!r}. Leave it out, or name what {name} defines"
        raise typer.BadParameter(msg)
    from nitro_events import joints

    joints.connect()
    return getattr(module, attribute) if attribute else module


def main() -> None:
    """Run the command line."""
    for entry in entry_points(group=GROUP):
        try:
            found = entry.load()
        except ImportError as exc:
            typer.echo(f"nitro {entry.name} is left out: {exc}", err=True)
            continue
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=entry.name)
        else:
            app.command(entry.name)(found)
    app()


def _is_there(module: str) -> bool:
    parent, _, _ = module.rpartition(".")
    try:
        return (not parent or _is_there(parent)) and find_spec(module) is not None
    except (ValueError, ModuleNotFoundError):  # "" or a module that is no package
        return False


if __name__ == "__main__":
    main()
