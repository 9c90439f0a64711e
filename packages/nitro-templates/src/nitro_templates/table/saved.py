"""Views of a table that are kept under a name: what is known of them, and their menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nitro_templates.datastar import js
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _

from .bulk import sealed
from .reading import read_state
from .state import Pair, ViewState

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

    from .definition import Definition
    from .view import TableView

__all__ = [
    "LONGEST_NAME",
    "MOST",
    "OPERATION",
    "PLAIN",
    "SavedView",
    "SavedViews",
    "menu",
    "with_default",
]

OPERATION, SHARING = "save_view", "share_view"
"""What the policy is asked, about the class."""
SEALED_FOR = "views"
PLAIN = "none"
"""What the URL says in place of a view: not even the usual one of this person."""
MOST = 50
"""How many views one person keeps of one table."""
LONGEST_NAME = 80
LONGEST_STATE = 4000
QUERY, WHICH, WHAT, NAME = "_query", "_view", "_do", "name"
"""What the browser sends: where it stands, which view, what is to be done, a name."""
_SUBMIT = js("@post(nitro.action(el), nitro.form(el))")
_details, _summary, _div, _ul, _li = (Tag(n) for n in ("details", "summary", "div", "ul", "li"))
_a, _form, _button, _label, _span = (Tag(n) for n in ("a", "form", "button", "label", "span"))
_p, _input = Tag("p"), Tag("input", void=True)


@dataclass(frozen=True, slots=True)
class SavedView:
    """One view under its name: the parameters of a URL, without a prefix."""

    id: str
    name: str
    pairs: tuple[Pair, ...]
    mine: bool = True
    shared: bool = False
    by: str | None = None


@dataclass(frozen=True, slots=True)
class SavedViews:
    """The views that somebody may choose from, and what they may do with them."""

    views: tuple[SavedView, ...] = ()
    usual: str | None = None
    """The one that is shown to this person when the URL says nothing."""
    may_save: bool = False
    may_share: bool = False

    def named(self, id: str) -> SavedView | None:
        """Answer the view with this id."""
        return next((view for view in self.views if view.id == id), None)


def pairs_of(state: ViewState) -> tuple[Pair, ...]:
    """Answer what is kept of *state*: all that it says of the table but the place in the list."""
    start = replace(state, prefix="", saved="", others=(), problems=(), exact=False)
    return tuple(start.moved().pairs())


def state_of(view: SavedView, definition: Definition, others: Sequence[Pair]) -> ViewState:
    """Read what was kept, as strictly as a URL: what is not offered any more is left out."""
    query: dict[str, list[str]] = {}
    for name, value in view.pairs:
        query.setdefault(f"{definition.prefix}{name}", []).append(value)
    state = replace(read_state(query, definition), saved=view.id, others=tuple(others))
    if not state.problems:
        return state
    text = _("The view “{name}” names what this table does not offer any more. It was left out.")
    return replace(state, problems=(text.format(name=view.name), *state.problems))


def with_default(state: ViewState, definition: Definition, saved: SavedViews) -> ViewState:
    """Answer *state*, or that of the caller's usual view where the URL says nothing at all."""
    usual = saved.named(saved.usual or "")
    if usual is None or state != ViewState(prefix=state.prefix, others=state.others):
        return state
    return state_of(usual, definition, state.others)


def link_to(view: SavedView | None, state: ViewState) -> str:
    """Write the link to a view, None being the table as it is for everybody."""
    bare = ViewState(prefix=state.prefix, others=state.others, saved=PLAIN)
    if view is None:
        return bare.link()
    pairs = [(state.name(name), value) for name, value in view.pairs]
    return replace(bare, saved=view.id, others=(*state.others, *pairs)).link()


