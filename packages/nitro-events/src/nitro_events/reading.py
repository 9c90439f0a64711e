"""What was sent for some fields, read into values; errors have the (dotted) names of inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nitro_events.fields import Field, Unreadable
from nitro_events.form_seal import digest
from nitro_events.uploads import told
from nitro_events.wording import FILL_IN, fields_messages

if TYPE_CHECKING:
    from pydantic import ValidationError

    from nitro_events.resources import Given

__all__ = ["Reading", "errors_in", "read_fields"]

_A_SECRET = "?"


@dataclass(frozen=True, slots=True)
class Reading:
    """The values that could be read, their digests, and messages for the others."""

    values: dict[str, object]
    digests: dict[str, str]
    errors: dict[str, str]

    def errors_of(self, names: frozenset[str]) -> dict[str, str]:
        """Return the messages of the fields *names* and of what is nested in them."""
        return {name: text for name, text in self.errors.items() if name.split(".")[0] in names}


def read_fields(
    fields: Mapping[str, Field], raws: Mapping[str, object], given: Given, *, defaults: bool
) -> Reading:
    """Read each of *raws* by its field; *defaults*: one left blank may take its default."""
    reading = Reading({}, {}, {})
    for name, raw in raws.items():
        item = fields[name]
        if given.form and raw == "" and not (item.text and not item.required):
            if item.required or not defaults:
                reading.errors[name] = FILL_IN
            continue
        _read(item, raw, reading, typed=given.form and item.composite)
    for name, text in given.refused.items():
        whole = name.split(".")[0]
        if whole in raws:
            reading.errors[name] = text
            reading.values.pop(whole, None)
    return reading


def _read(item: Field, raw: object, reading: Reading, *, typed: bool) -> None:
    name = item.name
    if typed:  # as it came, to see whether it was changed at all
        _digest_as_sent(item, raw, reading)
    if item.stored:
        _digest_as_told(item, raw, reading)
    try:
        value = item.read_typed(raw) if typed else item.read(raw)
    except Unreadable as exc:
        for inside, text in exc.messages.items():
            reading.errors[f"{name}.{inside}" if inside else name] = text
    else:
        reading.values[name] = value
        # what is typed as a secret is a change, whatever was there
        mine = _A_SECRET if item.secret else digest(item.dump(value))
        reading.digests.setdefault(name, mine)


def _digest_as_sent(item: Field, raw: object, reading: Reading) -> None:
    try:
        reading.digests[item.name] = digest(item.dump(item.read(item.with_choices(raw))))
    except Unreadable:
        return  # `read_typed` says why


def _digest_as_told(item: Field, raw: object, reading: Reading) -> None:
    """Let a program send back what it was told of stored files, which changes nothing."""
    files: list[Any] = list[Any](raw) if isinstance(raw, list) else [raw]
    if files and all(isinstance(file, dict) for file in files):
        plain = [told(file) for file in files]
        reading.digests[item.name] = digest(plain if isinstance(raw, list) else plain[0])


def errors_in(error: ValidationError, fields: Mapping[str, Field]) -> dict[str, str]:
    """Return the messages of *error* by field; those of fields not shown go to the whole form."""
    errors: dict[str, str] = {}
    for name, text in fields_messages(error, fields).items():
        if not name or name.split(".")[0] in fields:
            errors[name] = text
        else:
            errors.setdefault("", f"{name}: {text}")
    return errors
