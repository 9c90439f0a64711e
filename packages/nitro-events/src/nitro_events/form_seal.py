"""What a form carries to the browser and back: which fields it showed, and what was in them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nitro_events.form_steps import Steps
from nitro_events.seal import BadSeal
from nitro_events.state import state

__all__ = ["FORM_PURPOSE", "Seal", "digest", "opened_seal"]

FORM_PURPOSE = "form"
"""What forms are sealed for: ``sealer.sign(FORM_PURPOSE, payload)``."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What a form carries to the browser and back, and nobody can change on the way."""

    slug: str | None
    id: str | None
    operation: str
    fields: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict[str, str])
    page: str | None = None
    next: str | None = None
    key: str = ""
    caller: str | None = None
    asked: tuple[str, ...] = ()
    """The fields at which the form asks whose change is to stay."""
    when: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict[str, Any])
    """The fields that are shown at times, with the texts that others must have then."""
    undo: bool = True
    """Whether what the form does may be taken back, as far as its class is concerned."""

    steps: Steps | None = None
    """The steps of a form that has several, with the one that was shown."""

    def payload(self) -> dict[str, object]:
        """Return what is sealed."""
        return {
            "v": 1,
            "c": self.slug,
            "i": self.id,
            "o": self.operation,
            "f": list(self.fields),
            "d": dict(self.digests),
            "p": self.page,
            "n": self.next,
            "k": self.key,
            "u": self.caller,
            "q": list(self.asked),
            "w": dict(self.when),
            "z": self.undo,
            "s": None if self.steps is None else self.steps.payload(),
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Seal:
        """Read a payload. Raises BadSeal if it was made by another version of ours."""
        if payload.get("v") != 1:
            msg = "This form was made by another version"
            raise BadSeal(msg)
        return cls(
            payload.get("c"),
            payload.get("i"),
            str(payload.get("o")),
            tuple(payload.get("f") or ()),
            dict(payload.get("d") or {}),
            payload.get("p"),
            payload.get("n"),
            payload.get("k") or "",
            payload.get("u"),
            tuple(payload.get("q") or ()),
            dict(payload.get("w") or {}),
            payload.get("z", True) is not False,
            Steps.from_payload(payload.get("s")),
        )

    def seen_as(self, earlier: Mapping[str, Seal]) -> Seal:
        """Return this seal with what the user had seen of some fields when they changed them.

        An open form goes on living: its seal is that of now, *earlier* are those it had before.
        Raises BadSeal for one that was made for anything else.
        """
        digests = dict(self.digests)
        for name, seal in earlier.items():
            seal.check(self.slug, self.id, self.operation, self.caller)
            if seal.id != self.id or name not in seal.digests or name not in digests:
                msg = f"The form from before does not show {name!r}"
                raise BadSeal(msg)
            digests[name] = seal.digests[name]
        return replace(self, digests=digests)

    def check(self, slug: str | None, id: str | None, operation: str, caller: str | None) -> None:
        """Raise BadSeal unless the form was made for just this, and for this caller."""
        # the id of a new entity is the form's own; no path names it
        expected = (slug, self.id if operation == "create" else id, operation, caller)
        if (self.slug, self.id, self.operation, self.caller) != expected:
            msg = "This form was made for something else, or for somebody else"
            raise BadSeal(msg)


def opened_seal(payload: Mapping[str, Any], earlier: Mapping[str, str]) -> Seal:
    """Return the seal that *payload* is, with those that some fields were *earlier* seen under.

    Raises BadSeal if one of them is not ours, or for something else.
    """
    seal = Seal.from_payload(payload)
    if not earlier:
        return seal
    opened = {text: _opened(text) for text in dict.fromkeys(earlier.values())}
    return seal.seen_as({name: opened[text] for name, text in earlier.items()})


def _opened(text: str) -> Seal:
    return Seal.from_payload(state.sealer.open(FORM_PURPOSE, text))


def digest(value: object) -> str:
    """Return 16 characters that stand for a JSON value.

    Line ends count as one, whichever they are: browsers send others than they were given.
    """
    text = json.dumps(_same_lines(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:12]).decode()


def _same_lines(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, list):
        return [_same_lines(item) for item in value]
    if isinstance(value, dict):
        return {name: _same_lines(item) for name, item in value.items()}
    return value
