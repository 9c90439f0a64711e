"""Who else has what open, for the caller of a request."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from hashlib import blake2b

from nitro_events.http import response
from nitro_events.http.problems import BadRequest
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.live.presence import Person, Present, Roster, place_topic
from nitro_events.live.tenants import tenant_of, topic_for
from nitro_events.policy import can
from nitro_events.state import state
from nitro_events.texts import Text

PURPOSE = "here"
MOST_TEXT = 100


class HereFor:
    """What the caller of *request* may know of others, and others of the caller."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @property
    def viewer(self) -> str:
        """Who asks: the login, else the browser as far as it can be told from others."""
        caller = self._request.caller
        if caller.id is not None:
            return f"id {caller.id}"
        told = f"{caller.host} {self._request.headers.get('user-agent', '')}"
        return blake2b(told.encode(), digest_size=9).hexdigest()

    def topic(self, place: str) -> str:
        """Answer the live topic that tells who comes to *place* and goes."""
        return place_topic(self._scoped(place))

    def enter(self, place: str, *, editing: bool) -> Callable[[], None]:
        """Be at *place* until what is answered is called."""
        caller = self._request.caller
        person = Person(self.viewer, caller.id, caller.label)
        return state.part(Roster).enter(self._scoped(place), person, editing=editing)

    def others(self, place: str) -> Sequence[Present]:
        """Answer who else is at *place*, of whom the policy lets the caller know."""
        caller = self._request.caller
        found = state.part(Roster).at(self._scoped(place))
        return [one for one in found if one.key != self.viewer and can(caller, "presence", one)]

    def mark(self, place: str) -> str:
        """Sign that the caller may tell where in a form at *place* they are."""
        return state.sealer.sign(PURPOSE, {"p": self._scoped(place), "k": self.viewer})

    def _scoped(self, place: str) -> str:
        return topic_for(tenant_of(self._request.caller), place)


async def move(request: Request) -> Response:
    """Answer ``POST /_nitro/here``: note in which field of a form the caller is."""
    try:
        told = json.loads(await request.body())
        mark, field = str(told["here"]), told["field"]
    except (ValueError, LookupError, TypeError, RecursionError):
        msg = Text("Send what a form of this application sends")
        raise BadRequest(msg) from None
    found = state.sealer.open(PURPOSE, mark)
    if found.get("k") == HereFor(request).viewer:
        named = field if isinstance(field, str) and 0 < len(field) <= MOST_TEXT else None
        state.part(Roster).move(str(found["p"]), str(found["k"]), named)
    return response.empty()
