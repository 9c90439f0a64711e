"""One row of a form: label, input, help, error, and what somebody else saved meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as filled

from nitro_templates.context import Conflict, FormState
from nitro_templates.fields.choosing import TICKED, options_of
from nitro_templates.fields.describe import Choice, FieldView, humanise
from nitro_templates.fields.files import AGAIN, help_of
from nitro_templates.fields.fitting import colour_in, shows
from nitro_templates.fields.formats import input_text
from nitro_templates.fields.held import HeldFile
from nitro_templates.fields.inputs import Shown, input_of
from nitro_templates.fields.moments import step_of
from nitro_templates.fields.texts import text_input
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import spoken
from nitro_templates.i18n.labels import own as own_text

from . import conflicts

_div, _p, _label, _span = Tag("div"), Tag("p"), Tag("label"), Tag("span")
_a, _ul, _li = Tag("a"), Tag("ul"), Tag("li")


@dataclass(frozen=True, slots=True)
class Row:
    """One field with everything that is said about it now."""

    field: FieldView
    form_key: str
    text: str
    error: str | None = None
    conflict: Conflict | None = None
    focus: bool = False
    nested: Mapping[str, str] = filled(default_factory=dict[str, str])
    """What is wrong inside of a list or a nested model, by dotted name."""
    marks: Mapping[str, object] = filled(default_factory=dict[str, object])
    """Attributes for the element around, which a form puts there."""
    lost: bool = False
    """Whether a file was chosen that has to be chosen again."""
    cleared: bool = False
    """Whether the stored file is to be removed."""
    files: tuple[HeldFile, ...] = ()
    """The stored files that are in it."""
    upload: str | None = None
    """Where a script may send a file to as soon as it is chosen."""
    framed: bool = True
    """Whether `build` writes the id and the marks; else who draws the field has written them."""

    @property
    def id(self) -> str:
        """The element id of the input."""
        return f"{self.form_key}-{self.field.name}"

    @property
    def troubled(self) -> bool:
        """Whether the caller has to look at it."""
        return self.error is not None or self.conflict is not None or bool(self.nested)

    def bare(self) -> Row:
        """Answer the row for who draws the field: `build` leaves out what stands around it."""
        return replace(self, framed=False)

    def build(self) -> Element:
        """Write the row; help, error and conflict are tied to the input for screen readers."""
        help_ = self._note("help", help_of(self.field), "nitro-help")
        label, box = self._label(), input_of(self._shown("help" if help_ else None))
        ticked = self.field.widget == "checkbox"  # its label stands behind it
        first, second = (box, label) if ticked else (label, box)
        return _div(first, second, help_, *self.messages, cls="nitro-field", **self.frame)

    @property
    def frame(self) -> dict[str, object]:
        """The attributes of the element around: the id, and what scripts look for."""
        return {"id": f"{self.id}-row", **self.marks} if self.framed else {}

    @property
    def messages(self) -> list[Element]:
        """What has to be looked at: what is wrong, and what somebody else saved meanwhile."""
        error, conflict = self.error, self.conflict
        noted = (
            self._again(),
            self._note("error", error and spoken(error), "nitro-error"),
            None
            if conflict is None
            else conflicts.note(self.field, conflict, f"{self.id}-conflict"),
        )
        return [note for note in noted if note is not None]

    @property
    def ticked(self) -> bool:
        """Whether a box is ticked."""
        return self.text in TICKED

    @property
    def step(self) -> int | None:
        """The step of an input for a time: with seconds where there are some."""
        return step_of(self.text)

    @property
    def colour(self) -> str:
        """What a picker of colours shows."""
        return colour_in(self.text)

    def attributes(
        self, *notes: str, required: bool = False, autocomplete: str | None = None
    ) -> dict[str, object]:
        """Answer the attributes of an input: id, name, what describes it, whether it is wrong.

        *notes* name what stands beside it and is read aloud with it, besides the messages:
        "help" is the element with the id ``f"{row.id}-help"``.
        """
        field = replace(self.field, required=required, autocomplete=autocomplete)
        return replace(self._shown(*notes), field=field).attributes

    def options(self, *choices: tuple[str, str], optional: bool = False) -> list[Element]:
        """Answer the options of a select: value and label of each of *choices*.

        Before them stands an empty one where nothing is chosen or it is *optional*, and what is
        in the field without being one of them.
        """
        found = [Choice(value, label) for value, label in choices]
        return options_of(self.text, found, label=self.field.label, optional=optional)

    def unfit(self, kind: str) -> Element | None:
        """Answer an input that keeps the text where one of type *kind* would lose some of it.

        None where it fits: ``row.unfit("date") or Input(type="date", …)``.
        """
        if shows(kind, self.text):
            return None
        return text_input(self._shown("help" if self.field.help else None))

    def _shown(self, *notes: str | None) -> Shown:
        error, conflict = bool(self.error), self.conflict is not None
        there = {"again": self.lost, "error": error, "conflict": conflict}
        messages = (name for name, is_there in there.items() if is_there)
        said = [f"{self.id}-{name}" for name in (*filter(None, notes), *messages)]
        return Shown(
            self.field,
            self.id,
            self.text,
            described_by=" ".join(said) or None,
            invalid=self.troubled,
            focus=self.focus,
            errors=self.nested,
            files=self.files,
            upload=self.upload,
            cleared=self.cleared,
        )

    def _again(self) -> Element | None:
        if not self.lost:
            return None
        return _p(_(AGAIN), id=f"{self.id}-again", cls="nitro-error", data_nitro_again=True)

    def _label(self) -> Element | None:
        if self.field.grouped:
            return None  # its input brings a legend
        required = self.field.required
        mark = _span(" *", cls="nitro-required", aria_hidden="true") if required else None
        return _label(self.field.label, mark, for_=self.id)

    def _note(self, name: str, text: str | None, cls: str) -> Element | None:
        return _p(text, id=f"{self.id}-{name}", cls=cls) if text else None


def rows_of(
    key: str,
    fields: tuple[FieldView, ...],
    values: Mapping[str, object],
    state: FormState | None,
    marks: Mapping[str, Mapping[str, object]],
) -> list[Row]:
    """Prepare the rows; typed text stands before stored values, the first trouble gets focus."""
    rows: list[Row] = []
    focus = True
    for field in fields:
        text = input_text(field, values.get(field.name))
        error = conflict = None
        lost = cleared = False
        nested: dict[str, str] = {}
        if state is not None:
            typed = state.values.get(field.name, text)
            if field.is_file:  # a browser cannot be given a file back
                lost, cleared = typed not in ("", text), typed == ""
            elif field.stored:  # what was sent is kept, and what was refused is not
                cleared = typed == "" != text
                text = text if cleared or typed.startswith("!") else typed
            else:
                text = typed
            error = state.errors.get(field.name)
            conflict = state.conflicts.get(field.name)
            nested = {n: e for n, e in state.errors.items() if n.startswith(f"{field.name}.")}
        own = marks.get(field.name, {})
        row = Row(field, key, text, error, conflict, nested=nested, marks=own)
        rows.append(replace(row, focus=row.troubled and focus, lost=lost, cleared=cleared))
        focus = focus and not row.troubled
    return rows


def summary(key: str, rows: list[Row], state: FormState) -> Element | None:
    """Say on top what is wrong, with links to the fields; spoken at once."""
    troubles = [row for row in rows if row.troubled]
    shown = {row.field.name for row in troubles}
    general = [
        f"{own_text(humanise(name))}: {spoken(text)}" if name else spoken(text)
        for name, text in state.errors.items()
        if name.partition(".")[0] not in shown
    ]
    if not (troubles or general or state.notice):
        return None
    links = [_li(_a(_trouble(row), href=f"#{row.id}")) for row in troubles]
    heading = state.notice or _("Not saved. Please look at the following.")
    return _div(
        _p(heading),
        _ul([_li(text) for text in general], links) if general or links else None,
        id=f"{key}-errors",
        role="alert",
        cls="nitro-summary",
    )


def _trouble(row: Row) -> str:
    name, said = row.field.name, row.error
    if not said and row.nested:
        name, said = next(iter(row.nested.items()))
    told = spoken(said) if said else _("somebody else changed it")
    return f"{_place(row.field, name)}: {told}"


def _place(field: FieldView, name: str) -> str:
    """Say which input of *field* has the dotted *name*, as its labels do: "Line 1, What"."""
    labels = [field.label]
    for part in name.split(".")[1:]:
        if field.item is not None and part.isdecimal():
            field = field.item
            labels[-1] = f"{field.label} {int(part) + 1}"
        else:
            inside = next((one for one in field.fields if one.name == part), None)
            if inside is None:
                break
            field = inside
            labels.append(field.label)
    return ", ".join(labels)
