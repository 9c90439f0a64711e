"""Who asks, and what they may do."""

from __future__ import annotations

import inspect
import ipaddress
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from nitro_events.state import state

__all__ = ["Caller", "Policy", "can", "default_policy"]

log = logging.getLogger("nitro_events")

MANY = 100
"""How many different callers the log explains a refusal for."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request.

    *id* and *name* come from the application's own login; *host* is the address that the request
    came from, *forwarded* whether a proxy passed it on, *asked* the host name that was asked for.
    """

    id: str | None = None
    name: str | None = None
    host: str | None = None
    forwarded: bool = False
    asked: str | None = None

    @property
    def label(self) -> str | None:
        """What others read when they ask who it was."""
        return self.name or self.id


Policy: TypeAlias = Callable[[Caller, str, object], bool]
"""``policy(caller, operation, target)``; *operation* is "create", "update", "delete",
"action:<name>", "event:<name>", "read" (a stored file), "stream", "listen" or "presence", *target*
a class or an entity; of "listen" a topic's name, of an event the sender that the path names, of
"presence" somebody who would be shown (`nitro_events.live.presence.Present`).
A policy with a method ``tenant(caller)`` beside keeps live views and patches of tenants apart."""


def can(caller: Caller, operation: str, target: object) -> bool:
    """Tell whether *caller* may do *operation* to *target*.

    Anything but True from the application's policy is a no. Raises TypeError for an async one.
    """
    answer: object = state.policy(caller, operation, target)
    if answer is True:
        return True
    if inspect.iscoroutine(answer):
        answer.close()
        msg = (
            "The policy is async, and every coroutine would be a no. Let it be a plain function: "
            "it is called in a worker thread, where it may wait for a store"
        )
        raise TypeError(msg)
    return False


def default_policy(caller: Caller, operation: str, target: object) -> bool:
    """Let this machine and test clients in while developing, and nobody in production."""
    if state.settings.production:
        told = state.part(Told)
        if not told:
            told.add(caller)
            log.warning(
                "Refused: without a policy, nobody may do anything in production. "
                "Say who may with nitro.configure(policy=…)"
            )
        return False
    # no address that a server tells of: a test client, whatever name it asks for
    is_test = caller.host == "testclient"
    local = is_test or (_is_this_machine(caller.host) and _is_own_name(caller.asked))
    if local and not caller.forwarded:
        return True
    told = state.part(Told)
    if caller not in told and len(told) < MANY:
        told.add(caller)
        log.warning(
            "Refused: without a policy, development answers this machine only, and not through "
            "a proxy (asked for %s from %s). Say who may with nitro.configure(policy=…)",
            caller.asked,
            caller.host,
        )
    return False


class Told(set[Caller]):
    """Those whose refusal was explained in the log, once each; in production, the first."""


@lru_cache(maxsize=1024)
def _is_this_machine(host: str | None) -> bool:
    if host is None or host in ("testclient", "localhost", ""):
        return True
    address = _address(host)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address is not None and address.is_loopback


@lru_cache(maxsize=1024)
def _is_own_name(asked: str | None) -> bool:
    # a domain of somebody else may be made to point here (DNS rebinding); addresses and names
    # without a dot cannot
    if asked is None or "." not in asked or asked.endswith(".localhost"):
        return True
    return _address(asked) is not None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
