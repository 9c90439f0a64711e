"""The file between its upload and its import: kept on the server, for who sent it alone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from nitro_events.allowances import holder_of
from nitro_events.http.problems import BadRequest, TooManyRequests
from nitro_events.keeping import PART, Kept, keeper, key_of
from nitro_events.policy import Caller
from nitro_events.state import state
from nitro_events.texts import Text

__all__ = ["Upload", "keep", "keep_marks", "load", "marks_of", "use"]

LIFETIME = timedelta(hours=1)
_GONE = Text("This file is not kept any more. Choose it again")


@dataclass(frozen=True, slots=True)
class Upload:
    """A reference to a file that was sent: its name is the one the browser said."""

    ref: str
    parts: int
    name: str = ""


def keep(content: bytes, name: str, caller: Caller, near: type) -> Upload:
    """Keep *content* in the open unit. Who sends another file lets the one before go.

    Raises TooManyRequests where an address without a login has sent too many.
    """
    ref, place = secrets.token_urlsafe(18), _place(caller, near)
    if caller.id is not None:
        _let_go(place, caller, near)
    else:
        _check_room(place, len(content), near)
    pieces = [content[at : at + PART] for at in range(0, len(content), PART)]
    for number, piece in enumerate(pieces):
        kept = Kept(_id(ref, number), place, caller.id, "", piece)
        keeper().keep(kept, near, lifetime=LIFETIME)
    return Upload(ref, len(pieces), name[:200])


def load(upload: Upload, caller: Caller, near: type) -> bytes:
    """Answer what was sent. Raises BadRequest if it is gone, or somebody else's."""
    found = keeper().find([_id(upload.ref, number) for number in range(upload.parts)], near)
    if len(found) != upload.parts or any(kept.owner != caller.id for kept in found):
        raise BadRequest(_GONE)
    return b"".join(kept.data for kept in found)


def keep_marks(upload: Upload, marks: bytes, caller: Caller, near: type) -> None:
    """Keep what stands for the plan that was shown."""
    kept = Kept(_id(upload.ref, "plan"), _place(caller, near), caller.id, "", marks)
    keeper().keep(kept, near, lifetime=LIFETIME)


def marks_of(upload: Upload, caller: Caller, near: type) -> bytes:
    """Answer what stands for the plan that was shown. Raises BadRequest if it is gone."""
    found = keeper().find([_id(upload.ref, "plan")], near)
    if not found or found[0].owner != caller.id or not found[0].data:
        raise BadRequest(_GONE)
    return found[0].data


def use(upload: Upload, caller: Caller, near: type) -> None:
    """Let the file go with the open unit, which imports it.

    Of two that do so at the same time one fails: to remove what is gone already is no conflict, to
    change what somebody else has changed is one.
    """
    keep_marks(upload, b"", caller, near)
    keeper().forget([_id(upload.ref, number) for number in range(upload.parts)], near)


def _check_room(place: str, size: int, near: type) -> None:
    most = state.settings.limits.imports_of_address
    if keeper().count(place, near) * PART + size > most:
        msg = Text(
            "Too many files are waiting to be imported from your network. Import one of them, or "
            "try again in an hour"
        )
        raise TooManyRequests(msg, retry_after=int(LIFETIME.total_seconds()))


def _let_go(place: str, caller: Caller, near: type) -> None:
    kept = keeper().among(place, caller.id, near, most=1000, lasting=False)
    keeper().forget([one.id for one in kept], near)


def _place(caller: Caller, near: type) -> str:
    return key_of("imports", holder_of(caller), f"{near.__module__}.{near.__qualname__}")


def _id(ref: str, part: int | str) -> str:
    return key_of("import", ref, str(part))
