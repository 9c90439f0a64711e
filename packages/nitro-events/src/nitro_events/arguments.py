"""The arguments of a declared function, read from what a client sent."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_type_hints

from nitro_events.fields import MISSING, Field
from nitro_events.outcomes import Invalid
from nitro_events.policy import Caller
from nitro_events.resources import Given, read_fields, texts
from nitro_events.signals import Signals

if TYPE_CHECKING:
    from nitro_events.http.request import Request

__all__ = ["Arguments"]


@dataclass(frozen=True)
class Arguments:
    """What a function is called with: values from the client, and what we hand in by its type."""

    fields: Mapping[str, Field]
    handed_in: Mapping[str, type]

    @classmethod
    def of(cls, function: Callable[..., object]) -> Arguments:
        """Read the signature of *function*; a bound method's first parameter is left out.

        Parameters annotated `Request`, `Caller` or `Signals` are handed in.
        """
        inner = getattr(function, "__func__", function)
        return _arguments(inner, inner is not function)

    def read(self, given: Given, request: Request, *, complete: bool) -> dict[str, object]:
        """Return the keywords for the call. Raises Invalid with messages by argument."""
        raws: dict[str, object] = {}
        for name, item in self.fields.items():
            if given.form:
                raw = item.from_form(given.values, given.lists, complete=complete)
            else:
                raw = given.values.get(name, MISSING)
            if raw is not MISSING:
                raws[name] = raw
        reading = read_fields(self.fields, raws, given, defaults=True)
        for name, item in self.fields.items():
            if item.required and name not in raws:
                reading.errors[name] = "This is missing"
        if reading.errors:
            raise Invalid(reading.errors, texts(raws))
        return {**reading.values, **self._hand_in(given, request)}

    def _hand_in(self, given: Given, request: Request) -> dict[str, object]:
        values: dict[str, object] = {}
        for name, kind in self.handed_in.items():
            if kind is Caller:
                values[name] = request.caller
            elif kind is Signals:
                values[name] = Signals(dict(given.values))
            else:
                values[name] = request
        return values


@lru_cache(maxsize=512)
def _arguments(function: Callable[..., object], bound: bool) -> Arguments:
    hints = hints_of(function)
    parameters = list(inspect.signature(function).parameters.values())[1 if bound else 0 :]
    fields: dict[str, Field] = {}
    handed_in: dict[str, type] = {}
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        name = parameter.name
        hint = hints.get(name, Any)
        if hint in handed_types():
            handed_in[name] = hint
        else:
            fields[name] = Field(name, hint, parameter.default is parameter.empty)
    return Arguments(fields, handed_in)


def handed_types() -> tuple[type, ...]:
    """Return the types that are handed in rather than read."""
    from nitro_events.http.request import Request

    return Request, Caller, Signals


def hints_of(function: Callable[..., object]) -> dict[str, Any]:
    """Return the annotations of *function*; those that name what is not there are left out."""
    try:
        return get_type_hints(function, include_extras=True)
    except Exception:
        # a name that exists for type checkers only; such an argument takes any JSON value
        found = inspect.get_annotations(function)
        return {name: hint for name, hint in found.items() if not isinstance(hint, str)}
