"""Whether a page gets its stream: whose it is, what it may listen to, and how many there are."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from nitro_events.http.problems import HttpError, TooManyRequests
from nitro_events.live.clients import Client
from nitro_events.live.stream import Stream
from nitro_events.live.tenants import tenant_of, topic_for
from nitro_events.policy import can
from nitro_events.state import state
from nitro_events.texts import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from nitro_events.http.request import Request
    from nitro_events.live.view import View
    from nitro_events.policy import Caller

__all__ = ["TooManyTopics", "allowed_topics", "client_of", "open_stream"]

_log = logging.getLogger("nitro_events")

MANY = 100
"""How many refused topics are told in the log, once each."""


class TooManyTopics(HttpError):
    """One stream would listen to more topics than the limits allow."""

    status = 422
    title = Text("Too many topics")


def open_stream(request: Request, views: Sequence[View], topics: Collection[str]) -> Stream | None:
    """Return the stream that *request* asks for; None if nothing is left that it may show.

    The views were authorised by the page that holds them; each topic needs the policy's leave
    for "listen". Call it where the views are to be rendered. Raises TooManyTopics, and
    TooManyRequests for a client that has enough streams.
    """
    limits = state.settings.limits
    if len(topics) > limits.topics:
        msg = f"A stream may have {limits.topics} topics, this page asks for {len(topics)}"
        raise TooManyTopics(msg)
    client = client_of(request.caller)
    if not state.hub.clients.has_room(client):
        msg = Text(
            "There are {most} open streams, which is all you may have. Close a page",
            most=client.most,
        )
        raise TooManyRequests(msg, retry_after=10)
    allowed = allowed_topics(request.caller, topics)
    if not (views or allowed):
        return None
    return Stream(
        state.hub,
        views,
        allowed,
        request.live_cursor,
        client=client,
        tenant=tenant_of(request.caller),
        root=request.root,
    )


def allowed_topics(caller: Caller, topics: Iterable[str]) -> frozenset[str]:
    """Return those of *topics* that *caller* may listen to, and their names inside the tenant."""
    tenant = tenant_of(caller)
    allowed: set[str] = set()
    for topic in topics:
        if can(caller, "listen", topic):
            allowed |= {topic, topic_for(tenant, topic)}
        else:
            _tell(topic)
    return frozenset(allowed)


def client_of(caller: Caller) -> Client:
    """Return for whom the streams of *caller* are counted: the login, else the address."""
    limits = state.settings.limits
    if caller.id is not None:
        return Client(f"id:{caller.id}", limits.streams, caller.id)
    return Client(f"host:{caller.host}", limits.streams_of_address)


class Told(set[str]):
    """The topics whose refusal was told in the log."""


def _tell(topic: str) -> None:
    told = state.part(Told)
    if topic not in told and len(told) < MANY:
        told.add(topic)
        _log.warning(
            "A page asks for topic %r, which its visitor may not listen to, so its patches are "
            "left out. Allow the operation 'listen' for this topic with "
            "nitro.configure(policy=…)",
            topic,
        )
