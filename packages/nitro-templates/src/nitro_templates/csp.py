"""The Content-Security-Policy of our pages, for applications that want one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from nitro_templates.state import state

__all__ = ["Csp", "checked_sources", "new_nonce", "policy"]

Csp: TypeAlias = Literal["strict", "no-eval"]

_DIRECTIVES = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
_SOURCE = re.compile(r"[^\s;,]+")


def new_nonce() -> str:
    """Answer text that nobody can guess."""
    return secrets.token_urlsafe(16)


def policy(nonce: str | None) -> str:
    """Answer the value of the header for a page whose scripts and styles have *nonce*."""
    own = f" 'nonce-{nonce}'" if nonce else ""
    # the client of Datastar makes functions of the expressions in attributes
    evaluated = " 'unsafe-eval'" if state.csp == "strict" else ""
    more = {"script-src": own + evaluated, "style-src": own}
    written: list[str] = []
    for name in dict.fromkeys((*_DIRECTIVES, *state.csp_sources)):
        said = _DIRECTIVES.get(name, "'self'") + more.get(name, "")
        sources = state.csp_sources.get(name, ())
        alone = sources and said == "'none'"  # it stands alone or not at all
        written.append(" ".join((name, *sources) if alone else (name, said, *sources)))
    return "; ".join(written)


def checked_sources(given: Mapping[str, str | Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Answer *given* as the policy writes it; raises ValueError for what would break it."""
    checked: dict[str, tuple[str, ...]] = {}
    for name, value in given.items():
        sources = tuple(value.split()) if isinstance(value, str) else tuple(value)
        if not _NAME.fullmatch(name) or not all(map(_SOURCE.fullmatch, sources)):
            known = "{'img-src': 'https://images.example'}"
            msg = f"csp_sources takes a mapping such as {known}, got {name}: {value!r}"
            raise ValueError(msg)
        checked[name] = sources
    return checked
