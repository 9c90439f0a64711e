"""The arguments of a declared function, read from what a client sent."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import SchemaValidator, core_schema

from nitro_events.fields import FROM_CLIENT, MISSING, Field, Unreadable, members_of
from nitro_events.handed import Handed, Role, handed_role
from nitro_events.hints import hints_of
from nitro_events.moves import moved
from nitro_events.outcomes import Invalid, Rearranged
from nitro_events.resources import Given, texts
from nitro_events.signals import Signals
from nitro_events.texts import Text
from nitro_events.trees import strictly
from nitro_events.wording import FILL_IN, fields_messages

if TYPE_CHECKING:
    from nitro_events.middleware.work import Work

__all__ = ["Arguments"]

ABSENT = Text("This is missing")


@dataclass(frozen=True)
class Arguments:
    """What a function is called with: values from the client, and what we hand in.

    *message* is the parameter that takes the whole input as one model, and the model.
    """

    name: str
    fields: Mapping[str, Field]
    handed_in: Mapping[str, Role]
    message: tuple[str, type[BaseModel]] | None = None

    @classmethod
    def of(cls, function: Callable[..., object]) -> Arguments:
        """Read the signature of *function*; a bound method's first parameter is left out.

        What is annotated `Request`, `Caller` or `Signals`, or called ``request``, ``user`` or
        ``sender``, is handed in and never read from input. Raises TypeError where such a name
        is annotated as something else.
        """
        inner = getattr(function, "__func__", function)
        return _arguments(inner, inner is not function)

    def read(self, given: Given, handed: Handed | Work, *, complete: bool) -> dict[str, object]:
        """Return the keywords for the call. Raises Invalid with messages by argument.

        Rearranged, if a button of a list was pressed: then the form is to come back.
        """
        if self._plain and not given.form and not given.moves:
            try:  # what is none of the fields is not looked at
                return self._validated(given.values)
            except ValidationError:
                pass  # what is wrong is told below
        typed = self.typed(given, complete=complete)
        if given.moves:
            raise Rearranged({}, texts(moved(self.fields, typed, given.moves)))
        raws, blank = self._raws(given, typed)
        try:
            values = self._validated(raws)
        except ValidationError as exc:
            errors = {**fields_messages(exc, self.fields), **self._absent(raws), **blank}
            raise Invalid(errors, texts(typed)) from None
        if blank:
            raise Invalid(blank, texts(typed))
        if self.handed_in:
            values.update(self.hand_in(given, handed))
        return values

    def hand_in(self, given: Given, handed: Handed | Work) -> dict[str, object]:
        """Return the keywords that do not come from input."""
        values: dict[str, object] = {}
        for name, role in self.handed_in.items():
            if role == "caller":
                values[name] = handed.caller
            elif role == "signals":
                values[name] = Signals(dict(given.values))
            elif role == "sender":
                values[name] = handed.sender
            elif handed.request is None:
                msg = f"{self.name} takes the request, and is called where there is none"
                raise TypeError(msg)
            else:
                values[name] = handed.request
        return values

    def typed(self, given: Given, *, complete: bool) -> dict[str, object]:
        """Return what was given by name: texts of a form, lists and nested ones as trees."""
        if not given.form:
            return {name: given.values[name] for name in self.fields if name in given.values}
        sent = {
            name: item.from_form(given.values, given.lists, complete=complete)
            for name, item in self.fields.items()
            if name not in given.hidden
        }
        return {name: raw for name, raw in sent.items() if raw is not MISSING}

    def _raws(
        self, given: Given, typed: Mapping[str, object]
    ) -> tuple[dict[str, object], dict[str, str]]:
        """Return *typed* as it is to be read, and messages for what a form left blank."""
        raws, blank = dict(typed), dict[str, str]()
        for name, item in self._stored.items():
            if name in raws and not (given.form and raws[name] == ""):
                try:  # what something holds is shown to others than may read it
                    raws[name] = item.kept(raws[name], fresh=True)
                except Unreadable as exc:
                    del raws[name]
                    blank[name] = str(exc)
        if not given.form:
            for name, item in self._picky.items():
                if name in raws:
                    raws[name] = item.chosen(raws[name])
            return raws, blank | _decoded(self._files, raws)
        for name, raw in typed.items():
            item = self.fields[name]
            if item.stored and raw != "":
                continue
            said = item.trouble(raw) if item.file else None
            if said is not None:
                blank[name] = said
            elif item.composite:
                raws[name], inside = strictly(item, raw)
                blank.update({f"{name}.{path}": text for path, text in inside.items()})
            elif raw == "" and not (item.text and not item.required):
                if item.required:
                    blank[name] = FILL_IN
                else:
                    del raws[name]
            else:
                raws[name] = item.chosen(raw)
        return raws, blank

    def _validated(self, raws: Mapping[str, object]) -> dict[str, Any]:
        if self.message is None:
            return self._validator.validate_python(  # type: ignore[no-any-return]
                raws, by_alias=True, by_name=True, context=FROM_CLIENT
            )
        name, model = self.message
        return {
            name: model.model_validate(raws, by_alias=False, by_name=True, context=FROM_CLIENT)
        }

    def _absent(self, raws: Mapping[str, object]) -> dict[str, str]:
        return {n: ABSENT for n, item in self.fields.items() if item.required and n not in raws}

    @cached_property
    def _plain(self) -> bool:
        """Whether values that are no form's are read as they came, and nothing is handed in."""
        special = self._picky or self._files or self._stored
        return not (self.handed_in or self.message or special)

    @cached_property
    def _picky(self) -> dict[str, Field]:
        return {name: item for name, item in self.fields.items() if item.has_choices}

    @cached_property
    def _files(self) -> dict[str, Field]:
        return {name: item for name, item in self.fields.items() if item.file}

    @cached_property
    def _stored(self) -> dict[str, Field]:
        return {name: item for name, item in self.fields.items() if item.stored}

    @cached_property
    def _validator(self) -> SchemaValidator:
        """All fields at once, compiled; what has a default may be left out."""
        fields = {
            name: core_schema.typed_dict_field(
                TypeAdapter[Any](item.annotation).core_schema, required=item.required
            )
            for name, item in self.fields.items()
        }
        config = core_schema.CoreConfig(allow_inf_nan=False)
        return SchemaValidator(core_schema.typed_dict_schema(fields, config=config), config)


