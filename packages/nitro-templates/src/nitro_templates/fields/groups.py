"""Fieldsets: a nested model, and a list whose items can be added, removed and moved.

Names are dotted: `address.street`, `lines.0.quantity`, `tags.0`. A name that ends with a dot
says that the group is there, although nothing in it may be sent. The buttons work without
scripts, too: they send the form, and it comes back with one item more or less. Scripts make a
new item from the `<template>`, in which NEW stands for the number.
"""

from __future__ import annotations

from dataclasses import replace

from nitro_templates.html import Element, Tag
from nitro_templates.i18n import current_reader, placed
from nitro_templates.i18n import gettext as _

from .parts import (
    ADD,
    DOWN,
    REMOVE,
    UP,
    action,
    group_attributes,
    inner,
    legend,
    number_of,
    presence,
    row,
    said,
)
from .shown import Shown
from .tree import Tree, items_in, leaf_text, members_in, read_tree, write_tree
from .view import FieldView

_fieldset, _div, _template = Tag("fieldset"), Tag("div"), Tag("template")
NEW = "NEW"


def nested(shown: Shown) -> Element:
    """The fields of a nested model; one that may be missing can be added and removed."""
    if shown.field.optional and shown.number is None:
        return _optional(shown)
    return _fieldset(
        legend(shown),
        _members(shown),
        **group_attributes(shown),
        cls="nitro-group nitro-nested",
    )


def _optional(shown: Shown) -> Element:
    field, there = shown.field, shown.text != ""
    what = lowered(field.label)
    remove = action(REMOVE, shown.name, _("Remove {field}", field=what))

    def block(of: Shown) -> Element:
        return _div(_members(of), _buttons(remove), cls="nitro-item", data_nitro_item=True)

    return _fieldset(
        legend(shown),
        _div(block(shown) if there else None, cls="nitro-items"),
        _template(block(_fresh(shown, blank(field)))),
        action(ADD, shown.name, _("Add {field}", field=what), hidden=there),
        said(),
        **group_attributes(shown),
        cls="nitro-group nitro-nested",
        data_nitro_list=shown.name,
        data_nitro_one=True,
    )


def items(shown: Shown) -> Element:
    """The items of a list, each with buttons to move and remove it, and one to add another."""
    item = _item_view(shown)
    tree = items_in(read_tree(shown.text))
    most = shown.field.limits.get("maxitems")
    last = len(tree) - 1
    return _fieldset(
        legend(shown),
        presence(shown.name) if shown.text else None,
        _div([_item(shown, n, value, last) for n, value in enumerate(tree)], cls="nitro-items"),
        _template(_item(_fresh(shown, None), None, blank(item), last)),
        action(
            ADD,
            shown.name,
            _("Add {field}", field=lowered(item.label)),
            disabled=most is not None and len(tree) >= int(most),
        ),
        said(),
        **group_attributes(shown),
        cls="nitro-group nitro-list",
        data_nitro_list=shown.name,
        data_nitro_most=most,
    )


def blank(view: FieldView) -> Tree:
    """Answer what a new item of a list has in its inputs: the defaults."""
    if view.widget == "nested":
        return {field.name: _start(field) for field in view.fields}
    return _start(view)


def lowered(label: str) -> str:
    """Write *label* inside a sentence: an abbreviation keeps its capitals."""
    if label[:2].isupper() or current_reader().language == "de":
        return label
    return label[:1].lower() + label[1:]


def text_in(view: FieldView, value: object) -> str:
    """Write what stands in the input of *view* for a value of a tree."""
    return write_tree(value) if view.grouped else leaf_text(value)


def _start(field: FieldView) -> Tree:
    if field.widget == "nested" and not field.optional and field.default is None:
        return blank(field)
    return field.default if field.grouped else leaf_text(field.default)  # type: ignore[return-value]


def _members(shown: Shown) -> list[Element]:
    tree = members_in(read_tree(shown.text))
    return [
        presence(shown.name),
        *(
            row(inner(shown, view, f"{shown.name}.{view.name}", text_in(view, value)))
            for view in shown.field.fields
            for value in (tree[view.name] if view.name in tree else _start(view),)
        ),
    ]


def _item(shown: Shown, index: int | None, value: Tree, last: int) -> Element:
    view = _item_view(shown)
    path = f"{shown.name}.{NEW if index is None else index}"
    number = "" if index is None else str(index + 1)
    inside = inner(shown, view, path, text_in(view, value), number)
    about = {"field": lowered(view.label), "number": number_of(inside)}
    up = placed(_("Move {field}{number} up"), **about)
    down = placed(_("Move {field}{number} down"), **about)
    away = placed(_("Remove {field}{number}"), **about)
    return _div(
        row(inside),
        _buttons(
            action(UP, path, *up, sign="↑", disabled=index == 0),
            action(DOWN, path, *down, sign="↓", disabled=index == last),
            action(REMOVE, path, *away, sign="✕"),
        ),
        cls="nitro-item",
        data_nitro_item=True,
    )


def _buttons(*buttons: Element) -> Element:
    return _div(*buttons, cls="nitro-item-buttons")


def _item_view(shown: Shown) -> FieldView:
    item = shown.field.item
    if item is None:
        msg = f"Field {shown.field.name!r} has the widget 'list' and is none: give it a list type"
        raise TypeError(msg)
    return item


def _fresh(shown: Shown, value: Tree) -> Shown:
    return replace(shown, text=write_tree(value), errors={}, invalid=False, focus=False)
