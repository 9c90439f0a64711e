"""What is sent to a browser: one encoder of Datastar patches for replies and streams.

Only CR, LF and CRLF end a line of an event stream, so only they split markup into several data
lines; and no value may bring a line break into a field that has one line.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NoReturn, Protocol, TypeAlias

from datastar_py import consts

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Markup",
    "Mode",
    "Namespace",
    "Patch",
    "comment",
    "patch_elements",
    "patch_signals",
    "remove_elements",
]

Mode: TypeAlias = Literal[
    "outer", "inner", "replace", "prepend", "append", "before", "after", "remove"
]
Namespace: TypeAlias = Literal["html", "svg", "mathml"]

_ELEMENTS: Final = consts.EventType.PATCH_ELEMENTS.value
_SIGNALS: Final = consts.EventType.PATCH_SIGNALS.value
_MODES: Final = frozenset(mode.value for mode in consts.ElementPatchMode)
_NAMESPACES: Final = frozenset(space.value for space in consts.ElementPatchNamespace)
_NEED_SELECTOR: Final = frozenset({"inner", "prepend", "append", "before", "after", "remove"})
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
# beyond CR, LF and NUL: whatever some parser on the way may take for the end of a line
_UNFIT: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")


class HasHtml(Protocol):
    """An object that knows its own markup."""

    def __html__(self) -> str:
        """Return finished, escaped markup."""
        ...


Markup: TypeAlias = "str | HasHtml"
"""Finished markup: a string that is sent as it is, or an object with ``__html__``."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One event for the browser: its type and its data lines.

    Raises ValueError if a line could end early or start another event.
    """

    event: str
    lines: tuple[str, ...]

    def __post_init__(self) -> None:
        _one_line("event", self.event)
        for line in self.lines:
            if _LINE_END.search(line):
                msg = f"A data line of a patch must not contain a line break, got {line[:80]!r}"
                raise ValueError(msg)

    def encode(self, id: int | str | None = None, *, retry: int | None = None) -> bytes:
        """Return the bytes of the event, with *id* as its position in a stream."""
        head = f"event: {self.event}\n"
        if id is not None:
            head += f"id: {_one_line('id', str(id))}\n"
        if retry is not None:
            head += f"retry: {int(retry)}\n"
        data = "\n".join([f"data: {line}" for line in self.lines])
        # half a surrogate pair cannot be sent; one bad row must not end a stream
        return f"{head}{data}\n\n".encode("utf-8", "replace")


def patch_elements(
    html: Markup,
    *,
    selector: str | None = None,
    mode: Mode = "outer",
    namespace: Namespace | None = None,
    view_transition: bool = False,
    view_transition_selector: str | None = None,
) -> Patch:
    """Return the patch that puts *html* into the page.

    *html* is markup and is sent as it is. Without a *selector* each of its top elements finds
    its place by its id; the modes that insert, and "inner", need one. Raises ValueError for an
    unknown mode, a missing selector and control characters in *selector*.
    """
    if mode not in _MODES:
        msg = f"Unknown patch mode {mode!r}. Modes: {', '.join(sorted(_MODES))}"
        raise ValueError(msg)
    if mode in _NEED_SELECTOR and not selector:
        msg = f"Mode {mode!r} needs a selector that says where, e.g. selector='#list'"
        raise ValueError(msg)
    lines: list[str] = []
    if selector:
        lines.append(f"{consts.SELECTOR_DATALINE_LITERAL} {_one_line('selector', selector)}")
    if mode != "outer":
        lines.append(f"{consts.MODE_DATALINE_LITERAL} {mode}")
    if view_transition:
        lines.append(f"{consts.USE_VIEW_TRANSITION_DATALINE_LITERAL} true")
    if view_transition_selector:
        name = "viewTransitionSelector"
        lines.append(f"{name} {_one_line(name, view_transition_selector)}")
    if namespace is not None and namespace != "html":
        if namespace not in _NAMESPACES:
            msg = f"Unknown namespace {namespace!r}. Namespaces: html, svg, mathml"
            raise ValueError(msg)
        lines.append(f"{consts.NAMESPACE_DATALINE_LITERAL} {namespace}")
    if mode != "remove":
        prefix = consts.ELEMENTS_DATALINE_LITERAL
        lines.extend([f"{prefix} {line}" for line in _LINE_END.split(_markup(html))])
    return Patch(_ELEMENTS, tuple(lines))


def remove_elements(selector: str) -> Patch:
    """Return the patch that removes every element that *selector* finds."""
    return patch_elements("", selector=selector, mode="remove")


def patch_signals(
    signals: Mapping[str, object] | str | bytes, only_if_missing: bool = False
) -> Patch:
    """Return the patch that merges *signals* into those of the page; None removes one.

    Text is JSON already and is sent as it is written. Raises ValueError for NaN, infinities and
    text that is not the JSON of an object, TypeError for values that JSON does not know: the
    client would evaluate what is not JSON as a program.
    """
    lines = [f"{consts.SIGNALS_DATALINE_LITERAL} {line}" for line in _json_lines(signals)]
    if only_if_missing:
        lines.insert(0, f"{consts.ONLY_IF_MISSING_DATALINE_LITERAL} true")
    return Patch(_SIGNALS, tuple(lines))


def _json_lines(signals: Mapping[str, object] | str | bytes) -> list[str]:
    if not isinstance(signals, str | bytes):
        return [json.dumps(signals, separators=(",", ":"), ensure_ascii=False, allow_nan=False)]
    text = signals.decode() if isinstance(signals, bytes) else signals
    if not isinstance(json.loads(text, parse_constant=_no_constant), dict):
        msg = f"Signals are the JSON of an object, got {text[:80]!r}"
        raise ValueError(msg)
    return _LINE_END.split(text)


def _no_constant(name: str) -> NoReturn:
    msg = f"Signals are JSON, which has no {name}"
    raise ValueError(msg)


def comment(text: str = "") -> bytes:
    """Return the bytes of a comment, which clients ignore: a sign of life."""
    return f": {_one_line('comment', text)}\n\n".encode("utf-8", "replace")


def _markup(html: Markup) -> str:
    if type(html) is str:
        return html
    markup = getattr(html, "__html__", None)
    if markup is not None:
        return str(markup())
    if isinstance(html, str):
        return str(html)
    msg = f"Expected markup (str, or an object with __html__), got {type(html).__name__}"
    raise TypeError(msg)


def _one_line(field: str, value: str) -> str:
    if _UNFIT.search(value):
        msg = f"{field} must be one line without control characters, got {value[:80]!r}"
        raise ValueError(msg)
    return value
