"""From what a picker sends to the key that is stored: what was typed is looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import inside
from nitro_templates.i18n.labels import own

from .picker import PICK, TEXT, WAS
from .related import Related, related_of

if TYPE_CHECKING:
    from nitro_templates.fields.view import FieldView

Found = Callable[[str], "FieldView | None"]


@dataclass(frozen=True, slots=True)
class Understood:
    """The keys that were meant, by name, and what is wrong with the others."""

    values: dict[str, str] = field(default_factory=dict[str, str])
    errors: dict[str, str] = field(default_factory=dict[str, str])


def names_in(fields: Mapping[str, FieldView], sent: Mapping[str, object]) -> dict[str, FieldView]:
    """Answer which of *sent* are inputs of fields with a reference, also inside of others."""
    found: dict[str, FieldView] = {}
    for name in sent:
        plain = name.removeprefix(TEXT).removeprefix(PICK)
        view = field_at(fields, plain)
        if view is not None and view.reference is not None:
            found[plain] = view
    return found


def field_at(fields: Mapping[str, FieldView], path: str) -> FieldView | None:
    """Answer the field called *path*, such as "country_id" or "lines.0.product_id"."""
    first, *rest = path.split(".")
    view = fields.get(first)
    for part in rest:
        if view is None:
            return None
        if view.many and part.isdecimal():
            continue
        view = next((inner for inner in view.fields if inner.name == part), None)
    return view


def understand(
    names: Mapping[str, FieldView], sent: Mapping[str, object], shown: Mapping[str, FieldView]
) -> Understood:
    """Read the inputs called *names* out of *sent*.

    *shown* are the fields as the form showed them, where that offered less than all.
    """
    result = Understood()
    for name, view in names.items():
        related = related_of(shown.get(name, view))
        if related is not None:
            _read(name, view, related, sent, result)
    return result


def _read(
    name: str, view: FieldView, related: Related, sent: Mapping[str, object], result: Understood
) -> None:
    key, typed = _said(name, sent)
    if typed is None:
        result.values[name] = key
        if key and related.allowed(key) is None:
            result.errors[name] = _gone(view)
        return
    found = _by_text(related, typed)
    result.values[name] = found if found is not None else typed
    if found is None:
        result.errors[name] = _unknown(related, typed)


def _said(name: str, sent: Mapping[str, object]) -> tuple[str, str | None]:
    """Answer the key that was chosen, or else the text that was typed without choosing."""
    pick = str(sent.get(PICK + name, ""))
    if pick:
        return pick, None
    key, text = str(sent.get(name, "")), sent.get(TEXT + name)
    if text is None:
        return key, None
    text, was = str(text).strip(), str(sent.get(WAS + name, "")).strip()
    if text == was and (key or not text):
        return key, None
    return ("", None) if not text else ("", text)


def _by_text(related: Related, typed: str) -> str | None:
    called = related.called(typed)
    if len(called) == 1:
        return called[0].key
    by_key = None if called else related.allowed(typed)
    return None if by_key is None else by_key.key


def _unknown(related: Related, typed: str) -> str:
    found = related.options(typed, 20)
    many = f"{len(found.items)}{'+' if found.more else ''}"
    if not found.items:
        return _(
            "No {thing} is called “{text}”. Choose one from the list",
            thing=inside(related.label),
            text=typed,
        )
    if len(found.items) == 1:
        return _("Choose one from the list: “{title}” is similar", title=found.items[0].title)
    said = {"count": many, "things": inside(related.plural), "text": typed}
    return _("Choose one from the list: {count} {things} match “{text}”", **said)


def _gone(view: FieldView) -> str:
    return _(
        "This {field} is not there any more, or cannot be chosen here",
        field=inside(own(view.label)),
    )
