"""Attributes that follow signals: classes, styles, attributes and computed signals by name.

A name that HTML would not change has an attribute of its own (``data-class:active="$x"``), other
classes stand in an object. Names are quoted as data there, expressions are the author's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from nitro_templates.datastar import (
    Expression,
    expression_of,
    quoted_json,
    signal_name,
)
from nitro_templates.escape import escape

__all__ = [
    "is_live",
    "write_attr",
    "write_class",
    "write_computed",
    "write_filter",
    "write_ignore",
    "write_names",
    "write_style",
]

URLS = frozenset(
    [
        "action",
        "background",
        "by",
        "cite",
        "codebase",
        "data",
        "formaction",
        "from",
        "href",
        "icon",
        "longdesc",
        "manifest",
        "ping",
        "poster",
        "src",
        "to",
        "values",
        "xlink:href",
    ]
)
"""Attributes whose value a browser loads, or even runs."""
_FIT_FOR_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_FIT_FOR_STYLE = re.compile(r"-{0,2}[a-z][a-z0-9]*([-_][a-z0-9]+)*", re.ASCII)
_ATTRIBUTE = re.compile(r"[a-z_][a-z0-9_.:-]*", re.ASCII)


def is_live(value: object) -> bool:
    """Say whether *value* is an expression, and not text."""
    return isinstance(value, Expression) or hasattr(type(value), "__nitro_expression__")


def write_class(live: Mapping[str, object]) -> str:
    """Write the classes that come and go."""
    text = ""
    others: dict[str, str] = {}
    for name, value in live.items():
        code = expression_of(f"class {name!r}", value)
        if _FIT_FOR_KEY.fullmatch(name):
            text += f' data-class:{name}="{escape(code)}"'
        else:
            others[name] = code
    return text + (_object("data-class", others) if others else "")


def write_style(live: Mapping[str, object]) -> str:
    """Write the properties that follow signals."""
    text = ""
    for name, value in live.items():
        if not _FIT_FOR_STYLE.fullmatch(name):  # HTML and Datastar would change it
            msg = f"The style {name!r} can follow signals only if it is written in small letters"
            raise ValueError(msg)
        text += f' data-style:{name}="{escape(expression_of(f"style {name}", value))}"'
    return text


def _object(attribute: str, codes: Mapping[str, str], arrow: str = "") -> str:
    # each in brackets and on a line of its own, so that a comment ends with it
    members = [f"{quoted_json(name)}: {arrow}(\n{code}\n)" for name, code in codes.items()]
    return f' {attribute}="{escape("{" + ", ".join(members) + "}")}"'


def write_attr(start: str, value: object) -> str:
    """Write ``attr={"title": js("$t")}``, or (*start* says which) ``attr_title=js("$t")``."""
    _, _, key = start.partition(":")
    if key:
        return _write_attr(key.split("__", 1)[0], value)
    if not isinstance(value, Mapping):
        msg = f'attr takes a mapping such as {{"title": js("$t")}}, not {type(value).__name__}'
        raise TypeError(msg)
    named = cast("Mapping[object, object]", value)
    return "".join([_write_attr(str(name), given) for name, given in named.items()])


def _write_attr(name: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = name.lower() if ":" in name else name.lower().replace("_", "-").strip("-")
    if not _ATTRIBUTE.fullmatch(name) or "__" in name:
        msg = f"{name!r} is not the name of an attribute"
        raise ValueError(msg)
    if name.startswith("on") or name in ("srcdoc", "style"):
        msg = (
            f"attr cannot set {name}: the value of a signal would be run. Use on_… or style={{…}}"
        )
        raise ValueError(msg)
    code = expression_of(f"attr {name}", value)
    if name in URLS:
        code = _harmless_url(code)
    return f' data-attr:{name}="{escape(code)}"'


def _harmless_url(code: str) -> str:
    # What `safe_url` is on the server: a browser must not be led to run what a signal holds.
    schemes = '["http:", "https:", "mailto:", "tel:", "sms:"]'
    return (
        "((url, a) => (url === false || url == null ? url : "
        f'(a.href = url, {schemes}.includes(a.protocol) ? url : "#")))'
        f'((\n{code}\n), document.createElement("a"))'
    )


def write_computed(start: str, value: object) -> str:
    """Write ``computed={"double": js("$n * 2")}``."""
    if not isinstance(value, Mapping):
        kind = type(value).__name__
        msg = f'computed takes a mapping such as {{"double": js("$n * 2")}}, not {kind}'
        raise TypeError(msg)
    codes: dict[str, str] = {}
    for name, given in cast("Mapping[object, object]", value).items():
        known = signal_name("computed", name)
        if "." in known:
            msg = f"computed cannot fill {known!r}: name a signal without a dot"
            raise ValueError(msg)
        codes[known] = expression_of(f"computed {known}", given)
    return _object(start.strip(), codes, "() => ") if codes else ""


def write_filter(start: str, value: object) -> str:
    """Write which signals are meant: a name or names, or ``{"include": …, "exclude": …}``."""
    if value is True or value is False:
        return start if value and "filter" not in start else ""
    if is_live(value):
        return f'{start}="{escape(expression_of(start.strip(), value))}"'
    parts: Mapping[object, object] = {"include": value}
    if isinstance(value, Mapping):
        parts = cast("Mapping[object, object]", value)
    unknown = parts.keys() - {"include", "exclude"}
    if unknown:
        msg = f"{start.strip()} takes include and exclude, not {min(map(repr, unknown))}"
        raise ValueError(msg)
    patterns = [f"{part}: {_pattern(start, names)}" for part, names in parts.items()]
    return f'{start}="{escape("{" + ", ".join(patterns) + "}")}"'


def _pattern(start: str, value: object) -> str:
    given: Sequence[object] = [value]
    if isinstance(value, (list, tuple)):
        given = cast("Sequence[object]", value)
    names = [signal_name(start.strip(), name).replace(".", "[.]") for name in given]
    return f"/^({'|'.join(names)})([.]|$)/"


def write_ignore(start: str, value: object) -> str:
    """Write ``ignore=True``, or ``ignore="self"`` to leave only the element itself alone."""
    if isinstance(value, bool):
        return start if value else ""
    if value == "self" and start == " data-ignore":
        return f"{start}__self"
    known = 'True, False or "self"' if start == " data-ignore" else "True or False"
    msg = f"{start.strip()} is {known}, not {value!r}"
    raise ValueError(msg)


def write_names(start: str, value: object) -> str:
    """Write ``preserve_attr="open"``: names of attributes, as text or a list."""
    words = cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else [value]
    names = [word for text in words for word in str(text).split()]
    bad = [name for name in names if not _ATTRIBUTE.fullmatch(name.lower())]
    if bad or not names or isinstance(value, bool):
        msg = f'{start.strip()}={value!r}: give the names of attributes, such as "open class"'
        raise ValueError(msg)
    return f'{start}="{escape(" ".join(names))}"'
