"""What a component may know of the request that it is rendered for."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import quote

from nitro_templates.i18n.reader import reader_for, reading
from nitro_templates.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
    from datetime import datetime

    from nitro_templates.i18n.reader import Reader
    from nitro_templates.table.saved import SavedViews
    from nitro_templates.undo import UndoOffer

__all__ = [
    "Conflict",
    "FormState",
    "Here",
    "Links",
    "LiveView",
    "PlainLinks",
    "RenderContext",
    "Sealer",
    "Somebody",
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

    def file(self, slug: str, id: str | None, which: str) -> str:
        """Answer where a file is seen that a thing holds; without *id* where one is uploaded."""
        ...

    def bulk(self, slug: str, name: str) -> str:
        """Answer where deletion or an action is posted to that many are meant by."""
        ...

    def undo(self) -> str:
        """Answer where somebody takes back what was done."""
        ...

    def views(self, slug: str) -> str:
        """Answer where views of a table are saved and changed."""
        ...

    def imports(self, slug: str, step: str) -> str:
        """Answer where a file is posted to that is to be imported, and what becomes of it."""
        ...


class Sealer(Protocol):
    """Signs what a form carries to the browser and back."""

    def sign(self, purpose: str, payload: dict[str, object]) -> str:
        """Answer *payload* as signed text, good for *purpose* only."""
        ...

    def open(self, purpose: str, text: str) -> dict[str, object]:
        """Answer the payload; raises ValueError if the text is not ours."""
        ...


class Somebody(Protocol):
    """One who has the same page or thing open."""

    @property
    def name(self) -> str | None:
        """What others read; None for a visitor without a login."""
        ...

    @property
    def editing(self) -> bool:
        """Whether they have a form of the thing open."""
        ...

    @property
    def field(self) -> str | None:
        """Where in the form they are, if that is known."""
        ...


class Here(Protocol):
    """Who has what open, as far as whoever asks may know."""

    @property
    def viewer(self) -> str:
        """Who asks: equal for all that one person has open."""
        ...

    def topic(self, place: str) -> str:
        """Answer the live topic that tells who comes to *place* and goes."""
        ...

    def enter(self, place: str, *, editing: bool) -> Callable[[], None]:
        """Be at *place* until what is answered is called."""
        ...

    def others(self, place: str) -> Sequence[Somebody]:
        """Answer who else is at *place*."""
        ...

    def mark(self, place: str) -> str:
        """Sign that whoever asks may tell where in a form at *place* they are."""
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

    def file(self, slug: str, id: str | None, which: str) -> str:
        """Answer ``/cities/1/files/<hash>``, or ``/cities/-/files/photo`` without an id."""
        middle = "-" if id is None else _part(id)
        return f"{self.create(slug)}/{middle}/files/{_part(which)}"

    def bulk(self, slug: str, name: str) -> str:
        """Answer ``/_nitro/bulk/cities/grow``."""
        return f"{self.prefix}/_nitro/bulk/{_part(slug)}/{_part(name)}"

    def undo(self) -> str:
        """Answer ``/_nitro/undo``."""
        return f"{self.prefix}/_nitro/undo"

    def views(self, slug: str) -> str:
        """Answer ``/_nitro/views/cities``."""
        return f"{self.prefix}/_nitro/views/{_part(slug)}"

    def imports(self, slug: str, step: str) -> str:
        """Answer ``/_nitro/import/cities/check``."""
        return f"{self.prefix}/_nitro/import/{_part(slug)}/{_part(step)}"


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


def _nothing_undoable(kind: type) -> int:
    return 0


class DraftSeen(Protocol):
    """What was filled in of a form with steps, until it is finished."""

    @property
    def id(self) -> str | None:
        """The id of what it will become."""
        ...

    @property
    def texts(self) -> Mapping[str, str]:
        """What stands in the fields."""
        ...

    @property
    def done(self) -> frozenset[str]:
        """The steps that nothing is wrong with."""
        ...


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
    lang: str | None = None
    """The language of the reader, such as "de" or "de-CH"; None for the configured one."""
    page_lang: str | None = None
    """The language that the page has whoever reads it, as in ``Page(lang="de")``: what it asks
    for is answered in it."""
    zone: str | None = None
    """The time zone of the reader; None for that of each moment."""
    theme: Literal["light", "dark", "system"] | None = None
    """What this reader has chosen with a `ThemeSwitch`; None for no choice."""
    nonce: str | None = None
    forms: Mapping[str, FormState] = field(default_factory=dict[str, FormState])
    """Refused forms by form key."""
    referrer: str | None = None
    token: Callable[[], str] | None = None
    """Signs what says that a click comes from a page of ours; None for an unknown caller."""
    draft: Callable[[type, str], DraftSeen | None] | None = None
    """Finds what the caller has filled in of a form with steps, by class and form key."""
    kept: Callable[[], Mapping[str, object]] | None = None
    """Finds the signals with what this browser is to keep; None if the application keeps nothing
    in browsers."""

    undo: UndoOffer | None = None
    """What the caller has just done, and may take back."""
    undoable: Callable[[type], int] = _nothing_undoable
    """How many of a class can be changed at once so that it can be taken back."""
    here: Here | None = None
    """Who else has what open; None where no streams are served."""
    saved: Callable[[str, type], SavedViews] | None = None
    """Finds the saved views of a table of a class, for the caller."""

    @property
    def reader(self) -> Reader:
        """Who reads what is rendered."""
        return reader_for(self.lang, self.zone or state.default_zone)


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
        with reading(context.reader):
            yield context
    finally:
        _current.reset(token)
