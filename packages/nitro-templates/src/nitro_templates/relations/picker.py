"""A box to search for one of many, after the combobox pattern of WAI-ARIA.

It works without scripts too: there the title, or the id, is typed and found on the server.
"""

from __future__ import annotations

from collections.abc import Mapping

from nitro_templates.fields.shown import Shown
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import inside

from .related import Option, Related, related_of

TEXT, WAS, PICK = "_text.", "_was.", "_pick."
"""Before the name of a field: what was typed, what stood there, what was picked of several."""
MOST = 20
"""How many are offered at once. Where there are no more, a plain select shows all of them."""

_div, _span, _input, _button = Tag("div"), Tag("span"), Tag("input", void=True), Tag("button")
_select, _option, _ul, _noscript, _label = (
    Tag("select"),
    Tag("option"),
    Tag("ul"),
    Tag("noscript"),
    Tag("label"),
)


def widget(shown: Shown) -> Element:
    """The input of a field with a reference: a select of a few, or a picker."""
    related = related_of(shown.field)
    if related is None:
        return _input(type="text", value=shown.text, **shown.attributes)
    few = related.few(MOST)
    chosen = _chosen(related, shown.text, few)
    if few is not None and (chosen is not None or not shown.text):
        return _plain_select(shown, few, chosen)
    return picker(
        related,
        name=shown.name,
        id=shown.id,
        label=shown.field.label,
        chosen=chosen,
        typed="" if chosen is not None else shown.text,
        optional=shown.field.optional,
        attributes=shown.attributes,
    )


def picker(
    related: Related,
    *,
    name: str,
    id: str,
    label: str,
    chosen: Option | None = None,
    typed: str = "",
    optional: bool = True,
    attributes: Mapping[str, object] | None = None,
) -> Element:
    """Choose one of *related* by typing a part of its title.

    The hidden input called *name* carries the key. *typed* is what was written without being
    chosen. The component around it answers the question "options", with the name behind its
    key: the key is the id of the nearest form, or its ``data-nitro-key``.
    """
    text = chosen.title if chosen is not None else typed
    own = {**(attributes or {}), "id": id, "name": TEXT + name, "autocomplete": "off"}
    box = _input(
        type="text",
        value=text,
        role="combobox",
        aria_autocomplete="list",
        aria_expanded="false",
        aria_controls=f"{id}-list",
        spellcheck="false",
        placeholder=_("Search {things}", things=inside(related.plural)),
        **own,
    )
    return _div(
        box,
        _clear(id, label) if optional else None,
        _input(type="hidden", name=name, value="" if chosen is None else chosen.key),
        _input(type="hidden", name=WAS + name, value="" if chosen is None else chosen.title),
        _ul(
            id=f"{id}-list",
            role="listbox",
            aria_label=related.plural,
            hidden=True,
            data_ignore_morph=True,
        ),
        _span(role="status", cls="nitro-hidden", data_ignore_morph=True),
        _without_scripts(related, name, typed) if typed else None,
        cls="nitro-picker",
        data_nitro_picker=name,
    )


def _clear(id: str, label: str) -> Element:
    return _button(
        "\N{MULTIPLICATION SIGN}",
        type="button",
        cls="nitro-clear nitro-scripted",
        id=f"{id}-clear",
        data_nitro_clear=True,
        aria_label=_("Clear {field}", field=inside(label)),
    )


def _plain_select(shown: Shown, few: tuple[Option, ...], chosen: Option | None) -> Element:
    options = list[Element]()
    optional = shown.field.optional
    if optional or chosen is None:
        empty = "—" if optional else _("Choose {field}", field=inside(shown.field.label))
        options.append(_option(empty, value="", selected=chosen is None))
    if chosen is not None and chosen not in few:
        few = (chosen, *few)
    options.extend(_option(one.title, value=one.key, selected=one == chosen) for one in few)
    return _select(options, **shown.attributes)


def _chosen(related: Related, key: str, few: tuple[Option, ...] | None) -> Option | None:
    if not key:
        return None
    found = next((one for one in few or () if one.key == key), None)
    return found or related.titles([key]).get(key)


def _without_scripts(related: Related, name: str, typed: str) -> Element:
    found = related.options(typed, MOST)
    if not found.items:
        return _noscript(_("Nothing is called “{text}”.", text=typed))
    options = [_option(one.title, value=one.key) for one in found.items]
    first = _option(_("Choose one of these"), value="")
    return _noscript(_label(_("Did you mean"), " ", _select(first, options, name=PICK + name)))
