"""What was filled in of a form with steps, kept on the server until it is finished.

It stands in the store of the class that the form is about, so every worker finds it, and what is
finished goes with what it has become, in one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from nitro_events.allowances import drafts_of
from nitro_events.fields import text_of
from nitro_events.http.problems import TooManyRequests
from nitro_events.keeping import Kept, keeper, key_of
from nitro_events.texts import Text

if TYPE_CHECKING:
    from nitro_events.policy import Caller

__all__ = ["LIFETIME", "Draft", "check_room", "drop", "find", "keep"]

LIFETIME = timedelta(days=7)
"""How long a draft is kept after the last step that was taken in it."""
PLACE = "draft"


@dataclass(frozen=True, slots=True)
class Draft:
    """What was filled in so far. *id* is that of the thing that it will become.

    *values* are as the form has sent them, *done* the steps that nothing is wrong with.
    """

    id: str | None
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    done: frozenset[str] = frozenset()

    @property
    def texts(self) -> dict[str, str]:
        """What stands in the fields, as a form writes it."""
        return {name: text_of(value) for name, value in self.values.items()}


def find(kind: type, form: str, owner: str) -> Draft | None:
    """Return the draft of *owner* for the form called *form* of a class; may block."""
    found = keeper().find([_key(kind, form, owner)], kind)
    if not found:
        return None
    read: dict[str, Any] = json.loads(found[0].data)
    return Draft(read["id"], read["values"], frozenset(read["done"]))


def check_room(kind: type, caller: Caller) -> None:
    """Raise TooManyRequests if *caller* has as many drafts as they may; may block."""
    allowed = drafts_of(caller)
    if keeper().count(_place(caller), kind) >= allowed.most:
        msg = Text(
            "There are {most} forms that you have begun, which is all that are kept for you. "
            "Finish or discard one of them",
            most=allowed.most,
        )
        raise TooManyRequests(msg, retry_after=3600)


def keep(kind: type, form: str, owner: str, draft: Draft, caller: Caller) -> None:
    """Keep *draft* of *owner*, in place of the one before, with the open unit."""
    said = {"id": draft.id, "values": dict(draft.values), "done": sorted(draft.done)}
    data = json.dumps(said, ensure_ascii=True).encode()
    kept = Kept(_key(kind, form, owner), _place(caller), None, data=data)
    keeper().keep(kept, kind, lifetime=LIFETIME)


def drop(kind: type, form: str, owner: str) -> None:
    """Let it go, with the open unit."""
    keeper().forget([_key(kind, form, owner)], kind)


def _place(caller: Caller) -> str:
    return key_of(PLACE, drafts_of(caller).holder)


def _key(kind: type, form: str, owner: str) -> str:
    # who can read the store finds no name of a browser in it that could be used
    return key_of(PLACE, f"{kind.__module__}.{kind.__qualname__}", form, owner)
