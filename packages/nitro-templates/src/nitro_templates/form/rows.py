"""One row of a form: label, input, help, error, and what somebody else saved meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as filled
from datetime import datetime, timedelta

from nitro_templates.context import Conflict, FormState
from nitro_templates.fields.describe import FieldView, humanise
from nitro_templates.fields.files import AGAIN, help_of
from nitro_templates.fields.formats import input_text, read_text
from nitro_templates.fields.inputs import Shown, input_of
from nitro_templates.html import Element, Tag

_div, _p, _label, _span = Tag("div"), Tag("p"), Tag("label"), Tag("span")
_button, _time, _a, _ul, _li = Tag("button"), Tag("time"), Tag("a"), Tag("ul"), Tag("li")
TAKE = "_take"


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
        again = self._again()
        error = self._note("error", self.error, "nitro-error")
        conflict = self._conflict()
        notes = [
            name
            for name, shown in (
                ("help", help_),
                ("again", again),
                ("error", error),
                ("conflict", conflict),
            )
            if shown
        ]
        shown = Shown(
            self.field,
            self.id,
            self.text,
            described_by=" ".join(f"{self.id}-{name}" for name in notes) or None,
            invalid=self.troubled,
            focus=self.focus,
            errors=self.nested,
            cleared=self.cleared,
        )
        label, box = self._label(), input_of(shown)
        ticked = self.field.widget == "checkbox"  # its label stands behind it
        first, second = (box, label) if ticked else (label, box)
        frame = {"id": f"{self.id}-row", **self.marks} if self.framed else {}
        return _div(first, second, help_, again, error, conflict, cls="nitro-field", **frame)

    def _again(self) -> Element | None:
        if not self.lost:
            return None
        return _p(AGAIN, id=f"{self.id}-again", cls="nitro-error", data_nitro_again=True)

    def _label(self) -> Element | None:
        if self.field.grouped:
            return None  # its input brings a legend
        required = self.field.required
        mark = _span(" *", cls="nitro-required", aria_hidden="true") if required else None
        return _label(self.field.label, mark, for_=self.id)

    def _note(self, name: str, text: str | None, cls: str) -> Element | None:
        return _p(text, id=f"{self.id}-{name}", cls=cls) if text else None

    @property
    def _did(self) -> str:
        return "chose" if self.field.is_file else "typed"

    def _conflict(self) -> Element | None:
        if self.conflict is None:
            return None
        theirs, mine = (
            read_text(self.field, self.conflict.theirs),
            read_text(self.field, self.conflict.mine),
        )
        return _div(
            _p(
                f"Changed to “{theirs}”",
                _saved_by(self.conflict),
                f". You {self._did} “{mine}”.",
                id=f"{self.id}-conflict",
            ),
            _button(
                "Take theirs",
                type="submit",
                name=TAKE,
                value=self.field.name,
                aria_label=f"Take theirs for {self.field.label}: {theirs}",
            ),
            cls="nitro-conflict",
        )


def _saved_by(conflict: Conflict) -> list[object]:
    said: list[object] = [f" by {conflict.by or 'somebody else'}"]
    if conflict.at is not None:
        said += [", ", _moment(conflict.at)]
    return said


def _moment(at: datetime) -> Element:
    exactly = at.strftime("%Y-%m-%d %H:%M:%S %Z").strip()
    return _time(ago(datetime.now(at.tzinfo) - at), datetime=at.isoformat(), title=exactly)


def ago(passed: timedelta) -> str:
    """Say how long ago something was, in the largest unit that fits."""
    seconds = int(passed.total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        number = seconds // length
        if number > 0:
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "just now"


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
        f"{humanise(name)}: {text}" if name else text
        for name, text in state.errors.items()
        if name.partition(".")[0] not in shown
    ]
    if not (troubles or general or state.notice):
        return None
    links = [_li(_a(_trouble(row), href=f"#{row.id}")) for row in troubles]
    heading = state.notice or "Not saved. Please look at the following."
    return _div(
        _p(heading),
        _ul([_li(text) for text in general], links) if general or links else None,
        id=f"{key}-errors",
        role="alert",
        cls="nitro-summary",
    )


def _trouble(row: Row) -> str:
    said = row.error or next(iter(row.nested.values()), "somebody else changed it")
    return f"{row.field.label}: {said}"
