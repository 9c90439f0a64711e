"""Open forms that follow what others do to the same thing.

A form of a stored thing is a live view: when the thing changes it is rendered anew, with a new
seal. What its user has touched by then stays as it is, which `touched.js` sees to; for that the
rows say what they show and who wrote it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from nitro_templates.context import FormState
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import inside
from nitro_templates.relations.cells import topics_of

from .seal import digest, digests_of

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

    from .definition import Definition
    from .form import Form

_form, _div, _p = Tag("form"), Tag("div"), Tag("p")


@runtime_checkable
class Followed(Protocol):
    """What a source adds whose things can be looked at again."""

    def topics_of(self, thing: Any) -> frozenset[str]:
        """Answer the live topics that tell of changes of *thing*; none if nobody tells."""
        ...

    def again(self, thing: Any) -> Any | None:
        """Read *thing* anew; None if it is gone."""
        ...

    def last_writer(self, thing: Any, field: str | None) -> str | None:
        """Answer who wrote *field* last, or anything at all, as far as that is known."""
        ...


@dataclass(frozen=True, slots=True)
class FollowedForm(FormState):
    """A form as its stream sends it: *writers* are who wrote a field last, "" the whole thing."""

    writers: Mapping[str, str] = field(default_factory=dict[str, str])


class FormView:
    """One form of a stored thing, for one caller: its seal is good for nobody else."""

    def __init__(self, form: Form, definition: Definition, context: RenderContext) -> None:
        self._form = form
        self._definition = definition
        self._context = context
        self._source = cast("Followed", definition.source)
        self._written: dict[str, tuple[str, str | None]] = {}

    @property
    def key(self) -> Hashable:
        """Everything that the HTML depends on, besides the thing itself."""
        asked, context = self._definition, self._context
        return (
            "nitro-form",
            type(self._form),
            asked.key,
            asked.source.key,
            asked.id,
            asked.operation,
            tuple(field.name for field in asked.fields),
            asked.redirect,
            asked.submit,
            context.caller_id,
            context.url,
            context.referrer,
        )

    @property
    def topics(self) -> frozenset[str]:
        """What makes it stale."""
        asked = self._definition
        return self._source.topics_of(asked.thing) | topics_of(asked.fields)

    def render(self) -> str:
        """Write the form of the thing as it is now."""
        asked = self._definition
        thing = self._source.again(asked.thing)
        label = inside(asked.source.label)
        if thing is None:
            by = self._source.last_writer(asked.thing, None)
            said = {"thing": label, "name": by}
            what = _("This {thing} is no longer there", thing=label)
            if by:
                what = _("This {thing} is no longer there: deleted by {name}", **said)
            return str(self._gone(what))
        policy = asked.operation if asked.action is None else f"action:{asked.operation}"
        if not self._context.can(policy, thing):
            return str(self._gone(_("You may no longer change this {thing}", thing=label)))
        state = FollowedForm(writers=self._writers(replace(asked, thing=thing)))
        context = replace(self._context, forms={asked.key: state})
        return str(self._form.showing(thing).build(context))

    def _gone(self, what: str) -> Element:
        said = _("{what}. What you typed stays here, but it cannot be saved.", what=what)
        notice = _div(_p(said), role="alert", cls="nitro-summary", data_nitro_gone=True)
        return _form(notice, id=self._definition.key, data_nitro_live=True)

    def _writers(self, now: Definition) -> dict[str, str]:
        values = now.source.values_of(now.thing)
        if now.operation == "delete":
            values = {"": dict(values)}
        seen = {name: digest(value) for name, value in values.items()}
        for name in seen:
            before = self._written.get(name)
            if before is None or before[0] != seen[name]:  # to find out takes a while
                writer = self._source.last_writer(now.thing, name or None)
                self._written[name] = (seen[name], writer)
        return {name: by for name in seen if (by := self._written[name][1]) is not None}


def view_of(form: Form, definition: Definition, context: RenderContext) -> FormView | None:
    """Answer the live view of *form*, None if nothing tells of changes of what it is about."""
    return FormView(form, definition, context) if is_followed(definition, context) else None


def is_followed(definition: Definition, context: RenderContext) -> bool:
    """Say whether the form follows what others do to its thing."""
    source, thing = definition.source, definition.thing
    if not context.live or context.sealer is None or thing is None or source.slug is None:
        return False
    return isinstance(source, Followed) and bool(source.topics_of(thing))


def marks_of(
    definition: Definition,
    values: Mapping[str, object],
    context: RenderContext,
    state: FormState | None,
) -> dict[str, dict[str, object]]:
    """Answer what each row says to `touched.js`, by field: what it shows, and whose it is."""
    if not is_followed(definition, context):
        return {}
    writers = state.writers if isinstance(state, FollowedForm) else {}
    typed = {} if state is None else state.values
    kept = digests_of(definition, values) if definition.operation == "update" else {}
    kept |= {n: d for n, d in getattr(state, "digests", {}).items() if n in kept}
    return {
        view.name: {
            "data_nitro_field": view.name,
            "data_nitro_seen": kept.get(view.name),
            "data_nitro_by": writers.get(view.name),
            "data_nitro_typed": view.name in typed or None,
        }
        for view in definition.fields
    }


def announcer(definition: Definition, context: RenderContext) -> Element | None:
    """Answer where `touched.js` tells screen readers what others changed."""
    if not is_followed(definition, context):
        return None
    return _p(id=f"{definition.key}-said", role="status", cls="nitro-hidden")


def form_marks(
    definition: Definition, context: RenderContext, state: FormState | None
) -> dict[str, object]:
    """Answer what the form itself says to `touched.js`."""
    if not is_followed(definition, context):
        return {}
    marks: dict[str, object] = {"data_nitro_live": True}
    if definition.operation == "delete":
        marks["data_nitro_seen"] = digest(digests_of(definition, {}))
        if isinstance(state, FollowedForm):
            marks["data_nitro_by"] = state.writers.get("")
    return marks
