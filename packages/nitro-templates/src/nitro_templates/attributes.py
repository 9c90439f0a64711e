"""Write attributes: names checked once, values escaped always.

Keywords become names like this: ``cls`` and ``class_`` are ``class``, ``for_`` is
``for``, other underscores are hyphens (``data_id``, ``aria_label``, ``http_equiv``).
True writes a bare name, None and False nothing (``aria_*`` and the like spell "true"
and "false"). Lists are joined by spaces, ``cls`` and ``style`` take mappings too.

``signals={...}``, ``bind="name"``, ``on_click=js(...)``, ``show=``, ``text=`` and more are
Datastar's, see `datastar`. A class or a style whose value is ``js(...)`` follows signals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias, cast

from nitro_templates import datastar, reactive
from nitro_templates.escape import HasHtml, escape, escape_exact
from nitro_templates.holes import mark

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ESCAPES", "safe_url", "write_attributes"]

Writer: TypeAlias = Callable[[str, object], str]


def write_attributes(text: str, attributes: Mapping[str, object]) -> str:
    """Answer *text* with *attributes* after it, in the order given.

    Raises ValueError for a name that is none and TypeError for a value that its name
    cannot have (text in an event attribute, an element, bytes).
    """
    for keyword, value in attributes.items():
        start, plain, write = _PLANS[keyword]
        if plain and type(value) is str:
            text += f'{start}="{escape_exact(value)}"'
        elif value is not None:
            try:
                text += write(start, value)
            except TypeError:
                placed = mark(value, (start, plain, write))
                if placed is None:
                    raise
                text += placed
    return text


def _quoted(start: str, text: str) -> str:
    return f'{start}="{escape(text)}"'


def _write_plain(start: str, value: object) -> str:
    if value is True:
        return start
    if value is False:
        return ""
    return _quoted(start, _as_text(start, value))


def _write_spelled(start: str, value: object) -> str:
    if isinstance(value, bool):
        return _quoted(start, "true" if value else "false")
    return _quoted(start, _as_text(start, value))


def _write_data(start: str, value: object) -> str:
    if isinstance(value, Mapping):
        data = cast("Mapping[object, object]", value)
        return _quoted(start, json.dumps(dict(data), allow_nan=False))
    return _write_plain(start, value)


def _as_text(start: str, value: object) -> str:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (list, tuple)):
        given = cast("Sequence[object]", value)
        words = [word for word in given if word is not None and not isinstance(word, bool)]
        return " ".join([_as_text(start, word) for word in words])
    if isinstance(value, (int, float)):
        return str(value)
    kind = type(value)
    refused = (bytes, bytearray, Mapping, set, frozenset, HasHtml, datastar.Expression)
    if isinstance(value, refused) or callable(value) or kind.__str__ is object.__str__:
        msg = f"{start.strip()} cannot be {kind.__name__}. Give text, a number, True or a list"
        raise TypeError(msg)
    return str(value)


def _write_class(start: str, value: object) -> str:
    if isinstance(value, Mapping):
        switches = cast("Mapping[object, object]", value)
        live = {str(name): on for name, on in switches.items() if reactive.is_live(on)}
        words = [str(name) for name, on in switches.items() if str(name) not in live and on]
        text = _quoted(start, " ".join(words)) if words or not live else ""
        return text + reactive.write_class(live)
    if isinstance(value, bool):
        return ""
    return _quoted(start, _as_text(start, value))


_STYLE_NAME = re.compile(r"-{0,2}[A-Za-z][A-Za-z0-9-]*")
_STYLE_LOADS = re.compile(r"(url|image|image-set|src|expression|element|paint)\s*\(", re.I)
_STYLE_SUSPECT = re.compile(r"[^\w \t#%.,()+*/-]", re.ASCII)


def _write_style(start: str, value: object) -> str:
    if not isinstance(value, Mapping):
        return _write_plain(start, value)
    named = cast("Mapping[object, object]", value).items()
    given = {_style_name(name): v for name, v in named if v is not None and v is not False}
    live = {name: v for name, v in given.items() if reactive.is_live(v)}
    static = [f"{name}:{_style_value(v)}" for name, v in given.items() if name not in live]
    text = _quoted(start, ";".join(static)) if static or not live else ""
    return text + reactive.write_style(live)


def _style_name(name: object) -> str:
    text = str(name) if str(name).startswith("--") else str(name).replace("_", "-")
    if not _STYLE_NAME.fullmatch(text):
        msg = f"{name!r} is not the name of a style property"
        raise ValueError(msg)
    return text


def _style_value(value: object) -> str:
    # A value stays one value: what could end the declaration or load something is
    # written as a CSS escape, so that the browser drops the declaration at worst.
    text = _as_text("style", value)
    if _STYLE_LOADS.search(text):
        return "initial"
    return _STYLE_SUSPECT.sub(lambda match: f"\\{ord(match[0]):x} ", text)


_BLANK = re.compile(r"[\x00-\x20\x7f-\x9f]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_SAFE_SCHEMES = frozenset({"http", "https", "mailto", "tel", "sms"})
_SAFE_IMAGE = re.compile(r"data:image/(png|gif|jpeg|webp|avif);base64,[A-Za-z0-9+/=]*", re.I)
_NOWHERE = "#"


def safe_url(url: str) -> str:
    """Answer *url*, or ``#`` if a browser could run it (``javascript:``, ``data:`` …).

    Relative URLs and http, https, mailto, tel and sms pass, and base64 data of the
    usual pixel images.
    """
    if url.startswith(("/", "#", "?", "https://", "http://")):
        return url
    # Browsers drop blanks and control characters before they look at the scheme.
    bare = _BLANK.sub("", url)
    scheme = _SCHEME.match(bare)
    if scheme is None or scheme[1].lower() in _SAFE_SCHEMES or _SAFE_IMAGE.fullmatch(bare):
        return url
    return _NOWHERE


def _write_url(start: str, value: object) -> str:
    if type(value) is str:
        return f'{start}="{_escaped_url(value)}"'
    if isinstance(value, bool):
        return start if value else ""
    return _quoted(start, safe_url(_as_text(start, value)))


def _escaped_url(url: str) -> str:
    return escape_exact(safe_url(url))


def _write_srcdoc(start: str, value: object) -> str:
    # The value is a document of its own: text in it is escaped once more.
    if isinstance(value, HasHtml):
        return _quoted(start, value.__html__())
    return _quoted(start, escape(_as_text(start, value)))


def _write_signals(start: str, value: object) -> str:
    return _quoted(start, datastar.signals_json(start.strip(), value))


def _write_signal_name(start: str, value: object) -> str:
    if value is False:
        return ""
    if value is True and ":" in start:
        return start
    return _quoted(start, datastar.signal_name(start.strip(), value))


def _write_program(start: str, value: object) -> str:
    if value is False:
        return ""
    text = _quoted(start, datastar.expression_of(start.strip(), value))
    extra: object = getattr(type(value), "__nitro_attributes__", None)
    if extra is not None:
        text = write_attributes(text, value.__nitro_attributes__())  # type: ignore[attr-defined]
    return text


_RENAMED = {
    "cls": "class",
    "class_": "class",
    "className": "class",
}
_SPELLED = frozenset({"contenteditable", "draggable", "spellcheck"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]*", re.ASCII)
_MAX_PLANS = 4096


class _Plans(dict[str, tuple[str, bool, Writer]]):
    """How the attribute of each keyword is written, worked out when it is first used."""

    def __missing__(self, keyword: str) -> tuple[str, bool, Writer]:
        name = _name_of(keyword)
        write = _writer_of(keyword, name.lower())
        plan = (f" {name}", write in _PLAIN_FOR_TEXT, write)
        if len(self) < _MAX_PLANS:
            self[keyword] = plan
        return plan


_PLANS = _Plans()


def _name_of(keyword: str) -> str:
    reactive_name = datastar.attribute_name(keyword)
    if reactive_name is not None:
        name = reactive_name
    elif keyword in _RENAMED:
        name = _RENAMED[keyword]
    elif "-" in keyword or ":" in keyword:
        name = keyword
    else:
        name = keyword.rstrip("_").replace("_", "-")
    if not _NAME.fullmatch(name):
        msg = f"{keyword!r} is not the name of an attribute"
        raise ValueError(msg)
    return name


def _writer_of(keyword: str, name: str) -> Writer:
    if name.startswith("on"):
        event = name.removeprefix("on")
        msg = f"{keyword} is an inline script. Use on_{event}=js(...)"
        raise ValueError(msg)
    plugin = name.split("__", 1)[0]
    if plugin in _REACTIVE:
        return _REACTIVE[plugin]
    if plugin.startswith("data-attr:"):
        return reactive.write_attr
    if datastar.is_signal_name(name):
        return _write_signal_name
    if datastar.is_program(name):
        return _write_program
    if name in _SPECIAL:
        return _SPECIAL[name]
    if name in reactive.URLS:
        return _write_url
    if name.startswith("aria-") or name in _SPELLED:
        return _write_spelled
    return _write_data if name.startswith("data-") else _write_plain


_PLAIN_FOR_TEXT = frozenset({_write_plain, _write_spelled, _write_data, _write_class})
"""Writers that do nothing but escape when the value is text."""
ESCAPES: dict[Writer, Callable[[str], str]] = {
    **dict.fromkeys(_PLAIN_FOR_TEXT, escape_exact),
    _write_url: _escaped_url,
}
"""What some writers do with exact text, before it stands between quotes."""
_REACTIVE: dict[str, Writer] = {
    "data-attr": reactive.write_attr,
    "data-computed": reactive.write_computed,
    "data-ignore": reactive.write_ignore,
    "data-ignore-morph": reactive.write_ignore,
    "data-json-signals": reactive.write_filter,
    "data-on-signal-patch-filter": reactive.write_filter,
    "data-preserve-attr": reactive.write_names,
    "data-signals": _write_signals,
}
_SPECIAL: dict[str, Writer] = {
    "class": _write_class,
    "style": _write_style,
    "srcdoc": _write_srcdoc,
}
