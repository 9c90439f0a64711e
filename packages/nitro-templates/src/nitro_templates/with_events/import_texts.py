"""What is meant by the texts of a file, which are written for people."""

from __future__ import annotations

from collections.abc import Callable

from nitro_events.fields import Field
from nitro_templates.fields.view import FieldView
from nitro_templates.i18n import gettext as _
from nitro_templates.relations import related_of

__all__ = ["reader_of"]

_TRUE = frozenset({"true", "yes", "y", "1", "on", "x"})
_FALSE = frozenset({"false", "no", "n", "0", "off"})


def reader_of(view: FieldView | None, item: Field) -> Callable[[str], str]:
    """Answer what makes of a text in a file what a form would send, or raises ValueError."""
    if item.boolean:
        return _yes_or_no
    if view is not None and view.reference is not None:
        return _Titles(view)
    if view is not None and view.choices:
        choices = {choice.label.casefold(): choice.value for choice in view.choices}
        values = {choice.value for choice in view.choices}
        return lambda text: text if text in values else choices.get(text.casefold(), text)
    return _as_it_is


class _Titles:
    """What is meant by a text that refers to something: its key, or its title."""

    def __init__(self, view: FieldView) -> None:
        self._related = related_of(view)
        self._known: dict[str, str | None] = {}

    def __call__(self, text: str) -> str:
        related = self._related
        if related is None:
            return text
        if text not in self._known:
            called = related.called(text)
            one = called[0] if len(called) == 1 else related.allowed(text)
            self._known[text] = None if one is None else one.key
        key = self._known[text]
        if key is None:
            raise ValueError(_("There is no “{text}”, or there are several", text=text[:80]))
        return key


def _yes_or_no(text: str) -> str:
    plain = text.casefold()
    if plain in _TRUE or plain == _("Yes").casefold():
        return "true"
    if plain in _FALSE or plain == _("No").casefold():
        return "false"
    raise ValueError(_("Write yes or no"))


def _as_it_is(text: str) -> str:
    return text
