"""The files that pages need, served by the application itself."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from nitro_templates import datastar_client
from nitro_templates.context import current_context
from nitro_templates.state import state

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

__all__ = ["CACHE_CONTROL", "Asset", "ClientScript", "asset", "datastar_script", "find", "named"]

_TYPES = {
    "nitro.css": "text/css; charset=utf-8",
    "nitro.js": "text/javascript; charset=utf-8",
    "datastar.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_PARTS = {
    "nitro.css": [
        "css/base.css",
        "css/controls.css",
        "css/table.css",
        "css/filters.css",
        "css/doing.css",
        "css/form.css",
        "css/fields.css",
        "css/picker.css",
        "css/messages.css",
    ],
    # one module, so that the parts share their names
    "nitro.js": [
        "js/base.js",
        "js/stream.js",
        "js/view.js",
        "js/filters.js",
        "js/dialog.js",
        "js/toasts.js",
        "js/patches.js",
        "js/forms.js",
        "js/touched.js",
        "js/checks.js",
        "js/meanwhile.js",
        "js/selection.js",
        "js/cells.js",
        "js/lists.js",
        "js/picker.js",
        "js/calls.js",
        "js/kept.js",
    ],
}
"""What is sent as one file, and the files it is joined from."""
CACHE_CONTROL = "public, max-age=31536000, immutable"
"""Fit for every asset, since the URL changes with the content."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file to serve: its bytes, its type and the URL that names this content."""

    name: str
    body: bytes
    content_type: str
    hash: str

    @property
    def url(self) -> str:
        """Answer ``/_nitro/<hash>/<name>``, for the page that is being rendered."""
        return self.url_in(current_context())

    def url_in(self, context: RenderContext) -> str:
        """Answer where a page of *context* finds it."""
        return f"{state.asset_base or context.assets}/{self.hash}/{self.name}"

    @property
    def integrity(self) -> str:
        """Answer the value for an ``integrity`` attribute."""
        return "sha256-" + base64.b64encode(hashlib.sha256(self.body).digest()).decode()


@dataclass(frozen=True, slots=True)
class ClientScript:
    """Where a page loads the Datastar client from."""

    url: str
    integrity: str | None = None


class _Loaded(dict[tuple[str, str | None], Asset]):
    """Assets by name and the setting they were read under."""


def asset(name: str) -> Asset:
    """Answer the packaged file *name*; raises LookupError if there is none.

    ``datastar.js`` is the file that ``NITRO_DATASTAR`` or ``configure(datastar=...)``
    points to, else the packaged one.
    """
    loaded = state.part(_Loaded)
    key = name, _setting()
    if key not in loaded:
        loaded[key] = _load(name)
    return loaded[key]


def find(path: str) -> Asset | None:
    """Answer the asset that a request for *path* asks for, None if it is not ours.

    An outdated hash is None too: the page that asks is older than the files, and an
    answer would be cached for ever under the wrong name.
    """
    base = f"{state.asset_base or current_context().assets}/"
    if not path.startswith(base):
        return None
    digest, _, name = path.removeprefix(base).partition("/")
    return named(name, digest)


def named(name: str, digest: str) -> Asset | None:
    """Answer the asset *name* if *digest* is its hash."""
    if name not in _TYPES:
        return None
    try:
        found = asset(name)
    except LookupError:
        return None
    return found if found.hash == digest else None


def datastar_script(context: RenderContext | None = None) -> ClientScript:
    """Answer where a page of *context* finds the client.

    Raises LookupError naming the ways to get it.
    """
    setting = _setting()
    if setting and "//" in setting:
        integrity = state.datastar_integrity or os.environ.get("NITRO_DATASTAR_INTEGRITY")
        return ClientScript(setting, integrity or None)
    return ClientScript(asset(datastar_client.FILE).url_in(context or current_context()))


def _setting() -> str | None:
    return state.datastar or os.environ.get("NITRO_DATASTAR") or None


def _load(name: str) -> Asset:
    body = _read(name)
    return Asset(name, body, _TYPES[name], hashlib.sha256(body).hexdigest()[:16])


def _read(name: str) -> bytes:
    if name not in _TYPES:
        msg = f"No asset {name!r}. Known assets: {', '.join(_TYPES)}"
        raise LookupError(msg)
    setting = _setting() if name == datastar_client.FILE else None
    if setting and "//" not in setting:
        return _read_path(Path(setting))
    static = files("nitro_templates") / "static"
    if name in _PARTS:
        return b"\n".join([(static / part).read_bytes() for part in _PARTS[name]])
    source = static / name
    if not source.is_file():
        msg = (
            f"The Datastar client {datastar_client.VERSION} is missing from this installation. "
            f"Install nitro-templates again with a network, or set NITRO_DATASTAR to the path or "
            f"URL of datastar.js"
        )
        raise LookupError(msg)
    return source.read_bytes()


def _read_path(path: Path) -> bytes:
    if not path.is_file():
        msg = f"NITRO_DATASTAR names {str(path)!r}, where there is no file"
        raise LookupError(msg)
    return path.read_bytes()
