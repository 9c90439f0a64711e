"""What is asked before something is done to many things at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nitro_templates import undo
from nitro_templates.component import Component
from nitro_templates.form import parts
from nitro_templates.form.definition import Definition, of_action, of_deletion
from nitro_templates.form.form import SUBMIT
from nitro_templates.form.rows import rows_of
from nitro_templates.form.seal import FIELD, PURPOSE, current_values
from nitro_templates.html import Element, Fragment, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import grouped
from nitro_templates.i18n.labels import own
from nitro_templates.sources import RowSource

from .actions import Offered, label_of
from .status import noun

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

IDS, ALL, COUNT, CONFIRMED = "_ids", "_all", "_count", "_confirmed"
"""What the browser says: which ones, or all that match, and that it was asked."""
ASK = "bulk"
"""What the bar of a table is sealed for; `operation_of` says for what a confirmed form is."""
_form, _p, _input = Tag("form"), Tag("p"), Tag("input", void=True)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The things that were selected: by id, or *everything* that the table finds."""

    ids: tuple[str, ...] = ()
    everything: bool = False
    count: int = 0


def operation_of(name: str) -> str:
    """Answer what a form is sealed for that does *name* to many."""
    return f"bulk:{name}"


def payload_of(
    slug: str | None, operation: str, table: str, context: RenderContext, *, undo: bool = True
) -> dict[str, object]:
    """Write down what may be done, on which page, for whom; read like the seal of a form.

    *undo* says whether the user was told that it can be taken back.
    """
    payload: dict[str, object] = {
        "v": 1,
        "c": slug,
        "i": None,
        "o": operation,
        "f": [],
        "d": {},
        "p": context.url,
        "n": None,
        "k": table,
        "u": context.caller_id,
        "z": undo,
    }
    if context.page_lang is not None:
        payload["l"] = context.page_lang
    return payload


def sealed(
    slug: str | None, operation: str, table: str, context: RenderContext, *, undo: bool = True
) -> Element | None:
    """Answer the hidden field with that, signed."""
    if context.sealer is None or slug is None:
        return None
    payload = payload_of(slug, operation, table, context, undo=undo)
    return _input(type="hidden", name=FIELD, value=context.sealer.sign(PURPOSE, payload))


class BulkForm(Component):
    """Asks once for many: the question, the arguments of an action, and what was selected."""

    def __init__(
        self,
        source: RowSource,
        offered: Offered,
        table: str,
        chosen: Chosen,
        back: str = "/",
        *,
        undo: bool = True,
    ) -> None:
        self._source, self._offered = source, offered
        self._table, self._chosen, self._back = table, chosen, back
        self._undo = undo

    @property
    def title(self) -> str:
        """What the dialog or the page is called: "Restock 12 products"."""
        number = self._chosen.count
        label = label_of(self._offered.name, self._source)
        said = {"count": grouped(number), "things": noun(self._source, number)}
        return _("{action} {count} {things}", action=label, **said)

    def build(self, context: RenderContext) -> Element:
        """Write the form, with what was wrong when it comes back."""
        source, name = self._source, self._offered.name
        definition = self._definition()
        state = context.forms.get(definition.key)
        values = current_values(definition)
        rows = rows_of(definition.key, definition.fields, values, state, {})
        slug = source.slug
        return _form(
            sealed(slug, operation_of(name), self._table, context, undo=self._undoable(context)),
            self._chosen_things(),
            parts.alert(definition, rows, state),
            self._question(definition, context),
            [row.build() for row in rows],
            parts.buttons(definition, rows, context),
            id=definition.key,
            method="post",
            action=None if slug is None else context.links.bulk(slug, name),
            novalidate=True,
            cls="nitro-form",
            on_submit=SUBMIT if context.live else None,
        )

    def _definition(self) -> Definition:
        source, action = self._source, self._source.actions.get(self._offered.name)
        made = of_deletion(source, None) if action is None else of_action(source, None, action)
        return replace(
            made,
            submit=label_of(self._offered.name, self._source),
            fixed_key=key_of(self._table, self._offered.name),
            redirect=self._back,
        )

    def _most(self, context: RenderContext) -> int:
        """Answer how many this can be done to so that it can be taken back."""
        action = self._source.actions.get(self._offered.name)
        wanted = self._undo and (action is None or action.undo)
        return context.undoable(self._source.model) if wanted else 0

    def _undoable(self, context: RenderContext) -> bool:
        return 0 < self._most(context) >= self._chosen.count

    def _question(self, definition: Definition, context: RenderContext) -> Element:
        action, most = definition.action, self._most(context)
        # who does not delete expects a warning only where one might have undone it
        said = action is None or most > 0
        gone = f" {undo.question(most, self._chosen.count)}" if said else ""
        asked = _("{question}?", question=self.title)
        confirm = own(action.confirm) if action is not None and action.confirm else None
        return Fragment(_p(f"{asked}{gone}"), _p(confirm) if confirm else None)

    def _chosen_things(self) -> Element:
        return Fragment(
            _hidden(CONFIRMED, "1"),
            _hidden("_table", self._table, marker=True),
            _hidden(ALL, "1") if self._chosen.everything else None,
            [_hidden(IDS, id) for id in self._chosen.ids],
        )


def key_of(table: str, name: str) -> str:
    """Answer the element id of the form that asks."""
    return f"{table}-bulk-{name}"


def find(offered: Sequence[Offered], name: str) -> Offered | None:
    """Answer the one called *name*, None if the table does not offer it for many."""
    return next((item for item in offered if item.name == name), None)


def _hidden(name: str, value: str, *, marker: bool = False) -> Element:
    return _input(type="hidden", name=name, value=value, data_nitro_bulk=marker)
