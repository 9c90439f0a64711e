"""An environment for one release of a framework, made with uv and thrown away."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from proof.part import Release

ROOT = Path(__file__).parents[2]
UV = [sys.executable, "-m", "uv", "--quiet"]
EXTRAS = {"nitro-entities": "[files,sql]", "nitro-events": "[entities]",
          "nitro-templates": "[entities,events]"}  # fmt: skip
ON_STARLETTE = {"nitro-fasthtml", "nitro-fastapi"}


def exact(release: Release) -> str:
    """Answer the requirement with one version in it."""
    said = [*UV, "pip", "compile", "-", "--no-deps", "--no-header", "--no-annotate"]
    said += ["--resolution", "lowest-direct" if release.oldest else "highest"]
    made = subprocess.run(
        said, input=release.requirement, capture_output=True, text=True, check=False
    )
    if made.returncode:
        sys.exit(f"{release.requirement}: {made.stderr}")
    return made.stdout.strip()


@contextmanager
def environment(release: Release) -> Iterator[tuple[str, str]]:
    """Give the interpreter of a new environment, and what was pinned in it."""
    pin = exact(release)
    wanted = {"nitro": "", **EXTRAS, release.adapter: ""}
    if release.adapter in ON_STARLETTE:
        wanted["nitro-starlette"] = ""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "env")
        python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        subprocess.run([*UV, "venv", home, "--python", sys.executable], check=True)
        said: list[str | Path] = [*UV, "pip", "install", "--python", python, pin, *release.needs]
        for name, extras in wanted.items():
            said += ["--editable", f"{ROOT / 'packages' / name}{extras}"]
        subprocess.run(said, check=True)
        yield str(python), pin.replace("==", " ")
