"""A part of a page asked for alone: `?_ask=<kind>:<component key>[:<more>]` at the page's own URL.

The page's handler runs as usual, so what the page allows and was given goes for its parts too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from urllib.parse import urlencode

from nitro_templates.component import Component
from nitro_templates.html import Element

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

__all__ = ["PARAMETER", "Answerer", "Ask", "Download", "ask_in", "ask_url", "find_answerer"]

PARAMETER = "_ask"
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody wants of one component: ``options:form-City-1:country_id``.

    *rest* is what stands behind the key, *params* the parameters that begin with ``_``.
    """

    kind: str
    key: str
    rest: tuple[str, ...] = ()
    params: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def param(self, name: str) -> str:
        """Answer the last value of a parameter, nothing if it was not given."""
        values = self.params.get(name)
        return values[-1] if values else ""


@dataclass(frozen=True, slots=True)
class Download:
    """An answer that is no HTML: sent as it comes, and kept as a file if it has a name.

    *chunks* is read in worker threads, one chunk at a time; a list or tuple is sent at once.
    """

    content_type: str
    chunks: Iterable[bytes]
    filename: str | None = None


@runtime_checkable
class Answerer(Protocol):
    """A component that can be asked for a part of it."""

    @property
    def key(self) -> str:
        """Its name on the page: letters, digits, - and _."""
        ...

    def answer(self, ask: Ask, context: RenderContext, /) -> Element | Download | None:
        """Answer what was asked for, None for a question that it does not know."""
        ...


def ask_in(query: Mapping[str, Sequence[str]]) -> Ask | None:
    """Read what the parameters of a URL ask for; None for something that cannot be read."""
    text = query[PARAMETER][-1] if query.get(PARAMETER) else ""
    kind, _, rest = text.partition(":")
    key, *more = rest.split(":")
    if not kind or not key or len(text) > _LONGEST:
        return None
    own = {n: values for n, values in query.items() if n.startswith("_") and n != PARAMETER}
    return Ask(kind, key, tuple(more), own)


def ask_url(context: RenderContext, kind: str, key: str, *rest: str, **params: str) -> str:
    """Write the URL that asks the component *key* of this page; *params* without their "_"."""
    asked = {PARAMETER: ":".join((kind, key, *rest))}
    asked |= {f"_{name}": value for name, value in params.items()}
    return f"{context.url}{'&' if '?' in context.url else '?'}{urlencode(asked)}"


def find_answerer(value: object, key: str, context: RenderContext) -> Answerer | None:
    """Answer the component called *key* inside *value*, what a handler returned.

    Components that were turned into text before cannot be found.
    """
    if isinstance(value, Answerer):
        if value.key == key:
            return value
        if value.key:  # what can be asked holds nothing else that can, and building it may read
            return None
    for part in _inside(value, context):
        found = find_answerer(part, key, context)
        if found is not None:
            return found
    return None


def _inside(value: object, context: RenderContext) -> Iterator[object]:
    from nitro_templates.page import Page

    if isinstance(value, Page):
        # its content first: what stands around that is seldom asked
        yield value.content
    elif isinstance(value, Element):
        yield from (part for part in value.parts if isinstance(part, Component))
        return
    if isinstance(value, Component):
        yield value.build(context)
