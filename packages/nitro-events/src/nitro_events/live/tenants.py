"""What belongs to one tenant is kept apart from what belongs to another.

A policy that knows tenants has a method ``tenant(caller)`` beside being callable; it answers the
tenant's id, or None for callers without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable

    from nitro_events.policy import Caller

__all__ = ["scoped", "tenant_of", "topic_for"]


def tenant_of(caller: Caller) -> str | None:
    """Return the tenant of *caller* as the policy tells it; None if it knows none."""
    tell = cast("Callable[[Caller], object] | None", getattr(state.policy, "tenant", None))
    found = None if tell is None else tell(caller)
    return None if found is None else str(found)


def topic_for(tenant: str | None, topic: str) -> str:
    """Return what *topic* is called inside *tenant*."""
    return topic if tenant is None else f"@{tenant}/{topic}"


def scoped(topic: str) -> str:
    """Return what *topic* is called inside the tenant of the request being answered.

    Outside of a request it stays as it is, and what is published to it is for all tenants.
    """
    if getattr(state.policy, "tenant", None) is None:
        return topic
    # loaded late: who only publishes patches needs no requests
    from nitro_events.http.request import current_request

    request = current_request.get()
    return topic if request is None else topic_for(tenant_of(request.caller), topic)
