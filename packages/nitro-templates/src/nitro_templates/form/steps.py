"""A form in steps: each with a URL, and kept on the server until it is finished."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nitro_templates.context import FormState
from nitro_templates.fields.formats import input_text
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n.labels import own

from .layout import names_in
from .seal import STEP_PARAMETER, digest
from .state import RefusedForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nitro_templates.context import DraftSeen, RenderContext

    from .definition import Definition

STEP = "_step"
_UNFIT = re.compile(r"[\W_]+")
_nav, _ol, _li, _button, _span = Tag("nav"), Tag("ol"), Tag("li"), Tag("button"), Tag("span")
_h2, _p, _div = Tag("h2"), Tag("p"), Tag("div")


class Step:
    """One step of a form: what it is called, and its fields in their order."""

    __slots__ = ("fields", "help", "label", "name")

    def __init__(self, label: str, /, *fields: str, help: str | None = None) -> None:
        if not fields:
            msg = f"Step({label!r}) has no fields. Name one or more behind the label"
            raise TypeError(msg)
        self.label = label
        self.fields = fields
        self.help = help
        self.name = _UNFIT.sub("-", label.lower()).strip("-") or "step"
        """What it is called in the URL."""

    def __repr__(self) -> str:
        return f"<Step {self.label!r}: {', '.join(self.fields)}>"


class DraftForm(FormState):
    """A step with what was filled in before: nothing is wrong with it, and nothing unsaved."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The step that is shown. *seen* are digests of what stands in its fields."""

    steps: tuple[Step, ...]
    number: int
    done: frozenset[str]
    draft: DraftSeen | None
    seen: Mapping[str, str]

    @property
    def step(self) -> Step:
        """The step itself."""
        return self.steps[self.number]

    @property
    def is_last(self) -> bool:
        """Whether the thing is created with it."""
        return self.number == len(self.steps) - 1

    def payload(self) -> dict[str, object]:
        """Answer what the seal says of it."""
        return {
            "at": self.step.name,
            "all": [[step.name, list(step.fields)] for step in self.steps],
            "begun": self.draft is not None,
        }


def checked_steps(definition: Definition, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Answer *steps* if the form can have them; TypeError or LookupError says what is wrong."""
    if definition.operation != "create":
        msg = "steps(…) is for a form that creates something: Form.from_entity(Order)"
        raise TypeError(msg)
    known = {field.name: field for field in definition.known}
    names = [name for step in steps for name in step.fields]
    unknown = [name for name in names if name not in known]
    if unknown:
        msg = f"steps(…) names {unknown[0]!r}, which is no field. Known: {', '.join(known)}"
        raise LookupError(msg)
    _refuse(steps, names)
    for name in names:
        field = known[name]
        if field.is_file or field.secret:
            what = "bytes, which no draft keeps. Use StoredFile" if field.is_file else "a secret"
            msg = f"steps(…) names {name!r}, which holds {what}"
            raise TypeError(msg)
    missing = [name for name, field in known.items() if field.required and name not in names]
    if missing:
        msg = f"steps(…) leaves out {missing[0]!r}, which has to be filled in. Name it in a step"
        raise TypeError(msg)
    for step in steps:
        others = {other for name in step.fields for other in known[name].show_if or ()}
        away = sorted(others - set(step.fields))
        if away:
            msg = f"Step({step.label!r}) shows a field by {away[0]!r}, which is in another step"
            raise TypeError(msg)
    return tuple(steps)


def _refuse(steps: Sequence[Step], names: Sequence[str]) -> None:
    called = [step.name for step in steps]
    twice = [name for name in (*names, *called) if [*names, *called].count(name) > 1]
    if len(set(names)) < len(names) or len(set(called)) < len(called):
        msg = f"steps(…) names {twice[0]!r} twice"
        raise TypeError(msg)
    if len(steps) < 2:
        msg = "steps(…) takes two steps or more; with one it is a plain form"
        raise TypeError(msg)


def at_step(
    definition: Definition, context: RenderContext, state: FormState | None
) -> tuple[Definition, FormState | None]:
    """Answer the form of the step that is to be shown, with what was filled in before."""
    steps, key = definition.steps, definition.key
    draft = None if context.draft is None else context.draft(definition.source.model, key)
    done = frozenset[str]() if draft is None else draft.done
    number = _number(steps, done, context.query.get(STEP_PARAMETER, [""])[-1])
    step = steps[number]
    known = {field.name: field for field in definition.known}
    fields = tuple(known[name] for name in step.fields)
    texts: Mapping[str, str] = {} if draft is None else draft.texts
    text_of = {f.name: texts.get(f.name, input_text(f, f.default)) for f in fields}
    before = {name: texts[name] for name in step.fields if name in texts}
    if state is None:
        state = DraftForm(values=before)
    elif isinstance(state, RefusedForm):
        state = replace(state, values={**before, **state.values})
    seen = {name: digest(text) for name, text in text_of.items()}
    if isinstance(state, RefusedForm):
        seen |= {name: said for name, said in state.digests.items() if name in seen}
    shown = Shown(steps, number, done, draft, seen)
    layout = tuple(part for part in definition.layout if set(names_in((part,))) & set(step.fields))
    return replace(definition, fields=fields, layout=layout, shown=shown), state


def list_of_steps(shown: Shown) -> Element:
    """Write where somebody is, and buttons to the steps that were there."""
    first = next((n for n, step in enumerate(shown.steps) if step.name not in shown.done), None)
    most = len(shown.steps) if first is None else first
    return _nav(
        _ol([_item(shown, n, reached=n <= most) for n in range(len(shown.steps))]),
        aria_label=_("Steps"),
        cls="nitro-steps",
    )


def heading(shown: Shown, key: str) -> Element:
    """Write what the step is called, and which of how many it is."""
    said = _("Step {number} of {count}", number=shown.number + 1, count=len(shown.steps))
    help = shown.step.help
    return _div(
        _p(said, cls="nitro-help"),
        # where a reader goes on after a step was taken
        _h2(own(shown.step.label), id=f"{key}-step", tabindex=-1, autofocus=shown.number > 0),
        _p(own(help)) if help else None,
        cls="nitro-step-heading",
    )


def step_buttons(shown: Shown, submit: str) -> list[Element | None]:
    """Write the buttons: on, back, and to begin anew."""
    back = None if shown.number == 0 else shown.steps[shown.number - 1].name
    return [
        _button(submit if shown.is_last else _("Next"), type="submit", cls="nitro-button primary"),
        None if back is None else _to(back, _("Back"), "nitro-button"),
        None if shown.draft is None else _to("", _("Discard draft"), "nitro-button nitro-discard"),
    ]


def _to(step: str, label: str, cls: str | None = None, **said: Any) -> Element:
    return _button(label, type="submit", name=STEP, value=step, cls=cls, **said)


def _item(shown: Shown, number: int, *, reached: bool) -> Element:
    step = shown.steps[number]
    current = number == shown.number
    done = step.name in shown.done
    label = own(step.label)
    told = _span(_("done"), cls="nitro-hidden") if done else None
    inner = _to(step.name, label) if reached and not current else _span(label)
    mark = "done" if done else None
    return _li(inner, " ", told, aria_current="step" if current else None, cls=mark)


def _number(steps: Sequence[Step], done: frozenset[str], wanted: str) -> int:
    names = [step.name for step in steps]
    first = next((n for n, name in enumerate(names) if name not in done), len(names) - 1)
    if wanted in names and (names.index(wanted) <= first or wanted in done):
        return names.index(wanted)
    return first
