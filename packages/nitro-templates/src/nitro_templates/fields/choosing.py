"""Inputs to choose with: a box to tick, one of several, some of several."""

from __future__ import annotations

from collections.abc import Iterable

from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import inside

from .parts import group_attributes, legend, presence
from .shown import Shown, nested_id
from .tree import items_in, leaf_text, read_tree
from .view import Choice

_input, _label = Tag("input", void=True), Tag("label")
_select, _option, _fieldset, _div = Tag("select"), Tag("option"), Tag("fieldset"), Tag("div")
TICKED = frozenset({"true", "on", "1"})


def checkbox(shown: Shown) -> Element:
    """A box to tick."""
    return _input(type="checkbox", value="true", checked=shown.text in TICKED, **shown.attributes)


def select(shown: Shown) -> Element:
    """One of the choices; a value that is none of them stays visible."""
    field = shown.field
    options = options_of(shown.text, field.choices, label=field.label, optional=field.optional)
    return _select(options, **shown.attributes)


def options_of(
    text: str, choices: Iterable[Choice], *, label: str, optional: bool
) -> list[Element]:
    """Answer the options of a select that shows *text*, which may be none of *choices*."""
    choices, options = list(choices), list[Element]()
    known = {choice.value for choice in choices}
    if optional or text == "":
        empty = "—" if optional else _("Choose {field}", field=inside(label))
        options.append(_option(empty, value="", selected=text == ""))
    if text not in known and text != "":
        options.append(_option(text, value=text, selected=True))
    options.extend(
        _option(choice.label, value=choice.value, selected=choice.value == text)
        for choice in choices
    )
    return options


def checkboxes(shown: Shown) -> Element:
    """Some of the choices, a box for each; a value that is none of them stays visible."""
    field = shown.field
    ticked = [leaf_text(value) for value in items_in(read_tree(shown.text))]
    known = {choice.value for choice in field.choices}
    strange = [Choice(value, value) for value in dict.fromkeys(ticked) if value not in known]
    return _fieldset(
        legend(shown),
        presence(shown.name) if shown.text else None,
        [
            _box(shown, number, choice, choice.value in ticked)
            for number, choice in enumerate([*field.choices, *strange])
        ],
        **group_attributes(shown),
        cls="nitro-group nitro-checkboxes",
    )


def _box(shown: Shown, number: int, choice: Choice, checked: bool) -> Element:
    id = nested_id(shown.id, f".{number}")
    box = _input(type="checkbox", name=shown.name, value=choice.value, checked=checked, id=id)
    return _div(box, _label(choice.label, for_=id), cls="nitro-choice")
