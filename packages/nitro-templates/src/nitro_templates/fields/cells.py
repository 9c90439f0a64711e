"""A value as HTML, for a table cell or a card."""

from __future__ import annotations

from nitro_templates.children import trusted
from nitro_templates.escape import escape
from nitro_templates.i18n import current_reader
from nitro_templates.i18n import gettext as _

from .formats import EMPTY, LONGEST, short, text_of

EMPTY_HTML = f'<span role="img" aria-label="empty">{EMPTY}</span>'


def empty_html() -> str:
    """Write what stands for no value."""
    if current_reader().texts is None:
        return EMPTY_HTML
    said = escape(_("empty"))
    return f'<span role="img" aria-label="{said}">{EMPTY}</span>'


def cell(value: object) -> str:
    """Write *value* as escaped HTML; only what has `__html__` is taken as HTML."""
    if type(value) is str:
        text = value
    elif value is None:
        return empty_html()
    elif hasattr(type(value), "__html__"):  # a protocol would take ten times as long
        return trusted(value)
    else:
        text = text_of(value)
    if not text:
        return empty_html()
    if len(text) > LONGEST:
        return f'<span title="{escape(text)}">{escape(short(text))}</span>'
    if "/" in text:  # where "Europe/Zurich" may go on on the next line
        return escape(text).replace("/", "/<wbr>")
    return escape(text)
