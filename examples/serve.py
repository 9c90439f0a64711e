"""Serve one of the examples on this machine.

python examples/serve.py atlas               on FastAPI
python examples/serve.py atlas --on flask    on another framework: flask_app.py
python examples/serve.py                     which examples there are
"""

import argparse
import importlib
import os
import socket
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DEFAULT = "fastapi"


def free_port(wanted: int) -> int:
    """Return *wanted*, or any free port when somebody else listens there."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    sys.exit("No free port on 127.0.0.1")


def applications() -> dict[str, dict[str, str]]:
    """Answer the examples, and for each the modules by what they run on."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted([*HERE.glob("*/app.py"), *HERE.glob("*/*_app.py")]):
        on = path.stem.removesuffix("app").rstrip("_") or DEFAULT
        found.setdefault(path.parent.name, {})[on] = path.stem
    return found


def serve(app: Any, port: int) -> None:
    """Serve *app* by the simplest server that its framework has, until Ctrl+C."""
    of = type(app).__module__.partition(".")[0]
    if of == "flask":
        app.run("127.0.0.1", port, threaded=True)
    elif of == "sanic":
        app.run("127.0.0.1", port, single_process=True, access_log=False, motd=False)
    else:
        import uvicorn

        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def main() -> None:
    """Load the application that was asked for and serve it."""
    known = applications()
    told = "; ".join(f"{name} (--on {', '.join(some)})" for name, some in known.items())
    words = argparse.ArgumentParser(description="Serve an example.", epilog=f"There are: {told}")
    words.add_argument("example", choices=known)
    words.add_argument("--on", help=f"the framework, or the part; {DEFAULT} if there is one")
    said = words.parse_args()
    some = known[said.example]
    on = said.on or (DEFAULT if DEFAULT in some else next(iter(some)))
    if on not in some:
        words.error(f"{said.example} runs on: {', '.join(some)}")
    print(f"{said.example}: starting (the first start fills the database) …", flush=True)
    sys.path.insert(0, str(HERE / said.example))
    module = importlib.import_module(some[on])
    port = free_port(int(os.environ.get("PORT", "8000")))
    print(f"{said.example}: open http://127.0.0.1:{port}/ (Ctrl+C stops)", flush=True)
    serve(module.app, port)


if __name__ == "__main__":
    main()
