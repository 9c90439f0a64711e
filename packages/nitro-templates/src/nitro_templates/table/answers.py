"""Answers to what a table alone is asked for: a file, an editor, a question, what is there."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from nitro_templates import shell
from nitro_templates.asking import Ask, Download
from nitro_templates.escape import Safe
from nitro_templates.html import Element, Fragment
from nitro_templates.relations.answering import options_of
from nitro_templates.sources import RowSource

from . import editing, exporting
from .builder import builder
from .bulk import ALL, ASK, COUNT, BulkForm, Chosen, find

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

    from .doing import Doing
    from .view import TableView

_MOST_ASKED = 100


def answer(ask: Ask, context: RenderContext, view: TableView) -> Element | Download | None:
    """Answer *ask*; None for what this table does not offer to this caller."""
    said = view.definition
    if ask.kind == "count":
        return _exactly(view) if said.count == "capped" else None
    if ask.kind == "rules":
        return builder(view.id, said.filters, view.state) if said.filters else None
    if ask.kind == "options" and ask.rest:
        start = view.state.name("f-")
        fields = [filter.field for filter in said.filters]
        fields += [field for field in view.source.fields if field.name in said.editable]
        return options_of(fields, replace(ask, rest=(ask.rest[0].removeprefix(start),)))
    return None if view.doing is None else _of_doing(ask, context, view, view.doing)


def _exactly(view: TableView) -> Element:
    return Fragment(Safe(view.write_total(view.count(exact=True), shown=0, exact=True)))


def _of_doing(
    ask: Ask, context: RenderContext, view: TableView, doing: Doing
) -> Element | Download | None:
    rest, options = ask.rest, view.definition.export
    if ask.kind == "export" and len(rest) == 1 and rest[0] in doing.exports:
        return exporting.download(view, rest[0], options)
    if ask.kind == "cell" and len(rest) > 1 and rest[0] in doing.editable:
        return _editor(rest[0], ":".join(rest[1:]), view.source, context, doing)
    if ask.kind == ASK and len(rest) == 1:
        return _question(rest[0], ask, view, doing)
    if ask.kind == "there" and doing.bulk:
        return _still_there(ask, view.source)
    return None


def _editor(
    field: str, id: str, source: RowSource, context: RenderContext, doing: Doing
) -> Element | None:
    thing = next(iter(source.get_many([id])), None)
    if thing is None or not context.can("update", thing):
        return None
    return editing.editor(doing.table, source, thing, field, undo=doing.undo)


def _question(name: str, ask: Ask, view: TableView, doing: Doing) -> Element | None:
    offered = find(doing.bulk, name)
    if offered is None:
        return None
    everything = bool(ask.param(ALL))
    said = ask.param(COUNT)[:9]
    count = int(said) if said.isdecimal() else 0
    if everything:
        count = view.source.count(replace(view.asked, order=()), cap=None)
    chosen = Chosen((), everything, count)
    form = BulkForm(view.source, offered, doing.table, chosen, undo=doing.undo)
    return shell.dialog_content(form, title=form.title)


def _still_there(ask: Ask, source: RowSource) -> Download:
    asked = list(ask.params.get("_id", ()))[:_MOST_ASKED]
    found = [source.id_of(thing) for thing in source.get_many(asked)]
    return Download("application/json", [json.dumps(found).encode()])
