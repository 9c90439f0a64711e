"""Install each built wheel by itself in an empty environment, then all of them together.

    python tests/install_wheels.py dist

Alone, a wheel must import with no warning. `nitro` with the extra of a framework must answer a
request in it, and all of them together a request to a real server. Siblings come from the folder
of wheels and from nowhere else, everything third-party from the index.
"""

import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import wheel_apps

UV = [sys.executable, "-m", "uv", "--quiet"]
PACKAGES = Path(__file__).parents[1] / "packages"

# every public name is there, or says which extra brings it
USE = """\
import {module}

for name in {module}.__all__:
    try:
        getattr({module}, name)
    except ImportError as error:
        assert "pip install" in str(error), error
"""

APP = """\
import re
import socket
import threading
import urllib.request

import uvicorn
from fastapi import FastAPI
from pydantic import Field

import nitro
from nitro import Page, SQLEntity, Table


class City(SQLEntity, table=True):
    name: str = Field(min_length=1)


City.create(name="<b>Ghent</b>")
app = FastAPI()
nitro.install(app)


@app.get("/")
def cities() -> Page:
    return Page(Table.from_entity(City).with_actions(["edit"]).reactive(), title="Cities")


def get(path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        assert answer.status == 200, answer.status
        return answer.read().decode()


listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
threading.Thread(target=server.run, args=([listener],), daemon=True).start()
page = get("/")
assert "&lt;b&gt;Ghent&lt;/b&gt;" in page and "<b>Ghent" not in page, page
assets = set(re.findall(r'(?:src|href)="(/_nitro/[^"]+)"', page))
assert any(asset.endswith("datastar.js") for asset in assets), assets
files = [get(asset) for asset in assets]
assert all(files), assets
first_load = sum(len(text.encode()) for text in (page, *files))
assert first_load < 150_000, (first_load, assets)
server.should_exit = True
"""


def uv(*arguments: str | Path) -> None:
    """Run one command of uv, which must succeed."""
    subprocess.run([*UV, *arguments], check=True)


@contextmanager
def empty_environment() -> Iterator[tuple[Path, Path]]:
    """Give a folder with a new environment in it, and that environment's interpreter."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "env")
        uv("venv", home, "--python", sys.executable)
        yield (
            Path(folder),
            home / ("Scripts" if sys.platform == "win32" else "bin") / "python",
        )


def install(python: Path, wheels: list[Path], *requirements: str) -> None:
    """Install *requirements* with *wheels* as the only source of our own distributions."""
    pins = python.parents[1] / "siblings.txt"
    lines = [f"{name_of(wheel)} @ {wheel.as_uri()}" for wheel in wheels]
    pins.write_text("\n".join(lines))
    uv("pip", "install", "--python", python, "--constraints", pins, *requirements)
    uv("pip", "check", "--python", python)


def name_of(wheel: Path) -> str:
    """Return the distribution's name of *wheel*."""
    return wheel.name.partition("-")[0].replace("_", "-")


def extras_of(name: str) -> list[str]:
    """Return the extras that *name* declares."""
    project = tomllib.loads((PACKAGES / name / "pyproject.toml").read_text())["project"]
    return sorted(project.get("optional-dependencies", {}))


def run(python: Path, folder: Path, code: str) -> None:
    """Run *code* in *folder* with warnings as errors, isolated from this repository."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run(
        [python, "-W", "error", "-c", code], check=True, cwd=folder, env=env, timeout=120
    )


def main(dist: Path) -> None:
    """Try every wheel of *dist*."""
    wheels = sorted(dist.glob("*.whl"))
    missing = {path.name for path in PACKAGES.iterdir()} - {name_of(wheel) for wheel in wheels}
    if missing:
        sys.exit(f"No wheel in {dist} of: {', '.join(sorted(missing))}. Run: hatch build --all")
    for wheel in wheels:
        start = time.monotonic()
        module = name_of(wheel).replace("-", "_")
        with empty_environment() as (folder, python):
            install(python, wheels, name_of(wheel))
            run(python, folder, USE.format(module=module))
        print(f"{wheel.name}: installs and imports alone ({time.monotonic() - start:.1f} s)")
    for framework in wheel_apps.APPS:
        start = time.monotonic()
        with empty_environment() as (folder, python):
            install(python, wheels, f"nitro[{framework}]")
            run(python, folder, wheel_apps.code(framework))
        print(f"nitro[{framework}]: answers a request ({time.monotonic() - start:.1f} s)")
    start = time.monotonic()
    with empty_environment() as (folder, python):
        everything = [f"{name}[{','.join(extras_of(name))}]" for name in map(name_of, wheels)]
        install(python, wheels, *everything, "uvicorn")
        run(python, folder, APP)
    print(f"all of them together: answer a request ({time.monotonic() - start:.1f} s)")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
