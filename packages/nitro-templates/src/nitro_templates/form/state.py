"""A form that comes back, with what makes the next attempt safe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nitro_templates.context import FormState


@dataclass(frozen=True, slots=True)
class RefusedForm(FormState):
    """What was typed, what was wrong, and which stored values the caller has seen.

    *digests* are sealed again for the fields in it, so that a field which somebody else
    changed in the meantime is still noticed although the form is rendered anew. A field
    that is not in *values* was not touched and shows what is stored now.
    """

    digests: Mapping[str, str] = field(default_factory=dict[str, str])
    next: str | None = None
