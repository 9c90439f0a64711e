"""`Form`: the plain tag, and the form of an entity, an action or a deletion."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from nitro_templates.component import Component
from nitro_templates.context import FormState
from nitro_templates.datastar import js
from nitro_templates.html import Child, Element, Tag
from nitro_templates.sources import ActionView, Source, source_of

from .definition import Definition, of_action, of_deletion, of_thing
from .rows import Row, rows_of, summary
from .seal import FIELD, PURPOSE, current_values, payload_of

if TYPE_CHECKING:
    from nitro_templates.context import LiveView, RenderContext

_form, _input, _button = Tag("form"), Tag("input", void=True), Tag("button")
_div, _p, _a, _span = Tag("div"), Tag("p"), Tag("a"), Tag("span")

SUBMIT = js("@post(nitro.action(el), nitro.form(el))")
FOCUS = js("el.closest('form').querySelector('[aria-invalid=true]')?.focus()")


class Form(Component):
    """A form with label, help and message at every field, safe against lost updates.

    `Form.from_entity(City)` creates one, `Form.from_entity(city)` edits it; each call
    below answers a new form. Called directly, `Form(Input(…))`, it is the plain tag.
    """

    _definition: Definition | None = None

    def __init__(self, *children: Child, **attributes: object) -> None:
        self._plain = _form(*children, **attributes)

    @classmethod
    def from_entity(cls, subject: object) -> Self:
        """Create one of a class, or edit one that is there.

        TypeError when *subject* is neither entity, entity class nor pydantic model.
        """
        source = source_of(subject)
        thing = None if isinstance(subject, type) else subject
        return cls._of(of_thing(source, thing))

    @classmethod
    def for_action(cls, source: Source, thing: Any, action: ActionView) -> Self:
        """Ask for the arguments of *action*, to be done to *thing* (None: to the class)."""
        return cls._of(of_action(source, thing, action))

    @classmethod
    def for_deletion(cls, source: Source, thing: Any) -> Self:
        """Ask whether *thing* is to be deleted."""
        return cls._of(of_deletion(source, thing))

    def only(self, *fields: str) -> Self:
        """Show these fields alone, in this order; nothing else can be saved by the form."""
        known = {field.name: field for field in self._defined.source.fields}
        return self._with(fields=tuple(known[self._known(name, known)] for name in fields))

    def without(self, *fields: str) -> Self:
        """Leave these fields out; they cannot be saved by the form."""
        known = {field.name: field for field in self._defined.fields}
        left_out = {self._known(name, known) for name in fields}
        return self._with(fields=tuple(f for f in known.values() if f.name not in left_out))

    def on_saved(self, redirect: str) -> Self:
        """Go to *redirect*, a path of this application, after saving."""
        if not redirect.startswith("/") or redirect.startswith(("//", "/\\")):
            msg = (
                f"on_saved(redirect={redirect!r}): give a path of this application, like '/cities'"
            )
            raise ValueError(msg)
        return self._with(redirect=redirect)

    def submit(self, label: str) -> Self:
        """Write *label* on the button."""
        return self._with(submit=label)

    def named(self, name: str) -> Self:
        """Tell this form from another one for the same thing on the page."""
        return self._with(name=name)

    def keyed(self, key: str) -> Self:
        """Use *key* as the element id, to stand in for a form that is already on a page."""
        return self._with(fixed_key=key)

    def __call__(self, *children: Child) -> Element:
        """Add *children* to the plain tag."""
        return self._plain(*children)

    @property
    def key(self) -> str:
        """The element id; nothing for the plain tag."""
        return "" if self._definition is None else self._definition.key

    def build(self, context: RenderContext) -> Element:
        """Write the form, with what was typed and what was wrong when it comes back."""
        definition = self._definition
        if definition is None:
            return self._plain
        state = context.forms.get(definition.key)
        values = current_values(definition)
        rows = rows_of(definition.key, definition.fields, values, state)
        return _form(
            self._seal(definition, values, context, state),
            # Enter in a field presses the first button of a form: not "Take theirs"
            _button(type="submit", hidden=True, tabindex=-1) if _in_conflict(rows) else None,
            self._alert(definition, rows, state),
            self._question(definition),
            [row.build() for row in rows],
            self._buttons(definition, rows, context),
            id=definition.key,
            method="post",
            action=self._action(definition, context),
            novalidate=True,
            cls="nitro-form",
            on_submit=SUBMIT if context.live else None,
        )

    def views(self, context: RenderContext) -> Sequence[LiveView]:
        """Answer none: a form belongs to the one who fills it in."""
        return self._plain.views(context) if self._definition is None else ()

    @classmethod
    def _of(cls, definition: Definition) -> Self:
        form = cls()
        form._definition = definition
        return form

    @property
    def _defined(self) -> Definition:
        if self._definition is None:
            msg = "This is the plain <form>. Start with Form.from_entity(…)"
            raise TypeError(msg)
        return self._definition

    def _with(self, **changes: object) -> Self:
        copy = self.__class__.__new__(self.__class__)
        copy.__dict__.update(self.__dict__)
        copy._definition = replace(self._defined, **changes)  # type: ignore[arg-type]
        return copy

    @staticmethod
    def _known(name: str, known: dict[str, Any]) -> str:
        if name not in known:
            msg = f"No field {name!r} in this form. Known fields: {', '.join(known)}"
            raise LookupError(msg)
        return name

    def _action(self, definition: Definition, context: RenderContext) -> str | None:
        slug, id, links = definition.source.slug, definition.id, context.links
        if slug is None:
            return None
        if definition.action is not None:
            return links.action(slug, id, definition.action.name)
        if id is None:
            return links.create(slug)
        return (
            links.delete(slug, id) if definition.operation == "delete" else links.update(slug, id)
        )

    def _seal(
        self,
        definition: Definition,
        values: dict[str, object],
        context: RenderContext,
        state: FormState | None,
    ) -> Element | None:
        if context.sealer is None or definition.source.slug is None:
            return None
        payload = payload_of(definition, values, context, state)
        return _input(type="hidden", name=FIELD, value=context.sealer.sign(PURPOSE, payload))

    def _alert(
        self, definition: Definition, rows: list[Row], state: FormState | None
    ) -> Element | None:
        said = summary(definition.key, rows, state) if state is not None else None
        if said is None:
            return None
        # A fresh id each time, so that a patch puts a new element there and the focus
        # moves again when the same field is refused twice.
        return _div(
            said, _span(init=FOCUS, hidden=True), id=f"{definition.key}-{secrets.token_hex(4)}"
        )

    def _question(self, definition: Definition) -> Element | None:
        if definition.operation == "delete":
            return _p(
                f"Delete “{definition.source.title_of(definition.thing)}”? This cannot be undone."
            )
        if definition.action is not None and definition.action.confirm:
            return _p(definition.action.confirm)
        return None

    def _buttons(self, definition: Definition, rows: list[Row], context: RenderContext) -> Element:
        label = "Save mine" if _in_conflict(rows) else definition.submit_label
        danger = (
            "nitro-button danger" if definition.operation == "delete" else "nitro-button primary"
        )
        return _div(
            _button(label, type="submit", cls=danger),
            self._way_out(definition, context),
            cls="nitro-buttons",
        )

    def _way_out(self, definition: Definition, context: RenderContext) -> Element | None:
        if definition.operation in ("create", "update"):
            return None  # may be one of several on a page, with nothing to go back to
        back = definition.redirect or context.referrer or "/"
        # in the dialog it closes that, else it is followed
        return _a("Cancel", href=back, cls="nitro-button", data_nitro_close=True)


def _in_conflict(rows: Sequence[Row]) -> bool:
    return any(row.conflict is not None for row in rows)