def menu(view: TableView, saved: SavedViews, context: RenderContext, said: str = "") -> Element:
    """Answer the menu; *said* is what was wrong with what was asked last."""
    state, slug = view.state, view.source.slug or ""
    chosen = saved.named(state.saved)
    seal = sealed(slug, SEALED_FOR, view.id, context)
    items = [_item(one, view, saved, context, seal) for one in saved.views]
    return _details(
        _summary(
            _("View: {name}", name=chosen.name) if chosen else _("Views"), cls="nitro-button"
        ),
        _div(
            _p(said, role="alert", cls="nitro-error") if said else None,
            _ul(
                _li(
                    _a(
                        view.caption,
                        href=link_to(None, state),
                        aria_current=None if chosen else "true",
                    ),
                    _span(_("as it is without a view"), cls="nitro-help"),
                ),
                items,
                cls="nitro-views",
            ),
            _new(view, context, seal) if saved.may_save else None,
        ),
        cls="nitro-panel",
        id=f"{view.id}-views",
        open=bool(said),
        data_nitro_views=True,
        data_preserve_attr="open",
    )


def _item(
    one: SavedView,
    view: TableView,
    saved: SavedViews,
    context: RenderContext,
    seal: Element | None,
) -> Element:
    chosen, usual = one.id == view.state.saved, one.id == saved.usual
    by = _("shared by {name}", name=one.by) if one.by else _("shared by somebody else")
    marks = [
        _("opens by itself") if usual else "",
        _("shared with others") if one.mine and one.shared else "",
        "" if one.mine else by,
    ]
    return _li(
        _a(one.name, href=link_to(one, view.state), aria_current="true" if chosen else None),
        _span(", ".join(filter(None, marks)), cls="nitro-help") if any(marks) else None,
        _changes(one, view, saved, context, seal, usual=usual) if saved.may_save else None,
    )


def _changes(
    one: SavedView,
    view: TableView,
    saved: SavedViews,
    context: RenderContext,
    seal: Element | None,
    *,
    usual: bool,
) -> Element:
    box = f"{view.id}-view-{one.id}"
    own = [
        _label(_("Name"), for_=box),
        _input(type="text", name=NAME, value=one.name, id=box, maxlength=LONGEST_NAME),
        _do("rename", _("Rename")),
        _do("replace", _("Replace by what is shown now")),
    ]
    share = _do("hide", _("Share no longer")) if one.shared else _do("share", _("Share"))
    return _details(
        _summary(_span(_("Change"), _span(f" {one.name}", cls="nitro-hidden"))),
        _form(
            seal,
            _hidden(WHICH, one.id),
            _where(view),
            own if one.mine else None,
            _do("unusual", _("Open no longer by itself"))
            if usual
            else _do("usual", _("Open by itself")),
            share if one.mine and (saved.may_share or one.shared) else None,
            _do("delete", _("Delete"), "danger") if one.mine else None,
            **_sent(view, context),
        ),
        id=f"{box}-change",
        data_preserve_attr="open",
    )


def _new(view: TableView, context: RenderContext, seal: Element | None) -> Element:
    box = f"{view.id}-view-new"
    return _form(
        seal,
        _where(view),
        _label(_("Save what is shown now as"), for_=box),
        _input(type="text", name=NAME, id=box, maxlength=LONGEST_NAME, autocomplete="off"),
        _do("save", _("Save view"), "primary"),
        **_sent(view, context),
    )


def _sent(view: TableView, context: RenderContext) -> dict[str, object]:
    return {
        "method": "post",
        "action": context.links.views(view.source.slug or ""),
        "cls": "nitro-view-form",
        "on_submit": _SUBMIT if context.live else None,
    }


def _where(view: TableView) -> Element:
    # what stands in the address by then, which scripts change without this menu
    query = view.state.link().removeprefix("?")
    return _input(type="hidden", name=QUERY, value=query, data_nitro_query=True)


def _do(what: str, label: str, look: str = "") -> Element:
    cls = f"nitro-button {look}".strip()
    return _button(label, type="submit", name=WHAT, value=what, cls=cls)


def _hidden(name: str, value: str) -> Element:
    return _input(type="hidden", name=name, value=value)
