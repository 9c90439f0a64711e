"""`Form`: the plain tag, and the form of an entity, an action or a deletion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from nitro_templates.component import Component
from nitro_templates.datastar import js
from nitro_templates.expecting import expect, expect_all, is_a, one_by_one
from nitro_templates.fields.files import MULTIPART
from nitro_templates.html import Child, Element, Tag
from nitro_templates.relations.answering import options_of
from nitro_templates.sources import ActionView, Source, source_of

from . import conditions, parts
from .definition import Definition, for_reader, of_action, of_deletion, of_thing
from .files import with_files
from .layout import Part, checked
from .live import announcer, form_marks, marks_of, view_of
from .placing import placed
from .rows import Row, rows_of
from .seal import current_values
from .steps import Step, at_step, checked_steps, heading, list_of_steps
from .taken import TAKEN

if TYPE_CHECKING:
    from nitro_templates.asking import Ask, Download
    from nitro_templates.context import LiveView, RenderContext
    from nitro_templates.fields.view import FieldView

_form = Tag("form")

SUBMIT = js("@post(nitro.action(el), nitro.form(el))")
SLOTS = ("top", "above", "below")


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
        return self._with(fields=tuple(map(self._known, fields)))

    def without(self, *fields: str) -> Self:
        """Leave these fields out; they cannot be saved by the form."""
        left_out = {self._known(name).name for name in fields}
        kept = tuple(field for field in self._defined.fields if field.name not in left_out)
        return self._with(fields=kept)

    def layout(self, *parts: Part) -> Self:
        """Arrange the fields: names, `Row`, `Section` and `Tabs`, from top to bottom.

        Fields that are not named follow at the end, so that none gets lost; what the form shows
        and saves is the matter of `only` and `without`.
        """
        known = [field.name for field in self._defined.known]
        return self._with(layout=checked(parts, known))

    def steps(self, *steps: Step) -> Self:
        """Let the form be filled in step by step: `.steps(Step("Who", "name"), Step(…))`.

        What was filled in is kept on the server for a week, for whoever is logged in or for this
        browser. The last step creates the thing. Each step has a URL: ``?step=who``.
        """
        wanted = "Step('Who', 'name', 'mail'), Step('Where', 'city')"
        one_by_one("steps()", steps, Step, wanted=wanted)
        checked_to_go = checked_steps(self._defined, steps)
        known = {field.name: field for field in self._defined.known}
        fields = tuple(known[name] for step in steps for name in step.fields)
        return self._with(steps=checked_to_go, fields=fields)

    def show_if(self, field: str, /, **values: object) -> Self:
        """Show *field* while others have these values: `.show_if("vat", kind="company")`.

        Several values as a tuple: one of them is enough. Hidden, it is neither sent nor
        required nor saved; the values that are sent decide that, not the browser.
        """
        changed = self._changed(field, show_if=values or None)
        conditions.check(changed._defined)
        return changed

    def field(
        self,
        name: str,
        draw: Callable[[Row], Child] | None = None,
        /,
        *,
        label: str | None = None,
        help: str | None = None,
    ) -> Self:
        """Change one field in this form: its label, its help, or all that is drawn.

        *draw* gets the row and answers what stands there: `row.build()` is what would have
        stood there, `row.text` what is in it, `row.error` what is wrong with it.
        """
        said = {"label": label, "help": help}
        form = self._changed(name, **{n: text for n, text in said.items() if text is not None})
        return form if draw is None else form._with(drawn={**form._defined.drawn, name: draw})

    def options(self, field: str, query: object, /) -> Self:
        """Let *field*, which refers to something, be one of what *query* finds.

        The server takes nothing else: it asks the page's handler again what may be chosen.
        """
        view = self._known(field)
        if view.reference is None:
            msg = f"options({field!r}): the field refers to nothing. Give a foreign key"
            raise LookupError(msg)
        return self._changed(field, reference=replace(view.reference, among=query))

    def slot(self, name: str, /, *children: Child) -> Self:
        """Put *children* at the "top", or "above" or "below" the buttons."""
        if name not in SLOTS:
            msg = f"No slot {name!r} in a form. Known slots: {', '.join(SLOTS)}"
            raise LookupError(msg)
        return self._with(slots={**self._defined.slots, name: children})

    def on_saved(self, redirect: str) -> Self:
        """Go to *redirect*, a path of this application, after saving.

        Without it the form stays, filled anew, and a toast says what was done.
        """
        expect(is_a(str)(redirect), "on_saved()", "a path such as '/cities'", redirect)
        if not redirect.startswith("/") or redirect.startswith(("//", "/\\")):
            msg = (
                f"on_saved(redirect={redirect!r}): give a path of this application, like '/cities'"
            )
            raise ValueError(msg)
        return self._with(redirect=redirect)

    def with_undo(self, undo: bool = True) -> Self:
        """Offer to take back what the form did, as is usual; or do not.

        A class says so for all its forms and tables by ``__undo__ = False``.
        """
        return self._with(undo=undo)

    def submit(self, label: str) -> Self:
        """Write *label* on the button."""
        return self._with(submit=label)

    def named(self, name: str) -> Self:
        """Tell this form from another one for the same thing on the page."""
        return self._with(name=name)

    def keyed(self, key: str) -> Self:
        """Use *key* as the element id, to stand in for a form that is already on a page."""
        return self._with(fixed_key=key)

    def showing(self, thing: Any) -> Self:
        """Show *thing*, the same one as it is by now."""
        return self._with(thing=thing)

    def row(self, row: Row) -> Child:
        """Draw one field; override it in a subclass to draw all of them otherwise."""
        return row.build()

    def __call__(self, *children: Child) -> Element:
        """Add *children* to the plain tag."""
        return self._plain(*children)

    @property
    def key(self) -> str:
        """The element id; nothing for the plain tag."""
        return "" if self._definition is None else self._definition.key

    @property
    def fields(self) -> tuple[FieldView, ...]:
        """What it shows and saves; nothing for the plain tag."""
        return () if self._definition is None else self._definition.fields

    def answer(self, ask: Ask, context: RenderContext, /) -> Download | None:
        """Answer what may be chosen in one of its fields: ``options:<key>:<field>``."""
        return options_of(self.fields, ask)

    def build(self, context: RenderContext) -> Element:
        """Write the form, with what was typed and what was wrong when it comes back."""
        if self._definition is None:
            return self._plain
        values = current_values(self._definition)
        definition = for_reader(self._definition)
        state = context.forms.get(definition.key)
        if definition.steps:
            definition, state = at_step(definition, context, state)
        definition = conditions.settled(definition, values)
        shown = definition.shown
        marks = marks_of(definition, values, context, state)
        rows = rows_of(definition.key, definition.fields, values, state, marks)
        rows = with_files(rows, definition, context)
        rows = conditions.marked(rows, conditions.rules_of(definition))
        slots = definition.slots
        return _form(
            parts.seal(definition, values, context, state),
            parts.once(definition, context),
            parts.pressed_by_enter(rows, always=shown is not None),
            None if shown is None else list_of_steps(shown),
            None if shown is None else heading(shown, definition.key),
            parts.alert(definition, rows, state),
            slots.get("top"),
            parts.question(definition, context),
            placed(definition, rows, self.row),
            slots.get("above"),
            parts.buttons(definition, rows, context),
            slots.get("below"),
            announcer(definition, context),
            id=definition.key,
            method="post",
            action=parts.action_of(definition, context),
            enctype=MULTIPART if parts.has_files(definition) else None,
            novalidate=True,
            cls="nitro-form",
            on_submit=SUBMIT if context.live else None,
            data_nitro_page=context.url if context.live else None,
            data_nitro_unsaved=parts.has_unsaved(state),
            **form_marks(definition, context, state),
        )

    def views(self, context: RenderContext) -> Sequence[LiveView]:
        """Answer the form itself, if it is about a thing that others may change meanwhile."""
        if self._definition is None:
            return self._plain.views(context)
        view = view_of(self, self._definition, context)
        return () if view is None else (view,)

    @classmethod
    def _of(cls, definition: Definition) -> Self:
        form = cls()
        form._definition = conditions.check(definition)
        return form

    @property
    def _defined(self) -> Definition:
        if self._definition is None:
            msg = "This is the plain <form>. Start with Form.from_entity(…)"
            raise TypeError(msg)
        return self._definition

    def _with(self, **changes: object) -> Self:
        expect_all(changes, TAKEN)
        copy = self.__class__.__new__(self.__class__)
        copy.__dict__.update(self.__dict__)
        copy._definition = replace(self._defined, **changes)  # type: ignore[arg-type]
        return copy

    def _changed(self, name: str, **said: object) -> Self:
        """Answer the form with another view of one field."""
        changed = replace(self._known(name), **said)  # type: ignore[arg-type]

        def swapped(fields: Sequence[FieldView]) -> tuple[FieldView, ...]:
            return tuple(changed if field.name == name else field for field in fields)

        definition = self._defined
        return self._with(fields=swapped(definition.fields), known=swapped(definition.known))

    def _known(self, name: str) -> FieldView:
        known = {field.name: field for field in self._defined.known}
        if not is_a(str)(name) or name not in known:
            msg = f"No field {name!r} in this form. Known fields: {', '.join(known)}"
            raise LookupError(msg)
        return known[name]
