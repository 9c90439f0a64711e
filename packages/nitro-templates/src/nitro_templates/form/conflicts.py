"""What a field says when somebody else has saved another value meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nitro_templates.fields.formats import read_text
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import current_reader, placed
from nitro_templates.i18n import gettext as _

if TYPE_CHECKING:
    from nitro_templates.context import Conflict
    from nitro_templates.fields.view import FieldView

_div, _p, _button, _time = Tag("div"), Tag("p"), Tag("button"), Tag("time")
TAKE = "_take"


def note(field: FieldView, conflict: Conflict, id: str) -> Element:
    """Write both values, and a button that takes the other one; *id* is that of the text."""
    theirs, mine = read_text(field, conflict.theirs), read_text(field, conflict.mine)
    return _div(
        _p(
            _changed(conflict, theirs),
            " ",
            _("You chose “{value}”.", value=mine)
            if field.is_file or field.stored
            else _("You typed “{value}”.", value=mine),
            id=id,
        ),
        _button(
            _("Take theirs"),
            type="submit",
            name=TAKE,
            value=field.name,
            aria_label=_("Take theirs for {field}: {value}", field=field.label, value=theirs),
        ),
        cls="nitro-conflict",
    )


def _changed(conflict: Conflict, theirs: str) -> list[object]:
    said: dict[str, object] = {"value": theirs, "name": conflict.by or _("somebody else")}
    if conflict.at is None:
        return placed(_("Changed to “{value}” by {name}."), **said)
    return placed(_("Changed to “{value}” by {name}, {when}."), when=_moment(conflict.at), **said)


def _moment(at: datetime) -> Element:
    local = current_reader().local
    exactly = at.strftime("%Y-%m-%d %H:%M:%S %Z").strip() if local is None else local.moment(at)
    return _time(ago(datetime.now(at.tzinfo) - at), datetime=at.isoformat(), title=exactly)


def ago(passed: timedelta) -> str:
    """Say how long ago something was, in the largest unit that fits."""
    seconds = int(passed.total_seconds())
    local = current_reader().local
    if seconds <= 0:
        return _("just now")
    if local is not None and local.locale is not None:
        return local.ago(passed)
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        number = seconds // length
        if number > 0:
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return _("just now")
