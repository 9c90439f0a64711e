"""Files that a form brings to be kept elsewhere, and what is needed of who keeps them.

A file that was sent is put away at once, whatever becomes of the form. What stands for it from
then on is a signed text, good for the caller who has sent it, which the form carries along until
it is accepted. So nothing has to be sent twice, and nobody can name the file of somebody else.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from nitro_events.seal import BadSeal
from nitro_events.state import state
from nitro_events.texts import Text

if TYPE_CHECKING:
    from nitro_events.allowances import Allowance

__all__ = [
    "LASTS",
    "PURPOSE",
    "Keeper",
    "Keepers",
    "RefusedFile",
    "Sink",
    "keeper",
    "opened",
    "refusal",
    "signed",
    "told",
]

PURPOSE = "file"
"""What such texts are sealed for."""
LASTS = 7 * 24 * 3600
"""Seconds for which such a text is good."""
_REFUSED, _REFUSED_FOR = "!", "refused file"


class RefusedFile(ValueError):
    """A file that a field does not take; *text* is for who has chosen it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Sink(Protocol):
    """Takes the content of one file. Nothing is left of it if `end` is not reached.

    TooManyRequests is raised when there is no room for it.
    """

    def write(self, piece: bytes, /) -> None:
        """Add *piece*. Raises RefusedFile."""
        ...

    def end(self) -> Mapping[str, object]:
        """Keep it, and return what is known of it. Raises RefusedFile."""
        ...

    def cancel(self) -> None:
        """Forget it; what has ended is kept."""
        ...

    def discard(self) -> None:
        """Forget it, also after `end`."""
        ...


class Keeper(Protocol):
    """Keeps files. Everything may block."""

    def most(self, annotation: Any, /) -> int:
        """Return how many bytes a file for a field of this type may have."""
        ...

    def begin(self, annotation: Any, name: str, allowed: Allowance, /) -> Sink:
        """Begin to take a file for a field of this type, from somebody who may have so much."""
        ...

    def check(
        self, annotation: Any, values: Mapping[str, object], /, *, fresh: bool = False
    ) -> object:
        """Return the file that was kept before, for a field of this type.

        *fresh*: one that nothing holds yet. Raises RefusedFile if the field does not take it.
        """
        ...


class Keepers:
    """Who keeps files; None unless a joint connected it."""

    def __init__(self) -> None:
        self.keeper: Keeper | None = None


def keeper() -> Keeper:
    """Return who keeps files. Raises RuntimeError if nobody does."""
    found = state.part(Keepers).keeper
    if found is None:
        msg = "Nobody keeps files here: fields of stored files need nitro-entities"
        raise RuntimeError(msg)
    return found


def signed(values: Mapping[str, object], caller_id: str | None) -> str:
    """Return the text that stands for a file in a form of this caller."""
    payload: dict[str, object] = {"f": dict(values), "u": caller_id, "t": int(time.time())}
    return state.sealer.sign(PURPOSE, payload)


def opened(text: str) -> Mapping[str, object]:
    """Return what is known of the file that *text* stands for.

    Raises RefusedFile for what was not signed for who asks, or too long ago.
    """
    if text.startswith(_REFUSED):
        raise RefusedFile(_read_refusal(text.removeprefix(_REFUSED)))
    again = Text("This file is not there any more. Choose it again")
    try:
        payload = state.sealer.open(PURPOSE, text)
    except BadSeal:
        raise RefusedFile(again) from None
    values, at = payload.get("f"), payload.get("t")
    if not isinstance(values, dict) or not isinstance(at, int) or payload.get("u") != _caller_id():
        raise RefusedFile(again)
    if not 0 <= time.time() - at + 60 <= LASTS:
        raise RefusedFile(again)
    return cast("dict[str, object]", values)


def _caller_id() -> str | None:
    from nitro_events.http.request import current_request

    request = current_request.get()
    return None if request is None else request.caller.id


def refusal(message: str) -> str:
    """Return the text that stands for a file which was not taken."""
    template: str = getattr(message, "template", message)
    values = {name: str(value) for name, value in getattr(message, "values", {}).items()}
    return _REFUSED + state.sealer.sign(_REFUSED_FOR, {"t": template, "v": values})


def _read_refusal(text: str) -> str:
    # a form brings it back, or anything in its place: only what we have said is made a text of
    try:
        read: Any = state.sealer.open(_REFUSED_FOR, text)
        template = str(read["t"])
    except BadSeal:
        return Text("This file is not there any more. Choose it again")
    return Text(template, **read["v"])


def told(values: Mapping[str, object]) -> dict[str, object]:
    """Return what may be told of a file: everything but where it is kept."""
    return {name: value for name, value in values.items() if name != "key"}
