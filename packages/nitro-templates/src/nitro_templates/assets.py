"""The files that pages need, served by the application itself.

How to add a script or a stylesheet: write ``static/js/<idea>.js`` or ``static/css/<idea>.css`` and
name it in `nitro_templates.bundles`, in a bundle that is there or in one of its own. A bundle with
``needed_by=(".nitro-tabs",)`` is on demand: the server links it where the HTML of a page has what
it is for (`needed_for`), and in the browser ``parts.js`` loads it when such an element appears
later, in a patch or in the dialog. Only what every page with a table needs belongs into
``nitro.css`` and ``nitro.js``.

All our files have one hash in their URL, so that they find each other: ``import("./forms.js")``.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from nitro_templates import datastar_client, expressions
from nitro_templates.bundles import BUNDLES, needed_for, read
from nitro_templates.context import current_context
from nitro_templates.i18n.browser import script_named
from nitro_templates.state import state
from nitro_templates.stylesheets import own_stylesheet

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

__all__ = [
    "CACHE_CONTROL",
    "Asset",
    "ClientScript",
    "asset",
    "datastar_script",
    "find",
    "named",
    "needed_for",
]

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_OURS = (*BUNDLES, "expressions.js")
_NAMES = (*_OURS, datastar_client.FILE, "icon.svg")
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


class _Loaded(dict[tuple[object, ...], Asset]):
    """Assets by name and the settings they were read under."""


class _Hashes(dict[tuple[object, ...], str]):
    """The common hash of our files, by the settings they were read under."""


def asset(name: str) -> Asset:
    """Answer the packaged file *name*; raises LookupError if there is none.

    ``datastar.js`` is the file that ``NITRO_DATASTAR`` or ``configure(datastar=...)``
    points to, else the packaged one.
    """
    loaded = state.part(_Loaded)
    key = name, _setting(), state.look, state.expressions
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
    if name in _NAMES:
        try:
            found: Asset | None = asset(name)
        except LookupError:
            return None
    else:
        found = own_stylesheet(name) or script_named(name)
    return found if found is not None and found.hash == digest else None


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
    if name not in _NAMES:
        msg = f"No asset {name!r}. Known assets: {', '.join(_NAMES)}"
        raise LookupError(msg)
    body = _text(name).encode() if name in _OURS else _read(name)
    digest = _common_hash() if name in _OURS else _hash(body)
    return Asset(name, body, _TYPES[name.rpartition(".")[2]], digest)


def _common_hash() -> str:
    """Answer the one hash of all that is ours."""
    known = state.part(_Hashes)
    key = state.look, state.expressions
    if key not in known:
        known[key] = _hash("".join(map(_text, _OURS)).encode())
    return known[key]


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]


def _text(name: str) -> str:
    if name == "expressions.js":
        return expressions.script()
    look = state.look.css() if state.look is not None and name == "nitro.css" else ""
    return read(name) + look


def _read(name: str) -> bytes:
    setting = _setting() if name == datastar_client.FILE else None
    if setting and "//" not in setting:
        return _read_path(Path(setting))
    source = files("nitro_templates") / "static" / name
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
