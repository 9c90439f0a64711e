"""The nonce of a request, which stands in its policy and on what may run in its page."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from nitro_events.http.request import Request
from nitro_templates.csp import new_nonce
from nitro_templates.state import state


class Nonces(WeakKeyDictionary[Request, str]):
    """Those that we made, by request."""


def nonce_of(request: Request) -> str | None:
    """Answer the application's own nonce, or one of ours if our pages have a policy."""
    if state.nonce is not None:
        return state.nonce(request.framework)
    return None if state.csp is None else state.part(Nonces).setdefault(request, new_nonce())
