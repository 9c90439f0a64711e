"""Serve one of the examples on this machine: ``python examples/serve.py atlas``."""

import importlib.util
import os
import socket
import sys
from pathlib import Path

import uvicorn


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


def main(example: str) -> None:
    """Load the application of *example* and serve it until Ctrl+C."""
    path = Path(__file__).parent / example / "app.py"
    if not path.exists():
        known = ", ".join(sorted(p.parent.name for p in Path(__file__).parent.glob("*/app.py")))
        sys.exit(f"No example {example!r}. There are: {known}")
    print(f"{example}: starting (the first start fills the database) …", flush=True)
    spec = importlib.util.spec_from_file_location(f"{example}_app", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    port = free_port(int(os.environ.get("PORT", "8000")))
    print(f"{example}: open http://127.0.0.1:{port}/ (Ctrl+C stops)", flush=True)
    uvicorn.run(module.app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(*(sys.argv[1:2] or ["atlas"]))
