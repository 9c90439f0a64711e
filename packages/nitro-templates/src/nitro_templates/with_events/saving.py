"""``POST /_nitro/views/<slug>``: views of tables are saved, renamed, replaced, shared, deleted."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from nitro_events.http import response
from nitro_events.http.inputs import Input, read_input
from nitro_events.http.problems import BadRequest, Forbidden, NotFound
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.keeping import Kept, keeper
from nitro_events.patches import Patch, patch_elements
from nitro_events.policy import Caller
from nitro_events.resources import FORM_PURPOSE, Seal
from nitro_events.state import state
from nitro_events.texts import Text
from nitro_events.threads import in_thread
from nitro_templates import shell
from nitro_templates.context import RenderContext, rendering
from nitro_templates.i18n import gettext as _
from nitro_templates.page import Page
from nitro_templates.table import TableView
from nitro_templates.table import saved as views
from nitro_templates.table.saved import SavedView, SavedViews
from nitro_templates.tags import A, P

from .context import context_of
from .language import page as written
from .matching import view_again
from .saved import USUAL, place_of, saved_views, usual_id
from .sent import Sent

_NOT_YOU = Text("You may not do this")
_NOT_YOURS = Text("Only who has made a view changes it")
_NO_SUCH = Text("There is no such thing to do")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants done with a view."""

    caller: Caller
    model: type
    table: str
    saved: SavedViews
    pairs: tuple[tuple[str, str], ...]
    name: str
    view: SavedView | None

    @property
    def place(self) -> str:
        """Where it is kept."""
        return place_of(self.caller, self.table, self.model)


class Unwanted(ValueError):
    """It cannot be done; the text is for whoever asked."""


def change_views(request: Request, *, slug: str) -> Coroutine[Any, Any, object]:
    """Answer ``POST /_nitro/views/<slug>``: do with a view what was asked."""
    return _answer(request, slug)


async def _answer(request: Request, slug: str) -> Response:
    given = await read_input(request)
    if given.seal is None:
        msg = Text("Send a form that this application made")
        raise BadRequest(msg)
    payload = state.sealer.open(FORM_PURPOSE, given.seal)
    Seal.from_payload(payload).check(slug, None, views.SEALED_FOR, request.caller.id)
    sent = Sent.with_request(request, payload)
    # the page runs again where its user stands now: what it allows and offers goes for views too
    page = f"{urlsplit(sent.page).path}?{_text(given, views.QUERY)[: views.LONGEST_STATE]}"
    sent = replace(sent, page=page.rstrip("?"))
    view = await view_again(request, sent)
    if not view.definition.saving or view.source.slug != slug:
        raise NotFound
    return await in_thread(_done, request, given, sent, view)


def _done(request: Request, given: Input, sent: Sent, view: TableView) -> Response:
    context = context_of(request, url=sent.page)
    with rendering(context):
        try:
            said, id = _do(request.caller, given, view)
        except Unwanted as trouble:
            return _refused(request, str(trouble), sent, view, context)
        # what was just written is not committed yet, and seen by this request alone
        fresh = context_of(request, url=sent.page)
        assert fresh.saved is not None
        saved = fresh.saved(view.id, view.source.model)
        if id is not None:
            view = replace(view, state=replace(view.state, saved=id))
        if request.is_datastar:
            toast = patch_elements(shell.toast(said), selector="#nitro-toasts", mode="append")
            return response.events([_menu(view, saved, fresh), toast])
        path = urlsplit(sent.page).path
        return response.redirect(f"{path}{view.state.link()}")


def _refused(
    request: Request, text: str, sent: Sent, view: TableView, context: RenderContext
) -> Response:
    assert context.saved is not None
    if request.is_datastar:
        saved = context.saved(view.id, view.source.model)
        return response.events([_menu(view, saved, context, text)])
    back = P(A(_("Back"), href=sent.page))
    return written(str(Page(P(text, role="alert"), back, title=text, live=False)), status=422)


def _menu(view: TableView, saved: SavedViews, context: RenderContext, said: str = "") -> Patch:
    return patch_elements(str(views.menu(view, saved, context, said)))


