"""The arguments of a declared function, read from what a client sent."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import SchemaValidator, core_schema

from nitro_events.fields import MISSING, Field
from nitro_events.outcomes import Invalid
from nitro_events.policy import Caller
from nitro_events.resources import Given, texts
from nitro_events.signals import Signals
from nitro_events.wording import FILL_IN, messages_of

if TYPE_CHECKING:
    from nitro_events.http.request import Request

__all__ = [
    "HANDED_NAMES",
    "Arguments",
    "Handed",
    "Role",
    "check_handed",
    "handed_role",
    "handed_types",
    "hints_of",
]

Role: TypeAlias = Literal["request", "caller", "signals", "sender"]
"""What is handed in rather than read."""

_BY_NAME: dict[str, Role] = {"request": "request", "user": "caller", "sender": "sender"}
_BY_TYPE: dict[str, Role] = {"Request": "request", "Caller": "caller", "Signals": "signals"}
HANDED_NAMES = frozenset(_BY_NAME)
"""The arguments that are never read from input, whatever their type."""
ABSENT = "This is missing"


@dataclass(frozen=True, slots=True)
class Handed:
    """What is known of a call besides its input."""

    caller: Caller
    request: Request | None = None
    sender: object = None


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

    def read(self, given: Given, handed: Handed, *, complete: bool) -> dict[str, object]:
        """Return the keywords for the call. Raises Invalid with messages by argument."""
        raws, blank = self._raws(given, complete)
        try:
            values = self._validated(raws)
        except ValidationError as exc:
            errors = {**messages_of(exc), **self._absent(raws), **blank}
            raise Invalid(errors, texts(raws)) from None
        if blank:
            raise Invalid(blank, texts(raws))
        if self.handed_in:
            values.update(self.hand_in(given, handed))
        return values

    def hand_in(self, given: Given, handed: Handed) -> dict[str, object]:
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

    def _raws(self, given: Given, complete: bool) -> tuple[dict[str, object], dict[str, str]]:
        """Return what was given by name, and messages for what a form left blank."""
        if not given.form:
            raws = {name: given.values[name] for name in self.fields if name in given.values}
            for name, item in self._picky.items():
                if name in raws:
                    raws[name] = item.chosen(raws[name])
            return raws, {}
        raws, blank = dict[str, object](), dict[str, str]()
        for name, item in self.fields.items():
            raw = item.from_form(given.values, given.lists, complete=complete)
            if raw is MISSING:
                continue
            if raw == "" and not (item.text and not item.required):
                if item.required:
                    blank[name] = FILL_IN
                    raws[name] = raw
            else:
                raws[name] = item.chosen(raw)
        return raws, blank

    def _validated(self, raws: dict[str, object]) -> dict[str, Any]:
        if self.message is None:
            return self._validator.validate_python(raws)  # type: ignore[no-any-return]
        name, model = self.message
        return {name: model.model_validate(raws, by_alias=False, by_name=True)}

    def _absent(self, raws: Mapping[str, object]) -> dict[str, str]:
        return {n: ABSENT for n, item in self.fields.items() if item.required and n not in raws}

    @cached_property
    def _picky(self) -> dict[str, Field]:
        return {name: item for name, item in self.fields.items() if item.has_choices}

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
    return Arguments(function.__qualname__, fields_of(message[1]), handed_in, message)


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


def fields_of(model: type[BaseModel]) -> dict[str, Field]:
    """Return the fields of a model as arguments."""
    return {
        name: Field(
            name,
            Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation,
            info.is_required(),
        )
        for name, info in model.model_fields.items()
    }


def handed_role(parameter: inspect.Parameter, hint: object) -> Role | None:
    """Return what *parameter* is handed, or None if its value comes from input.

    Raises TypeError if it has the name of something that is handed in and another type.
    """
    plain = hint is Any or hint is object or hint is inspect.Parameter.empty
    role = _role_of(parameter.annotation if plain else hint)
    if role is not None:
        return role
    by_name = _BY_NAME.get(parameter.name)
    if by_name is None and parameter.name == "signals" and parameter.annotation is parameter.empty:
        return "signals"
    if by_name is None or by_name == "sender" or plain:
        return by_name
    right = "Request" if by_name == "request" else "Caller"
    msg = (
        f"The argument {parameter.name!r} is handed in and never read from what a client sends, "
        f"so it is annotated {right} (of nitro_events) or not at all, got {hint!r}. Call it "
        f"otherwise if it is to be read, such as {parameter.name}_id"
    )
    raise TypeError(msg)


def check_handed(function: Callable[..., object]) -> None:
    """Raise TypeError if an argument of *function* has the name of what is handed in."""
    parameters = inspect.signature(function).parameters
    if not HANDED_NAMES.isdisjoint(parameters):
        hints = hints_of(function)
        for name in HANDED_NAMES.intersection(parameters):
            handed_role(parameters[name], hints.get(name, parameters[name].annotation))


def handed_types() -> tuple[type, ...]:
    """Return the types that are handed in rather than read."""
    from nitro_events.http.request import Request

    return Request, Caller, Signals


def _role_of(hint: object) -> Role | None:
    if isinstance(hint, str):  # a name that exists for type checkers only
        return _BY_TYPE.get(hint.replace(" ", "").removesuffix("|None").rpartition(".")[2])
    kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    kinds = tuple(kind for kind in kinds if kind is not type(None))
    if len(kinds) != 1 or kinds[0] not in handed_types():
        return None
    return _BY_TYPE[kinds[0].__name__]


def _message_named(hint: str, module: str) -> object:
    """Return the message class that *hint* names, where it cannot be evaluated, else *hint*."""
    messages = sys.modules.get("nitro_events.messages")
    found = None if messages is None else messages.named(hint.rpartition(".")[2], module)
    return hint if found is None else found


def hints_of(function: Callable[..., object]) -> dict[str, Any]:
    """Return the annotations of *function*; those that name what is not there are left out.

    Such a name may exist for type checkers only; its argument takes any JSON value.
    """
    known = (
        vars(sys.modules.get(function.__module__)) if function.__module__ in sys.modules else {}
    )
    space = getattr(inspect.unwrap(function), "__globals__", known)
    found: dict[str, Any] = {}
    for name, hint in inspect.get_annotations(function).items():
        if isinstance(hint, str):
            try:
                hint = eval(hint, space)
            except Exception:
                hint = _message_named(hint, function.__module__)
        if not isinstance(hint, str):
            found[name] = type(None) if hint is None else hint
    return found
