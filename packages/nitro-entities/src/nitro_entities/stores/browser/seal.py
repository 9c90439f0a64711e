"""Signing what a browser keeps: HMAC-SHA256 with key ids, so that secrets can be replaced."""

import base64
import hashlib
import hmac
import json
import os
import secrets as chance
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Protocol, cast

from nitro_entities.config import settings
from nitro_entities.errors import StoreUnusable
from nitro_entities.state import state

SECRET_FILE = Path(".nitro", "secret")
MAX_LENGTH = 64 * 1024
"""What is longer was not signed here, and is not worth hashing."""

_FORMAT = "1"
_HOW = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'


class BadSeal(ValueError):
    """This text was not signed here, or for another purpose, or was changed since."""


class Sealer(Protocol):
    """Signs what goes to a browser and must come back unchanged."""

    def sign(self, purpose: str, payload: dict[str, object], /) -> str:
        """Answer *payload* as signed text, good for *purpose* only."""
        ...

    def open(self, purpose: str, text: str, /) -> dict[str, object]:
        """Answer the payload of *text*. Raises ValueError if it was not signed for *purpose*."""
        ...


class HmacSealer:
    """Sign with the newest secret, open what any of them signed.

    A signed text is ``format.key.payload.signature``. The signature covers the three parts
    before it as text, and is compared as text: no second spelling of a signed text is accepted.
    The payload can be read by who holds it; it is signed, not encrypted.
    """

    def __init__(self, *secrets: str) -> None:
        self._secrets = secrets
        self._derived: dict[tuple[str, str], bytes] = {}

    def __repr__(self) -> str:
        return "<HmacSealer>"

    def sign(self, purpose: str, payload: dict[str, object], /) -> str:
        """Answer *payload* as signed text for *purpose*. Raises TypeError, ValueError."""
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        newest = next(iter(self._keys))
        signed = f"{_FORMAT}.{newest}.{_text(text.encode())}"
        return f"{signed}.{self._signature(newest, purpose, signed)}"

    def open(self, purpose: str, text: str, /) -> dict[str, object]:
        """Answer the payload of *text*. Raises BadSeal."""
        if len(text) > MAX_LENGTH or not text.isascii():
            raise BadSeal(_NOT_OURS)
        parts = text.split(".")
        if len(parts) != 4 or parts[0] != _FORMAT or parts[1] not in self._keys:
            raise BadSeal(_NOT_OURS)
        signed, _, signature = text.rpartition(".")
        if not hmac.compare_digest(self._signature(parts[1], purpose, signed), signature):
            raise BadSeal(_NOT_OURS)
        # signed by us, so it is what `sign` wrote
        raw = base64.urlsafe_b64decode(parts[2] + "=" * (-len(parts[2]) % 4))
        return cast("dict[str, object]", json.loads(raw))

    @cached_property
    def _keys(self) -> dict[str, str]:
        """The secrets by their ids, the newest first."""
        found = self._secrets or secret_keys()
        return {_key_id(secret): secret for secret in found}

    def _signature(self, key: str, purpose: str, signed: str) -> str:
        derived = self._derived.get((key, purpose))
        if derived is None:
            derived = _mac(self._keys[key].encode(), f"nitro:{purpose}".encode())
            self._derived[key, purpose] = derived
        return _text(_mac(derived, signed.encode()))


class Sealing:
    """Which sealer signs, and where secrets come from that the settings do not name.

    A joint may set *secrets*, so that one setting serves the whole application.
    """

    def __init__(self) -> None:
        self.secrets: Callable[[], Sequence[str]] | None = None
        self.sealer: Sealer = HmacSealer()


def sealing() -> Sealing:
    """Answer what this process signs with."""
    return state.part(Sealing)


def secret_keys() -> tuple[str, ...]:
    """Answer the secrets, the newest first: ``configure(secret=…)``, then NITRO_SECRET.

    In development without any, one is kept in ``.nitro/secret``, so that open pages survive a
    restart. Raises StoreUnusable in production if there is none, or one that can be guessed.
    """
    found = _split(settings().secrets)
    source = sealing().secrets
    if not found and source is not None:
        return tuple(source())
    if not found:
        found = _split([os.environ.get("NITRO_SECRET", "")])
    if os.environ.get("NITRO_ENV") == "production":
        _check_for_production(found)
    return found or (development_secret(SECRET_FILE),)


def development_secret(file: Path) -> str:
    """Answer the secret kept in *file*, made now if there is none; for its owner only."""
    with suppress(FileNotFoundError):
        if kept := file.read_text(encoding="utf-8").strip():
            return kept
    file.parent.mkdir(parents=True, exist_ok=True)
    ignore = file.parent / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    fresh = file.with_name(f"{file.name}.{os.getpid()}.{chance.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(chance.token_urlsafe(32))
    try:
        # a link appears whole or not at all: of two processes that start at once, one wins
        os.link(fresh, file)
    except FileExistsError:
        if not file.read_text(encoding="utf-8").strip():
            os.replace(fresh, file)
    except OSError:  # a file system without links
        os.replace(fresh, file)
    fresh.unlink(missing_ok=True)
    return file.read_text(encoding="utf-8").strip()


def _split(given: Sequence[str]) -> tuple[str, ...]:
    """Answer single secrets, where one text may hold several with commas between them."""
    return tuple(one.strip() for text in given for one in text.split(",") if one.strip())


def _check_for_production(found: Sequence[str]) -> None:
    if not found:
        msg = f"Entities in the browser need NITRO_SECRET in production. Make one with: {_HOW}"
        raise StoreUnusable(msg)
    if any(len(secret) < 16 for secret in found):
        msg = f"NITRO_SECRET has a secret of fewer than 16 characters. Make one with: {_HOW}"
        raise StoreUnusable(msg)


def _key_id(secret: str) -> str:
    # derived like a key: it tells nothing of the secret
    return _text(_mac(secret.encode(), b"nitro key id")[:6])


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, hashlib.sha256)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


_NOT_OURS = "This text was not signed here, is for something else or was changed"
