"""The and/or builder: rules in groups, which a script turns into the text of the URL.

It is asked for when it is opened (`_ask=rules:<table>`), so that it costs pages nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from nitro_templates.html import Child, Element, Tag
from nitro_templates.i18n import gettext as _

from .filtering import NO_VALUE, Filter
from .panel import options_in, value_input
from .rules import MOST_RULES, SAID, Group, Rule, operators_of
from .state import ViewState

_div, _span, _fieldset, _legend = Tag("div"), Tag("span"), Tag("fieldset"), Tag("legend")
_select, _option, _button, _template = Tag("select"), Tag("option"), Tag("button"), Tag("template")


def builder(table: str, filters: Sequence[Filter], state: ViewState) -> Element:
    """Answer the rules that are on, and templates for more."""
    rules = state.rules or Group(any=False, parts=())
    known = {filter.name: filter for filter in filters}
    return _div(
        _group(rules, known, outermost=True),
        _template(_group(Group(any=True, parts=()), known), data_nitro_new="group"),
        [_template(_rule(filter, None, known), data_nitro_new=filter.name) for filter in filters],
        id=f"{table}-rules",
        data_nitro_rules=state.name("where"),
        data_most=str(MOST_RULES),
    )


def _group(group: Group, known: dict[str, Filter], *, outermost: bool = False) -> Element:
    return _fieldset(
        _legend(_("Conditions") if outermost else _("Group of conditions"), cls="nitro-hidden"),
        _select(
            _option(_("All of these hold"), value="all", selected=not group.any),
            _option(_("Any of these holds"), value="any", selected=group.any),
            aria_label=_("How these conditions are joined"),
            data_nitro_join=True,
            autocomplete="off",
        ),
        _div([_part(part, known) for part in group.parts], data_nitro_parts=True),
        _div(
            _button(_("Add condition"), type="button", data_nitro_more="rule"),
            _button(_("Add group"), type="button", data_nitro_more="group"),
            None if outermost else _remove(_("Remove group"), _("Remove group")),
            cls="nitro-buttons",
        ),
        data_nitro_group=True,
        cls="nitro-conditions",
    )


def _part(part: Rule | Group, known: dict[str, Filter]) -> Element:
    if isinstance(part, Group):
        return _group(part, known)
    return _rule(known[part.field], part, known)


def _rule(filter: Filter, rule: Rule | None, known: dict[str, Filter]) -> Element:
    op, value = (rule.op, rule.value) if rule is not None else ("", "")
    fields = _select(
        [_option(f.field.label, value=n, selected=n == filter.name) for n, f in known.items()],
        aria_label=_("Field"),
        data_nitro_field=True,
        autocomplete="off",
    )
    ops = _select(
        [_option(_(SAID[name]), value=name, selected=name == op) for name in operators_of(filter)],
        aria_label=_("How it is compared"),
        data_nitro_op=True,
        autocomplete="off",
    )
    box = value_input(
        filter,
        value,
        options_in(filter),
        aria_label=_("Value of {field}", field=filter.field.label),
        data_nitro_value=True,
        hidden=op in NO_VALUE,
    )
    return _div(
        fields,
        ops,
        box,
        _remove("\u00d7", _("Remove condition")),
        cls="nitro-rule",
        role="group",
        aria_label=_("Condition on {field}", field=filter.field.label),
        data_nitro_rule=True,
    )


def _remove(text: Child, label: str) -> Element:
    return _button(
        _span(text, aria_hidden="true"), type="button", aria_label=label, data_nitro_less=True
    )
