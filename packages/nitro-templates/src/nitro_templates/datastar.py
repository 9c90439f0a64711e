"""Datastar attributes in which a value is always data, never part of a program.

Datastar runs the values of its attributes as JavaScript. So the text of an expression
is constant, written by the author as ``js("...")``, and what users typed travels beside
it: as signals (JSON) or in ``data-*`` attributes that the expression reads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from nitro_templates.modifiers import modifiers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import LiteralString

__all__ = [
    "Expression",
    "HasExpression",
    "attribute_name",
    "expression_of",
    "is_program",
    "js",
    "quoted_json",
    "signal_name",
    "signals_json",
]


@dataclass(frozen=True, slots=True)
class Expression:
    """JavaScript that the author wrote. Make one with `js`."""

    code: str

    def __str__(self) -> str:
        return self.code


def js(code: LiteralString, /) -> Expression:
    """Mark *code* as a program to run: ``Button("+", on_click=js("$count++"))``.

    Only constant text: a value that is formatted into it would become code. Type
    checkers refuse anything but literals. Put values in ``signals=`` or ``data_x=``
    and read them as ``$name`` or ``el.dataset.x``.
    """
    return Expression(code)


@runtime_checkable
class HasExpression(Protocol):
    """Something that knows the expression it stands for, such as a call of a command.

    It may have ``__nitro_attributes__()`` too: a mapping of plain attributes that carry
    the data which the expression reads.
    """

    def __nitro_expression__(self) -> Expression | str:
        """Answer the constant expression."""
        ...


def expression_of(name: str, value: object) -> str:
    """Answer the code of *value*; raises TypeError for plain text."""
    if isinstance(value, Expression):
        return value.code
    if isinstance(value, HasExpression):
        return str(value.__nitro_expression__())
    msg = (
        f"{name} is run as a program and was given {type(value).__name__}. "
        f"Wrap constant code in js(...); hand values over with signals= or data_x="
    )
    raise TypeError(msg)


_SIGNAL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*", re.ASCII)


def signal_name(name: str, value: object) -> str:
    """Answer *value* if it can name a signal (``user.name``); raises ValueError if not."""
    if isinstance(value, str) and "__" not in value and _SIGNAL_NAME.fullmatch(value):
        return str.__str__(value)
    msg = (
        f"{name}={value!r}: a signal is named by letters, digits and _ (no __), parts joined by ."
    )
    raise ValueError(msg)


# Datastar rewrites an expression before it compiles it, and some of that reaches into
# string literals: "@name(" becomes a call, its own escape mark is cut out and put back,
# ";" and "/" steer a regular expression that looks for the last statement. So nothing
# but letters, digits and harmless punctuation stays as it is inside the strings of the
# JSON. Outside of strings JSON has none of the characters that are replaced here.
_SUSPECT = re.compile(r'\\\\|\\"|[^ A-Za-z0-9_{}\[\],:".+\\-]')


def _as_code_unit(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0][-1]):04x}"


def signals_json(name: str, value: object) -> str:
    """Answer the mapping *value* as JSON that Datastar cannot mistake for code.

    Raises TypeError if it is no mapping or holds something without a JSON form, and
    ValueError for NaN, infinities and the key ``__proto__``.
    """
    if not isinstance(value, Mapping):
        msg = f"{name} takes a mapping of signal names to values, not {type(value).__name__}"
        raise TypeError(msg)
    signals = cast("Mapping[object, object]", value)
    _check_keys(name, signals, 0)
    return quoted_json(dict(signals))


def quoted_json(value: object) -> str:
    """Answer *value* as JSON whose strings hold nothing that Datastar would rewrite."""
    text = json.dumps(value, allow_nan=False, separators=(", ", ": "))
    return _SUSPECT.sub(_as_code_unit, text)


def _check_keys(name: str, value: object, depth: int) -> None:
    if depth > 64:
        msg = f"{name} is nested deeper than 64 levels"
        raise ValueError(msg)
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[object, object]", value).items():
            if not isinstance(key, str):
                msg = f"{name} has the key {key!r}: names of signals are text"
                raise TypeError(msg)
            if key == "__proto__":
                msg = f"{name} has the key '__proto__', which browsers take for something else"
                raise ValueError(msg)
            _check_keys(name, inner, depth + 1)
    elif isinstance(value, (list, tuple)):
        for inner in cast("Sequence[object]", value):
            _check_keys(name, inner, depth + 1)


_KEYWORDS = {
    "attr": "data-attr",
    "bind": "data-bind",
    "computed": "data-computed",
    "effect": "data-effect",
    "ignore": "data-ignore",
    "ignore_morph": "data-ignore-morph",
    "indicator": "data-indicator",
    "init": "data-init",
    "json_signals": "data-json-signals",
    "on_intersect": "data-on-intersect",
    "on_interval": "data-on-interval",
    "on_load": "data-init",
    "on_signal_patch": "data-on-signal-patch",
    "on_signal_patch_filter": "data-on-signal-patch-filter",
    "preserve_attr": "data-preserve-attr",
    "ref": "data-ref",
    "show": "data-show",
    "signals": "data-signals",
    "text": "data-text",
}
_EVENT = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")


def attribute_name(keyword: str) -> str | None:
    """Answer the attribute that *keyword* stands for, None if it is not one of Datastar's.

    ``on_my_event`` hears ``my-event``; modifiers follow after two underscores, their
    arguments after one: ``on_input__debounce_200ms`` is ``data-on:input__debounce.200ms``.
    """
    plain, *given = keyword.split("__")
    name = _KEYWORDS.get(plain)
    if name is None and keyword.startswith("on_"):
        if plain == "on" or not _EVENT.fullmatch(plain.removeprefix("on_")) or "" in given:
            msg = f"{keyword} names no event. Write on_click or on_input__debounce_200ms"
            raise ValueError(msg)
        name = f"data-on:{plain.removeprefix('on_').replace('_', '-')}"
    elif name is None and plain.startswith("attr_"):
        name = f"data-attr:{plain.removeprefix('attr_').strip('_').replace('_', '-')}"
    elif name is None and "-" in plain and _plugin(plain.lower()) in _WITH_MODIFIERS:
        name = plain
    return name and name + modifiers(keyword, given)


_PROGRAMS = frozenset(
    [
        "animate",
        "attr",
        "class",
        "computed",
        "custom-validity",
        "effect",
        "init",
        "json-signals",
        "match-media",
        "on",
        "on-intersect",
        "on-interval",
        "on-raf",
        "on-resize",
        "on-signal-patch",
        "on-signal-patch-filter",
        "persist",
        "query-string",
        "replace-url",
        "scroll-into-view",
        "show",
        "signals",
        "style",
        "text",
        "view-transition",
    ]
)
_SIGNAL_NAMES = frozenset({"bind", "indicator", "ref"})
_WITH_MODIFIERS = _PROGRAMS | _SIGNAL_NAMES


def is_program(attribute: str) -> bool:
    """Say whether Datastar would run the value of this (lower-case) attribute."""
    return _plugin(attribute) in _PROGRAMS


def is_signal_name(attribute: str) -> bool:
    """Say whether the value of this (lower-case) attribute names a signal."""
    return _plugin(attribute) in _SIGNAL_NAMES


def _plugin(attribute: str) -> str:
    if not attribute.startswith("data-"):
        return ""
    return attribute[5:].split("__", 1)[0].split(":", 1)[0]
