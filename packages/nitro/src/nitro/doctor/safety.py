"""What has to be right before others may use it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nitro.doctor.finding import Finding, Patient, error, note, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_env_file", "check_origin", "check_policy", "check_secret"]

_SET = re.compile(r"^\s*(?:export\s+)?(NITRO_\w+)\s*=\s*\S", re.MULTILINE)


def check_env_file(_patient: Patient) -> Iterator[Finding]:
    """Is there an .env that nobody has read, or a variable that nobody knows?"""
    from nitro.sources import VARIABLES

    file = Path(".env")
    said = _SET.findall(file.read_text(encoding="utf-8")) if file.is_file() else []
    unread = [name for name in said if name not in os.environ]
    if unread:
        remedy = (
            "set -a; . ./.env; set +a   (servers take --env-file .env, or your system does it)"
        )
        yield warning(f".env sets {', '.join(unread)}, and this process has not got it", remedy)
    known = {f"NITRO_{name.upper()}" for name in VARIABLES} | {"NITRO_APP"}
    unknown = sorted(
        name for name in os.environ if name.startswith("NITRO_") and name not in known
    )
    near = [name for name in unknown if _near(name, known)]
    for name in near:
        yield warning(f"{name} means nothing to Nitro", f"Did you mean {_near(name, known)}?")
    if not unread and not near:
        yield ok(os.environ.get("NITRO_ENV") or "development, since NITRO_ENV says nothing")


def check_secret(_patient: Patient) -> Iterator[Finding]:
    """Can forms be signed so that nobody forges them?"""
    from nitro_events.seal import secret_keys
    from nitro_events.settings import SettingsError
    from nitro_events.state import state

    if not state.settings.production and not state.settings.secrets:
        yield ok("made by itself while developing, and kept in .nitro/secret")
        return
    try:
        keys = secret_keys()
    except SettingsError as exc:
        how = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'
        yield error(str(exc), f'export NITRO_SECRET="$({how})"')
        return
    yield ok(f"{len(keys)} of {len(keys[0])} characters" if len(keys) == 1 else f"{len(keys)}")


def check_policy(patient: Patient) -> Iterator[Finding]:
    """Did somebody say who may do what?"""
    from nitro_events.state import state

    if state.settings.policy is not None:
        yield ok("set by configure(policy=…)")
    elif not state.settings.production:
        yield ok("none: while developing your own machine may do everything, and nobody else")
    elif patient.name is None:
        yield note("no application was named, so its policy is not known", "nitro doctor main:app")
    else:
        remedy = "nitro.configure(user=…, policy=…), see docs/security.md"
        yield error("there is none, so in production nobody may see or change anything", remedy)


def check_origin(_patient: Patient) -> Iterator[Finding]:
    """Does it know where browsers see it, behind a proxy?"""
    from nitro_events.state import state

    origins, production = state.settings.public_origins, state.settings.production
    if not origins:
        remedy = "export NITRO_PUBLIC_ORIGIN=https://example.org, if a proxy changes Host"
        yield (
            note("the Host of each request", remedy) if production else ok("the Host of requests")
        )
        return
    wrong = 0
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            wrong += 1
            yield error(f"{origin!r} is no origin", "It is such as https://example.org, no more")
        elif production and parts.scheme == "http" and not _is_local(parts.hostname):
            wrong += 1
            remedy = "Have the proxy speak TLS, and write https:// here"
            yield warning(f"{origin} is not encrypted: whoever listens can take logins", remedy)
    if not wrong:
        yield ok(", ".join(origins))


def _is_local(host: str | None) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")


def _near(name: str, known: set[str]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, sorted(known), 1, 0.85)), None)