def _do(caller: Caller, given: Input, view: TableView) -> tuple[str, str | None]:
    """Do what was asked; answer what to say, and which view is shown then."""
    model = view.source.model
    saved = saved_views(caller, view.id, model)
    if not saved.may_save:
        raise Forbidden(_NOT_YOU)
    name = " ".join(_text(given, views.NAME).split())
    which = saved.named(_text(given, views.WHICH))
    pairs = views.pairs_of(view.state)
    asked = Asked(caller, model, view.id, saved, pairs, name, which)
    what = _text(given, views.WHAT) or "save"
    if what == "save":
        if view.state.problems:
            raise Unwanted(" ".join(view.state.problems))
        return _save(asked)
    if which is None:
        raise Unwanted(_("This view is not there any more."))
    if what in _OF_ANY:
        return _OF_ANY[what](asked, which)
    if what not in _OF_MINE:
        raise BadRequest(_NO_SUCH)
    if not which.mine:
        raise Forbidden(_NOT_YOURS)
    if what == "replace" and view.state.problems:
        raise Unwanted(" ".join(view.state.problems))
    return _OF_MINE[what](asked, which)


def _save(asked: Asked) -> tuple[str, str]:
    _check_name(asked, None)
    if sum(view.mine for view in asked.saved.views) >= views.MOST:
        text = _("You keep {most} views of this table. Delete one first.", most=views.MOST)
        raise Unwanted(text)
    id = secrets.token_urlsafe(12)
    _keep(asked, SavedView(id, asked.name, asked.pairs))
    return _("View “{name}” saved", name=asked.name), id


def _check_name(asked: Asked, view: SavedView | None) -> None:
    if not asked.name:
        raise Unwanted(_("Give the view a name."))
    if len(asked.name) > views.LONGEST_NAME or not asked.name.isprintable():
        text = _("A name has {most} characters at most.", most=views.LONGEST_NAME)
        raise Unwanted(text)
    same = (one for one in asked.saved.views if one.mine and one != view)
    if any(one.name.casefold() == asked.name.casefold() for one in same):
        text = _("You have a view “{name}” already. Replace that, or take another name.")
        raise Unwanted(text.format(name=asked.name))


def _keep(asked: Asked, view: SavedView) -> None:
    said = json.dumps({"pairs": view.pairs, "by": asked.caller.label}).encode()
    if len(said) > 2 * views.LONGEST_STATE:
        raise Unwanted(_("This is too much for one view. Take some conditions away."))
    kept = Kept(view.id, asked.place, asked.caller.id, view.name, said, view.shared)
    keeper().keep(kept, asked.model)


def _rename(asked: Asked, view: SavedView) -> tuple[str, str | None]:
    _check_name(asked, view)
    _keep(asked, replace(view, name=asked.name))
    return _("View “{name}” saved", name=asked.name), None


def _replace(asked: Asked, view: SavedView) -> tuple[str, str | None]:
    _keep(asked, replace(view, pairs=asked.pairs))
    return _("View “{name}” saved", name=view.name), view.id


def _delete(asked: Asked, view: SavedView) -> tuple[str, str | None]:
    gone = [view.id, *([usual_id(asked.place, asked.caller)] if _is_usual(asked, view) else [])]
    keeper().forget(gone, asked.model, lasting=True)
    return _("View “{name}” deleted", name=view.name), views.PLAIN


def _share(asked: Asked, view: SavedView) -> tuple[str, str | None]:
    if not asked.saved.may_share:
        raise Forbidden(_NOT_YOU)
    _keep(asked, replace(view, shared=True))
    return _("View “{name}” is shared with all who see this table", name=view.name), None


def _hide(asked: Asked, view: SavedView) -> tuple[str, str | None]:
    _keep(asked, replace(view, shared=False))
    return _("View “{name}” is yours alone again", name=view.name), None


def _usual(asked: Asked, view: SavedView) -> tuple[str, str | None]:
    id = usual_id(asked.place, asked.caller)
    kept = Kept(id, asked.place, asked.caller.id, USUAL, view.id.encode())
    keeper().keep(kept, asked.model)
    return _("View “{name}” opens by itself from now on", name=view.name), None


def _unusual(asked: Asked, view: SavedView) -> tuple[str, str | None]:
    keeper().forget([usual_id(asked.place, asked.caller)], asked.model, lasting=True)
    return _("View “{name}” opens no longer by itself", name=view.name), None


def _is_usual(asked: Asked, view: SavedView) -> bool:
    return asked.saved.usual == view.id


def _text(given: Input, name: str) -> str:
    value = given.values.get(name)
    return value if isinstance(value, str) else ""


_Doing = Callable[[Asked, SavedView], tuple[str, str | None]]
_OF_ANY: dict[str, _Doing] = {"usual": _usual, "unusual": _unusual}
_OF_MINE: dict[str, _Doing] = {
    "rename": _rename,
    "replace": _replace,
    "delete": _delete,
    "share": _share,
    "hide": _hide,
}
