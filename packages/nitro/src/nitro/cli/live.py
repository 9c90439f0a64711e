"""``nitro live``: the live streams of an application, served."""

from typing import Annotated

import typer

from nitro.cli.application import load_named, named
from nitro.cli.mistakes import USAGE, Mistake
from nitro.cli.options import Application

__all__ = ["live"]


def live(
    application: Application = None,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where to listen.")] = 8001,
) -> None:
    """Serve the live streams of an application whose own server needs a thread for each.

    A proxy sends requests with the header Nitro-Live here, see docs/live.md.
    """
    found = load_named(application)
    if not callable(found):
        module = str(named(application)).partition(":")[0]
        msg = f"name the application as well: nitro live {module}:app"
        raise Mistake(msg, USAGE)
    from nitro.live import serve

    serve(found, host, port)
