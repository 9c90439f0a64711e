"""``nitro worker``: durable handlers, run."""

import logging
from typing import Annotated

import typer

from nitro.cli.application import load_named, named
from nitro.cli.options import Application

__all__ = ["worker"]


def worker(
    application: Application = None,
    threads: Annotated[int, typer.Option(min=1, help="Handlers at the same time.")] = 4,
    processes: Annotated[int, typer.Option(min=1, help="Processes with so many threads.")] = 1,
    grace: Annotated[
        float, typer.Option(min=0.0, help="Seconds that a running handler gets at the end.")
    ] = 10.0,
) -> None:
    """Run durable handlers until SIGTERM; what runs then is finished."""
    load_named(application)  # before others are begun, which would fail again and again
    if processes > 1:
        from nitro.processes import keep_running

        arguments = ["worker", str(named(application)), f"--threads={threads}", f"--grace={grace}"]
        keep_running(arguments, processes, grace)
        return
    from nitro_events.durable.worker import work

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    if not work(threads, grace):
        raise typer.Exit(1)
