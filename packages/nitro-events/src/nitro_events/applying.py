"""Which fields of a form apply: some are shown only while others have certain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from nitro_events.fields import text_of

if TYPE_CHECKING:
    from nitro_events.form_seal import Seal
    from nitro_events.http.inputs import Input
    from nitro_events.outcomes import Refused

__all__ = ["as_applies", "hidden_fields", "keep_hidden"]

T = TypeVar("T")


def hidden_fields(seal: Seal, given: Input) -> frozenset[str]:
    """Return the fields that do not apply with what was *given*, by the rules of the form.

    What the browser showed does not matter. A field that depends on one that does not apply
    does not apply either.
    """
    hidden: frozenset[str] = frozenset()
    while True:
        found = frozenset(
            name
            for name, wanted in seal.when.items()
            if any(
                other in hidden or not _texts(given, other) & set(texts)
                for other, texts in wanted.items()
            )
        )
        if found <= hidden:
            return hidden
        hidden |= found


def as_applies(seal: Seal, given: Input) -> tuple[Seal, Input]:
    """Return both without the fields that do not apply: neither required, nor read, nor set."""
    hidden = hidden_fields(seal, given) if seal.when else frozenset[str]()
    if not hidden:
        return seal, given

    def kept(values: Mapping[str, T]) -> dict[str, T]:
        return {n: value for n, value in values.items() if n.partition(".")[0] not in hidden}

    fields = tuple(name for name in seal.fields if name not in hidden)
    given = replace(given, values=kept(given.values), lists=kept(given.lists), hidden=hidden)
    return replace(seal, fields=fields), given


def keep_hidden(refused: Refused, whole: Input, given: Input, seal: Seal) -> None:
    """Let a form that comes back show what was typed where it does not apply, too."""
    for name in given.hidden:
        if name in whole.values:
            refused.values.setdefault(name, text_of(whole.values[name]))
            refused.digests.setdefault(name, seal.digests.get(name, ""))


def _texts(given: Input, name: str) -> set[str]:
    sent = given.lists.get(name)
    if sent is not None:
        return set(sent)
    return {text_of(given.values.get(name))}
