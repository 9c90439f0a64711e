"""A published patch as it goes over the wire, encoded once for everybody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Frame", "coalesced"]

_LOOKED_AT: Final = 256 * 1024
_FIELD: Final = re.compile(rb"^data: (selector|mode|elements) ?(.*)$", re.MULTILINE)
_FIRST_TAG: Final = re.compile(rb"<([A-Za-z][\w-]*)")
_ATTRIBUTE: Final = re.compile(
    rb"""\s+([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?"""
)
_SIMPLE_ID: Final = re.compile(rb"#([A-Za-z_][\w-]*)\Z")


class Frame:
    """The bytes of one event at its *position*; 0 for one whose position here is not known."""

    __slots__ = ("_target", "data", "position")

    def __init__(self, position: int, data: bytes) -> None:
        self.position = position
        self.data = data
        self._target: bytes | None = None

    def __repr__(self) -> str:
        return f"<Frame {self.position}, {len(self.data)} bytes>"

    @property
    def is_elements(self) -> bool:
        """Whether it patches elements."""
        return self.data.startswith(b"event: datastar-patch-elements\n")

    @property
    def target(self) -> bytes:
        """The one element whose state this sets as a whole, empty if it is anything else.

        Of two frames with the same target the later one says all that the earlier one said.
        """
        if self._target is None:
            small = len(self.data) <= _LOOKED_AT
            self._target = _target(self.data) if small and self.is_elements else b""
        return self._target


def coalesced(frames: Iterable[Frame]) -> list[Frame]:
    """Leave out the frames that a later one for the same element makes superfluous.

    The others keep their order. Nothing is left out across a patch that inserts or removes
    elements: what came before it may have been where it had to go.
    """
    kept: dict[object, Frame] = {}
    barriers = 0
    for frame in frames:
        if target := frame.target:
            kept.pop((barriers, target), None)
            kept[barriers, target] = frame
        else:
            barriers += frame.is_elements
            kept[frame] = frame
    return list(kept.values())


def _target(data: bytes) -> bytes:
    selector, mode, lines = b"", b"outer", list[bytes]()
    for field, value in _FIELD.findall(data):
        if field == b"selector":
            selector = value
        elif field == b"mode":
            mode = value
        else:
            lines.append(value)
    named = _SIMPLE_ID.match(selector)
    if mode == b"inner":
        return b"inner " + named[1] if named else b""
    if mode not in (b"outer", b"replace") or (selector and not named):
        return b""
    id = _id_of_only_element(b"\n".join(lines).strip())
    # an element that gets another id is not there any more for the next patch
    fits = id and (named is None or named[1] == id)
    return mode + b" " + id if fits else b""


def _id_of_only_element(markup: bytes) -> bytes:
    """Return the id of the top element; empty if there are several, or it cannot be told."""
    first = _FIRST_TAG.match(markup)
    id = b"" if first is None else _id_of(markup, first.end())
    if first is None or not id:
        return b""
    depth = 0
    for tag in re.finditer(rb"<(/?)" + re.escape(first[1]) + rb"(?=[\s/>])[^>]*>", markup):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return id if tag.end() == len(markup) else b""
    return b""


def _id_of(markup: bytes, begin: int) -> bytes:
    while (attribute := _ATTRIBUTE.match(markup, begin)) is not None:
        if attribute[1].lower() == b"id":
            return attribute[2] or attribute[3] or attribute[4] or b""
        begin = attribute.end()
    return b""
