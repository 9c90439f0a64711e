"""What a component may know of the request that it is rendered for."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from nitro_templates.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Mapping
    from datetime import datetime

__all__ = [
    "Conflict",
    "FormState",
    "Links",
    "LiveView",
    "PlainLinks",
    "RenderContext",
    "Sealer",
    "current_context",
    "rendering",
]


class LiveView(Protocol):
    """A part of a page that its stream sends again when one of its topics changes.

    Views of equal *key* are rendered once for everybody. What `render` answers has
    one top element with an id.
    """

    @property
    def key(self) -> Hashable:
        """Equal for views that show the same."""
        ...

    @property
    def topics(self) -> frozenset[str]:
        """What it shows: "City" for every city, "City:<id>" for one."""
        ...

    def render(self) -> str:
        """Answer its HTML as of now; may read the store."""
        ...


class Links(Protocol):
    """The URLs of the generated pages and commands; *slug* is the plural of a class."""

    def create(self, slug: str) -> str:
        """Answer where a new one is posted to."""
        ...

    def new(self, slug: str) -> str:
        """Answer the page with the form for a new one."""
        ...

    def edit(self, slug: str, id: str) -> str:
        """Answer the page with the form for this one."""
        ...

    def update(self, slug: str, id: str) -> str:
        """Answer where the changes of this one are posted to."""
        ...

    def delete(self, slug: str, id: str) -> str:
        """Answer the page that asks, and the URL that deletes when posted to."""
        ...

    def action(self, slug: str, id: str | None, name: str) -> str:
        """Answer the URL of a declared action; without *id*, one of the class."""
        ...

    def bulk(self, slug: str, name: str) -> str:
        """Answer where deletion or an action is posted to that many are meant by."""
        ...


class Sealer(Protocol):
    """Signs what a form carries to the browser and back."""

    def sign(self, purpose: str, payload: dict[str, object]) -> str:
        """Answer *payload* as signed text, good for *purpose* only."""
        ...

    def open(self, purpose: str, text: str) -> dict[str, object]:
        """Answer the payload; raises ValueError if the text is not ours."""
        ...


@dataclass(frozen=True, slots=True)
class PlainLinks:
    """The scheme of the generated routes, below *prefix*."""

    prefix: str = ""

    def create(self, slug: str) -> str:
        """Answer ``/cities``."""
        return f"{self.prefix}/{_part(slug)}"

    def new(self, slug: str) -> str:
        """Answer ``/cities/new``."""
        return f"{self.prefix}/{_part(slug)}/new"

    def edit(self, slug: str, id: str) -> str:
        """Answer ``/cities/1/edit``."""
        return f"{self.prefix}/{_part(slug)}/{_part(id)}/edit"

    def update(self, slug: str, id: str) -> str:
        """Answer ``/cities/1``."""
        return f"{self.prefix}/{_part(slug)}/{_part(id)}"

    def delete(self, slug: str, id: str) -> str:
        """Answer ``/cities/1/delete``."""
        return f"{self.prefix}/{_part(slug)}/{_part(id)}/delete"

    def action(self, slug: str, id: str | None, name: str) -> str:
        """Answer ``/cities/1/grow``, or ``/cities/import`` without an id."""
        middle = "" if id is None else f"/{_part(id)}"
        return f"{self.prefix}/{_part(slug)}{middle}/{_part(name)}"

    def bulk(self, slug: str, name: str) -> str:
        """Answer ``/_nitro/bulk/cities/grow``."""
        return f"{self.prefix}/_nitro/bulk/{_part(slug)}/{_part(name)}"


def _part(text: object) -> str:
    """One path segment: a slash or a dot-dot in an id must not climb."""
    quoted = quote(str(text), safe="")
    return quoted.replace(".", "%2E") if quoted in {".", ".."} else quoted


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that somebody else changed while this user was changing it."""

    mine: str
    theirs: str
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FormState:
    """What a refused form shows when it comes back: all as the user typed it."""

    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    conflicts: Mapping[str, Conflict] = field(default_factory=dict[str, Conflict])
    notice: str | None = None


def _everything_allowed(operation: str, target: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class RenderContext:
    """The request as components see it. The default is a page without an adapter."""

    path: str = "/"
    """Where it is inside of the application; *url* is what browsers ask for."""
    query: Mapping[str, list[str]] = field(default_factory=dict[str, list[str]])
    url: str = "/"
    links: Links = field(default_factory=PlainLinks)
    sealer: Sealer | None = None
    can: Callable[[str, object], bool] = _everything_allowed
    caller_id: str | None = None
    caller_name: str | None = None
    cursor: str | None = None
    """Where the live stream takes up: the hub's position before anything was read."""
    root: str = ""
    """What addresses of this application begin with below another path, such as ``/shop``."""
    assets: str = "/_nitro"
    """Where our files are."""
    live: bool = False
    """Whether somebody is there to answer live streams, forms and dialogs."""
    lang: str = "en"
    nonce: str | None = None
    forms: Mapping[str, FormState] = field(default_factory=dict[str, FormState])
    """Refused forms by form key."""
    referrer: str | None = None
    token: Callable[[], str] | None = None
    """Signs what says that a click comes from a page of ours; None for an unknown caller."""
    kept: Callable[[], Mapping[str, object]] | None = None
    """Finds the signals with what this browser is to keep; None if the application keeps nothing
    in browsers."""


_DEFAULT = RenderContext()
_current: ContextVar[RenderContext | None] = ContextVar("nitro_render_context", default=None)


def current_context() -> RenderContext:
    """Answer the context of the page being rendered, or of the request being answered."""
    return (
        _current.get() or (state.request_context() if state.request_context else None) or _DEFAULT
    )


@contextmanager
def rendering(context: RenderContext) -> Generator[RenderContext]:
    """Make *context* the current one inside the ``with`` block."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
