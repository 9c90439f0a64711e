"""What a form carries, signed, to the browser and back."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from nitro_templates.fields.relation import is_narrowed

from .conditions import rules_of
from .definition import Definition
from .state import RefusedForm

if TYPE_CHECKING:
    from nitro_templates.context import FormState, RenderContext

FIELD = "_nitro"
STEP_PARAMETER = "step"
"""What names the step of a form in the URL of its page."""
PURPOSE = "form"


def digest(value: object) -> str:
    """Stand for a JSON-able *value*, exactly as whoever reads the form does.

    Line ends count as one, whichever they are: browsers send others than they were given.
    """
    text = json.dumps(_same_lines(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:12]).decode()


def _same_lines(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, list):
        return [_same_lines(item) for item in value]
    if isinstance(value, dict):
        return {name: _same_lines(item) for name, item in value.items()}
    return value


def digests_of(definition: Definition, values: Mapping[str, object]) -> dict[str, str]:
    """Stand for what the form shows of a stored thing; a new one has nothing to compare.

    Who deletes a thing has all of it in mind.
    """
    if definition.operation == "update":
        return {field.name: digest(values.get(field.name)) for field in definition.fields}
    if definition.operation == "delete":
        stored = definition.source.values_of(definition.thing)
        return {name: digest(value) for name, value in stored.items()}
    return {}


def payload_of(
    definition: Definition,
    values: Mapping[str, object],
    context: RenderContext,
    state: FormState | None,
) -> dict[str, object]:
    """Write down what the form may do: to which thing, with which fields, for whom."""
    digests = digests_of(definition, values)
    following = definition.redirect
    if isinstance(state, RefusedForm):
        digests.update({n: d for n, d in state.digests.items() if n in digests})
        following = state.next or following
    id = definition.id
    if definition.operation == "create":
        id = definition.source.new_id()
    payload: dict[str, object] = {
        "v": 1,
        "c": definition.source.slug,
        "i": id,
        "o": definition.operation,
        "f": [field.name for field in definition.fields],
        "d": digests,
        "p": context.url,
        "n": following,
        "k": definition.key,
        "u": context.caller_id,
        "q": [] if state is None else list(state.conflicts),
    }
    narrowed = [view.name for view in definition.fields if is_narrowed(view)]
    if narrowed:
        payload["r"] = narrowed
    if not definition.undo:
        payload["z"] = False
    if context.page_lang is not None:
        payload["l"] = context.page_lang
    shown = definition.shown
    if shown is not None:
        draft = shown.draft
        payload["s"] = shown.payload()
        payload["d"] = dict(shown.seen)
        payload["i"] = id if draft is None or draft.id is None else draft.id
        payload["p"] = with_step(context.url, shown.step.name)
    rules = rules_of(definition)
    if rules:
        payload["w"] = rules
    return payload


def with_step(url: str, step: str) -> str:
    """Answer the URL of *step* of the form on the page *url*."""
    path, _mark, query = url.partition("?")
    rest = [(name, text) for name, text in parse_qsl(query, True) if name != STEP_PARAMETER]
    return f"{path}?{urlencode([*rest, (STEP_PARAMETER, step)])}"


def current_values(definition: Definition) -> dict[str, object]:
    """Read what the inputs show when nothing was typed: the stored values, or the defaults."""
    if definition.operation == "update":
        return dict(definition.source.values_of(definition.thing))
    return {field.name: field.default for field in definition.known}
