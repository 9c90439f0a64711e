"""Signs what goes to a browser and must come back unchanged."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import cast

from itsdangerous import BadData, URLSafeSerializer

from nitro_events.settings import SettingsError
from nitro_events.state import state

__all__ = ["BadSeal", "Sealer"]

SECRET_FILE = Path(".nitro", "secret")
# a seal of ours has a few hundred characters; what is longer is not worth hashing
MAX_LENGTH = 64 * 1024


class BadSeal(ValueError):
    """This text was not signed here, or for another purpose, or was changed since."""


class Sealer:
    """Signs with the newest secret and reads what any of the secrets signed.

    The secrets are those of the settings, found at first use. In development without any, one
    is kept in ``.nitro/secret``, so that open pages survive a restart.
    """

    def __init__(self, *keys: str) -> None:
        self._keys = keys
        self._serializers: dict[str, URLSafeSerializer] = {}

    def __repr__(self) -> str:
        return "<Sealer>"

    def check(self) -> None:
        """Raise SettingsError if there is no secret to sign with, or one that can be guessed."""
        if not self._keys and state.settings.production:
            secret_keys()

    def sign(self, purpose: str, payload: dict[str, object]) -> str:
        """Return *payload* as signed text for URLs and form fields, good for *purpose* only.

        The text can be read by who holds it: it is signed, not encrypted.
        """
        text: str = self._for(purpose).dumps(payload)
        return text

    def open(self, purpose: str, text: str) -> dict[str, object]:
        """Return the payload of *text*. Raises BadSeal if it was not signed for *purpose*."""
        if len(text) > MAX_LENGTH:
            msg = "This seal is too long to be ours"
            raise BadSeal(msg)
        try:
            payload = self._for(purpose).loads(text)
        except (BadData, ValueError, RecursionError):
            # ValueError: text that is not even ASCII
            msg = "This seal is not ours, is for something else or was changed"
            raise BadSeal(msg) from None
        if not isinstance(payload, dict):
            msg = "This seal holds something else"
            raise BadSeal(msg)
        return cast("dict[str, object]", payload)

    def _for(self, purpose: str) -> URLSafeSerializer:
        if purpose not in self._serializers:
            # itsdangerous signs with the last key of the list
            keys = [*reversed(self._keys or secret_keys())]
            self._serializers[purpose] = URLSafeSerializer(keys, salt=f"nitro:{purpose}")
        return self._serializers[purpose]


def secret_keys() -> tuple[str, ...]:
    """Return the secrets of the settings, else the one of the development folder.

    Raises SettingsError in production when no secret is set, or one that can be guessed.
    """
    keys = state.settings.secrets
    if state.settings.production:
        _check_for_production(keys)
    return keys or (development_secret(SECRET_FILE),)


def _check_for_production(keys: tuple[str, ...]) -> None:
    how = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'
    if not keys:
        msg = f"Production needs NITRO_SECRET, which is not set. Make one with: {how}"
        raise SettingsError(msg)
    if any(len(key) < 16 for key in keys):
        msg = f"NITRO_SECRET has a secret of fewer than 16 characters. Make one with: {how}"
        raise SettingsError(msg)


def development_secret(file: Path) -> str:
    """Return the secret kept in *file*, made now if there is none; readable by its owner only."""
    with suppress(FileNotFoundError):
        kept = file.read_text().strip()
        if kept:
            return kept
    _make_folder(file.parent)
    fresh = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(secrets.token_urlsafe(32))
    try:
        # a link appears whole or not at all: of two processes that start at once, one wins
        os.link(fresh, file)
    except FileExistsError:
        if not file.read_text().strip():
            os.replace(fresh, file)
    except OSError:
        os.replace(fresh, file)
    fresh.unlink(missing_ok=True)
    return file.read_text().strip()


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
