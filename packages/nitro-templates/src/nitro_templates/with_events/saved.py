"""Views of tables that are kept for people: where they are kept, and who sees them."""

from __future__ import annotations

import json

from nitro_events.keeping import Keeping, Kept, key_of
from nitro_events.live.tenants import tenant_of
from nitro_events.policy import Caller, can
from nitro_events.state import state
from nitro_templates.table import saved as views
from nitro_templates.table.saved import SavedView, SavedViews

_MOST_SHOWN = 300
USUAL = ""
"""The name, which no view has, of what says which view opens by itself."""


class SavedOf:
    """Finds the views that a caller may choose from: once for each table and rendering."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._found: dict[tuple[str, type], SavedViews] = {}

    def __call__(self, table: str, model: type) -> SavedViews:
        """Answer the views of *table*, which lists *model*."""
        found = self._found.get((table, model))
        if found is None:
            found = self._found[table, model] = saved_views(self._caller, table, model)
        return found


def saved_views(caller: Caller, table: str, model: type) -> SavedViews:
    """Read the views of a table that *caller* keeps, or that others share."""
    keeper = state.part(Keeping).keeper
    if keeper is None:
        return SavedViews()
    place = place_of(caller, table, model)
    kept = keeper.among(place, caller.id, model, most=_MOST_SHOWN)
    found = [_view(one, caller) for one in kept if one.name != USUAL]
    found.sort(key=lambda view: (not view.mine, view.name.casefold(), view.id))
    usual = next((one.data.decode() for one in kept if one.id == usual_id(place, caller)), None)
    may_save = caller.id is not None and can(caller, views.OPERATION, model)
    may_share = may_save and can(caller, views.SHARING, model)
    return SavedViews(tuple(found), usual, may_save, may_share)


def place_of(caller: Caller, table: str, model: type) -> str:
    """Answer where views of a table are kept: those of one tenant are nothing to another."""
    name = f"{model.__module__}.{model.__qualname__}"
    return key_of("views", tenant_of(caller), name, table)


def usual_id(place: str, caller: Caller) -> str:
    """Answer under which id it is kept which view opens by itself."""
    return key_of("usual", place, caller.id)


def _view(kept: Kept, caller: Caller) -> SavedView:
    said = json.loads(kept.data)
    pairs = tuple((str(name), str(value)) for name, value in said["pairs"])
    mine = caller.id is not None and kept.owner == caller.id
    return SavedView(kept.id, kept.name, pairs, mine, kept.shared, said.get("by"))