def _decoded(files: Mapping[str, Field], raws: dict[str, object]) -> dict[str, str]:
    """Put the content of *files* in the place of its base64; return messages for what is none."""
    wrong: dict[str, str] = {}
    for name, item in files.items():
        try:
            if name in raws:
                raws[name] = item.content(raws[name])
        except Unreadable as exc:
            wrong[name] = str(exc)
    return wrong


@lru_cache(maxsize=512)
def _arguments(function: Callable[..., object], bound: bool) -> Arguments:
    hints = hints_of(function)
    parameters = list(inspect.signature(function).parameters.values())[1 if bound else 0 :]
    fields: dict[str, Field] = {}
    handed_in: dict[str, Role] = {}
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        name = parameter.name
        hint = hints.get(name, Any)
        role = handed_role(parameter, hint)
        if role is not None:
            handed_in[name] = role
        else:
            fields[name] = Field(name, hint, parameter.default is parameter.empty)
    message = _message_of(fields, bound)
    if message is None:
        return Arguments(function.__qualname__, fields, handed_in)
    return Arguments(function.__qualname__, members_of(message[1]), handed_in, message)


def _message_of(fields: Mapping[str, Field], bound: bool) -> tuple[str, type[BaseModel]] | None:
    """Return the only field if it takes a message: its members are the arguments then."""
    messages = sys.modules.get("nitro_events.messages")
    if messages is None or bound or len(fields) != 1:
        return None
    [(name, item)] = fields.items()
    kind = item.annotation
    if isinstance(kind, type) and issubclass(kind, messages.Message):
        return name, kind
    return None
