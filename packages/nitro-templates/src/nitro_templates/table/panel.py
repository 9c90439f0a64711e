"""The panel with the filters, and the menu of the columns: parts of the form above the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nitro_templates.html import Child, Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import later
from nitro_templates.relations import picker, related_of

from .columns import BoundColumn
from .filtering import NO_VALUE, TEXT_SAID, Filter, options_of
from .state import ViewState

if TYPE_CHECKING:
    from nitro_templates.relations import Option, Related

_details, _summary, _div, _label = Tag("details"), Tag("summary"), Tag("div"), Tag("label")
_fieldset, _legend, _input = Tag("fieldset"), Tag("legend"), Tag("input", void=True)
_select, _option, _button, _span = Tag("select"), Tag("option"), Tag("button"), Tag("span")
_MOST_SHOWN = 20
"""How many related things are offered at once; where there are more, they are searched for."""
_TYPES = {
    "date": "date",
    "datetime": "datetime-local",
    "moment": "datetime-local",
    "time": "time",
}


def filters_panel(table: str, filters: Sequence[Filter], state: ViewState) -> Element:
    """Answer the inputs of all filters, and where the and/or builder goes when it is asked for."""
    given = {name: _values(state, name) for f in filters for name in f.parameters}
    return _details(
        _summary(_("Filters"), cls="nitro-button"),
        _div(
            [_FIELDS[f.kind](table, f, state, given) for f in filters],
            cls="nitro-filters",
        ),
        _details(
            _summary(_("More conditions")),
            _div(id=f"{table}-rules"),
            cls="nitro-builder nitro-scripted",
            data_nitro_builder=f"rules:{table}",
        ),
        _button(_("Apply"), type="submit", cls="nitro-button"),
        cls="nitro-panel",
        id=f"{table}-filters",
    )


def columns_menu(table: str, columns: Sequence[BoundColumn], state: ViewState) -> Element:
    """Answer a box for each column."""
    usual = [column.name for column in columns if not column.hidden]
    shown = state.columns or usual
    boxes = [
        _label(
            _input(
                type="checkbox",
                name=state.name("cols"),
                value=column.name,
                checked=column.name in shown,
                autocomplete="off",
            ),
            column.label,
        )
        for column in columns
    ]
    return _details(
        _summary(_("Columns"), cls="nitro-button"),
        _fieldset(_legend(_("Columns to show")), boxes, cls="nitro-choices"),
        _button(_("Apply"), type="submit", cls="nitro-button"),
        cls="nitro-panel",
        id=f"{table}-columns",
        # one readable parameter, and none for the usual columns
        data_nitro_joined=state.name("cols"),
        data_usual=",".join(usual),
    )


def value_input(
    field: Filter, value: str, options: Sequence[Option] | None, **attributes: object
) -> Element:
    """Answer the input for one value of a field."""
    if field.kind in ("bool", "choice") or options:
        pairs = options_of(field) if not options else {o.key: o.title for o in options}
        items = [_option("", value="", selected=not value)]
        items += [_option(t, value=v, selected=v == value) for v, t in pairs.items()]
        return _select(items, autocomplete="off", **attributes)
    kind = _TYPES.get(field.field.widget)
    if kind is None:
        number = field.kind == "range"
        return _input(
            type="text",
            inputmode="decimal" if number else None,
            value=value,
            autocomplete="off",
            **attributes,
        )
    return _input(type=kind, value=value, step="any" if kind != "date" else None, **attributes)


def options_in(filter: Filter) -> tuple[Option, ...] | None:
    """Answer what a relation can be filtered by, None if that is too much to show."""
    related = related_of(filter.field) if filter.kind == "relation" else None
    return None if related is None else related.few(_MOST_SHOWN)


_Given = dict[str, list[str]]


def _values(state: ViewState, name: str) -> list[str]:
    return [value for active in state.filters for key, value in active.pairs if key == name]


def _one(given: _Given, name: str) -> str:
    return next(iter(given[name]), "")


def _text(table: str, filter: Filter, state: ViewState, given: _Given) -> Element:
    name, id = filter.name, f"{table}-f-{filter.name}"
    box = value_input(
        filter, _one(given, name), None, name=state.name(f"f-{name}"), id=id, maxlength=200
    )
    return _field(filter, _how(table, filter, state, given, TEXT_SAID), box, box_id=id)


def _range(table: str, filter: Filter, state: ViewState, given: _Given) -> Element:
    name, label = filter.name, filter.field.label
    boxes = [
        value_input(
            filter,
            _one(given, f"{name}-{end}"),
            None,
            name=state.name(f"f-{name}-{end}"),
            id=f"{table}-f-{name}-{end}",
            aria_label=f"{label}, {said}",
        )
        for end, said in (("min", _("from")), ("max", _("to")))
    ]
    between = _span(_("to"), aria_hidden="true")
    return _group(
        filter,
        _div(boxes[0], between, boxes[1], cls="nitro-range"),
        _nothing(table, filter, state, given),
    )


def _bool(table: str, filter: Filter, state: ViewState, given: _Given) -> Element:
    name, id = filter.name, f"{table}-f-{filter.name}"
    options = [_option(_("Any"), value="")]
    value = _one(given, name)
    options += [
        _option(text, value=v, selected=v == value) for v, text in options_of(filter).items()
    ]
    box = _select(options, name=state.name(f"f-{name}"), id=id, autocomplete="off")
    return _field(filter, _nothing(table, filter, state, given), box, box_id=id)


def _choice(table: str, filter: Filter, state: ViewState, given: _Given) -> Element:
    boxes = _boxes(filter, state, given, options_of(filter))
    return _group(filter, boxes, _nothing(table, filter, state, given))


def _relation(table: str, filter: Filter, state: ViewState, given: _Given) -> Element:
    options, name = options_in(filter), filter.name
    if options is not None:
        shown = {option.key: option.title for option in options}
        boxes = _boxes(filter, state, given, shown)
        return _group(filter, boxes, _nothing(table, filter, state, given))
    id, related = f"{table}-f-{name}", related_of(filter.field)
    if related is None:
        box = value_input(filter, _one(given, name), None, name=state.name(f"f-{name}"), id=id)
    else:
        box = _picker(filter, related, state, _one(given, name), id)
    return _field(filter, _nothing(table, filter, state, given), box, box_id=id)


def _picker(filter: Filter, related: Related, state: ViewState, key: str, id: str) -> Element:
    chosen = next(iter(related.titles([key]).values()), None) if key else None
    name, label = state.name(f"f-{filter.name}"), filter.field.label
    return picker(related, name=name, id=id, label=label, chosen=chosen)


def _boxes(filter: Filter, state: ViewState, given: _Given, options: dict[str, str]) -> Element:
    chosen, name = given[filter.name], state.name(f"f-{filter.name}")
    return _div(
        [
            _label(
                _input(
                    type="checkbox",
                    name=name,
                    value=value,
                    checked=value in chosen,
                    autocomplete="off",
                ),
                text,
            )
            for value, text in options.items()
        ],
        cls="nitro-choices",
    )


def _nothing(table: str, filter: Filter, state: ViewState, given: _Given) -> Element | None:
    if not filter.field.optional:
        return None
    return _how(table, filter, state, given, {"": later("has any value or none")})


def _how(
    table: str, filter: Filter, state: ViewState, given: _Given, ops: dict[str, str]
) -> Element:
    name = f"{filter.name}-op"
    known = {**ops, **NO_VALUE} if filter.field.optional else ops
    chosen = _one(given, name)
    return _select(
        [_option(_(text), value=op, selected=op == chosen) for op, text in known.items()],
        name=state.name(f"f-{name}"),
        id=f"{table}-f-{name}",
        aria_label=_("{field}: how", field=filter.field.label),
        autocomplete="off",
    )


def _field(filter: Filter, how: Child, box: Child, *, box_id: str) -> Element:
    return _div(_label(filter.field.label, for_=box_id), how, box, cls="nitro-filter")


def _group(filter: Filter, *parts: Child) -> Element:
    return _fieldset(_legend(filter.field.label), *parts, cls="nitro-filter")


_FIELDS = {
    "text": _text,
    "range": _range,
    "bool": _bool,
    "choice": _choice,
    "relation": _relation,
}
