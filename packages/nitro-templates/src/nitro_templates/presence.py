"""Who else has this page or this thing open, as long as they have."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from nitro_templates.component import Component
from nitro_templates.components.avatar import Avatar
from nitro_templates.expecting import expect, is_a
from nitro_templates.form.live import Followed
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import ngettext
from nitro_templates.sources import source_of
from nitro_templates.tags import Div, Fragment, Li, P, Span, Ul

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from nitro_templates.context import Here, RenderContext, Somebody
    from nitro_templates.html import Element

__all__ = ["Presence"]

MOST = 5
"""So many are shown one by one; of the others only how many there are."""
MOST_SENTENCES = 2


class Presence(Component):
    """Shows who else is here, live.

    Without *thing* that is who has the same page open, whatever they search or sort there. With
    a stored *thing* it is who has any page with a `Presence` of it open, with a text whoever has
    one with the same text. Beside a form say ``editing=True``: others read that its user is
    editing the thing, and in which field.

    The policy is asked ``"presence"`` for each person that somebody would see.
    """

    __slots__ = ("_editing", "_thing")

    def __init__(self, thing: object = None, *, editing: bool = False) -> None:
        if thing is not None and not isinstance(thing, str):
            _followed(thing)
        expect(is_a(bool)(editing), "Presence(editing=…)", "True or False", editing)
        self._thing = thing
        self._editing = editing

    def __repr__(self) -> str:
        return f"<Presence of {self._thing!r}>" if self._thing is not None else "<Presence>"

    def build(self, context: RenderContext) -> Element:
        """Answer who is here now."""
        view = self._view(context)
        return Fragment() if view is None else view.element()

    def views(self, context: RenderContext) -> Sequence[PresenceView]:
        """Answer the one live view; none where nobody is there to keep it up to date."""
        view = self._view(context)
        return () if view is None else (view,)

    def _view(self, context: RenderContext) -> PresenceView | None:
        found = _place_of(self._thing, context)
        if context.here is None or found is None:
            return None
        place, labels = found
        return PresenceView(context.here, place, labels, self._editing, f"{context.assets}/here")


class PresenceView:
    """Who is at a place, as one person sees it who is there too while a stream shows this."""

    def __init__(
        self, here: Here, place: str, labels: Mapping[str, str], editing: bool, url: str
    ) -> None:
        self._here = here
        self._place = place
        self._labels = labels
        self._editing = editing
        self._url = url
        self._id = f"nitro-here-{zlib.crc32(place.encode()):x}{'-form' if editing else ''}"

    @property
    def key(self) -> Hashable:
        """Each person sees all others, as far as they may."""
        return ("nitro-here", self._place, self._editing, self._here.viewer)

    @property
    def topics(self) -> frozenset[str]:
        """What tells that somebody has come or gone."""
        return frozenset({self._here.topic(self._place)})

    def opened(self) -> Callable[[], None]:
        """Be there; what is answered ends it."""
        return self._here.enter(self._place, editing=self._editing)

    def render(self) -> str:
        """Write who is here now."""
        return str(self.element())

    def element(self) -> Element:
        """Answer who is here now."""
        others = self._here.others(self._place)
        marks: dict[str, object] = {}
        if self._editing:
            mark = self._here.mark(self._place)
            marks = {"data_nitro_here": mark, "data_url": self._url, "data_others": bool(others)}
        return Div(
            self._people(others),
            self._sentences([one for one in others if one.editing]),
            id=self._id,
            cls="nitro-here",
            **marks,
        )

    def _people(self, others: Sequence[Somebody]) -> Element | None:
        known = [one.name for one in others if one.name is not None]
        nameless = len(others) - len(known)
        items = [Li(Avatar(name, size="small", title=name)) for name in known[:MOST]]
        if len(known) > MOST:
            text = ngettext("{count} more", "{count} more", len(known) - MOST)
            items.append(Li(Span(text, cls="nitro-here-count")))
        if nameless:
            items.append(Li(Span(_visitors(nameless), cls="nitro-here-count")))
        return Ul(items, aria_label=_("Also here")) if items else None

    def _sentences(self, editing: Sequence[Somebody]) -> Element:
        named = [one for one in editing if one.name is not None]
        nearest = sorted(named, key=lambda one: one.field is None)[:MOST_SENTENCES]
        shown = [P(self._sentence(one), cls="nitro-here-doing") for one in nearest]
        names = ", ".join([one.name or "" for one in named[:MOST]])
        # read out when somebody begins or ends, and not at each field that they go to
        said = P(_("Editing this now: {names}", names=names) if names else "", role="status")
        return Fragment(shown, Div(said, cls="nitro-hidden"))

    def _sentence(self, one: Somebody) -> str:
        label = self._labels.get(one.field or "")
        if label is None:
            return _("{name} is editing this", name=one.name)
        return _("{name} is editing this: {field}", name=one.name, field=label)


def _visitors(count: int) -> str:
    return ngettext("{count} visitor", "{count} visitors", count)


def _followed(thing: object) -> Followed:
    try:
        source: object = None if isinstance(thing, type) else source_of(thing)
    except TypeError:
        source = None
    if not isinstance(source, Followed):
        msg = (
            f"Presence() takes a stored thing, a text, or nothing for the page, got {thing!r}: "
            f"nothing says whether somebody else has the same one"
        )
        raise TypeError(msg)
    return source


def _place_of(thing: Any, context: RenderContext) -> tuple[str, Mapping[str, str]] | None:
    """Answer where who shows *thing* is, and what the fields there are called.

    None for what one browser alone keeps.
    """
    if thing is None:
        return context.path, {}
    if isinstance(thing, str):
        return f"#{thing}", {}
    followed, source = _followed(thing), source_of(thing)
    labels = {field.name: field.label for field in source.fields}
    return next(((topic, labels) for topic in followed.topics_of(thing)), None)
