"""One input per widget. What was typed is always shown again, also where it makes no sense."""

from __future__ import annotations

from nitro_templates.html import Element

from . import choosing, files, groups, moments, numbers, stored, texts
from .dispatch import BUILT_IN as BUILT_IN
from .dispatch import Widget as Widget
from .dispatch import input_of as input_of
from .registry import register_widget as register_widget
from .shown import Shown as Shown
from .shown import nested_id as nested_id


def _relation(shown: Shown) -> Element:
    from nitro_templates.relations.picker import widget

    return widget(shown)


BUILT_IN.update(
    {
        "text": texts.text_input,
        "textarea": texts.textarea,
        "url": texts.url,
        "email": texts.email,
        "phone": texts.phone,
        "colour": texts.colour,
        "timezone": texts.timezone,
        "secret": texts.secret,
        "integer": numbers.integer,
        "decimal": numbers.decimal,
        "money": numbers.decimal,
        "date": moments.date,
        "datetime": moments.datetime,
        "moment": moments.moment,
        "time": moments.time,
        "checkbox": choosing.checkbox,
        "select": choosing.select,
        "file": files.file,
        "stored": stored.stored,
        "checkboxes": choosing.checkboxes,
        "nested": groups.nested,
        "list": groups.items,
        "relation": _relation,
    }
)
