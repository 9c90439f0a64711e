"""What a form says of the things it refers to, looked up before the form is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from nitro_events.outcomes import Invalid
from nitro_events.state import state
from nitro_events.texts import Text
from nitro_events.threads import in_thread
from nitro_templates.context import rendering
from nitro_templates.fields.describe import fields_of_signature
from nitro_templates.form.find import find_form
from nitro_templates.relations.picker import PICK, TEXT, WAS
from nitro_templates.relations.reading import Understood, names_in, understand
from nitro_templates.sources import source_of

from .context import context_of
from .rerun import page_again
from .sent import Sent

if TYPE_CHECKING:
    from nitro_events.http.inputs import Input
    from nitro_events.http.request import Request
    from nitro_templates.fields.view import FieldView

_NOT_FOUND = Text("What can be chosen here could not be looked up. Reload the page")


async def read_relations(request: Request, given: Input, payload: Mapping[str, object]) -> Input:
    """Answer *given* with the keys that were chosen or typed; `refused` says what was not found.

    Choices that a page has narrowed are those of the page: its handler is asked once more.
    Raises Invalid for the arguments of actions.
    """
    sent = Sent.with_request(request, payload)
    fields = _fields_of(sent)
    names = names_in(fields, given.values) if fields else {}
    if not names:
        return given
    narrowed = frozenset(cast("list[str]", payload.get("r") or ())) & names.keys()
    shown = await _as_shown(request, sent) if narrowed else {}
    lost = {name for name in narrowed if name not in shown}
    wanted = {name: view for name, view in names.items() if name not in lost}
    result = await in_thread(understand, wanted, given.values, shown)
    result.errors.update(dict.fromkeys(lost, _NOT_FOUND))
    return _with(given, result, sent)


def _with(given: Input, result: Understood, sent: Sent) -> Input:
    values = {n: v for n, v in given.values.items() if not n.startswith((TEXT, WAS, PICK))}
    lists = {n: v for n, v in given.lists.items() if not n.startswith((TEXT, WAS, PICK))}
    values |= result.values
    lists |= {name: [value] for name, value in result.values.items()}
    if result.errors and sent.operation not in ("create", "update"):
        raise Invalid(result.errors, {name: str(values.get(name, "")) for name in sent.fields})
    return replace(given, values=values, lists=lists, refused=result.errors)


def _fields_of(sent: Sent) -> dict[str, FieldView]:
    target = state.targets.named(sent.slug) if sent.slug else None
    if target is None or sent.operation == "delete":
        return {}
    source = source_of(target.kind)
    if sent.operation in ("create", "update"):
        fields = source.fields
    else:
        action = source.actions.get(sent.operation)
        fields = () if action is None else fields_of_signature(action.function)
    known = {view.name: view for view in fields if view.name in sent.fields}
    return known if any(_refers(view) for view in known.values()) else {}


def _refers(view: FieldView) -> bool:
    return view.reference is not None or any(_refers(inner) for inner in view.fields)


async def _as_shown(request: Request, sent: Sent) -> dict[str, FieldView]:
    """Answer the fields of the form as its page shows them now."""
    context = context_of(request, url=sent.page)
    with rendering(context):
        page = await page_again(request, sent.page)
        form = await in_thread(find_form, page, sent.key, context)
    return {} if form is None else {view.name: view for view in form.fields}
